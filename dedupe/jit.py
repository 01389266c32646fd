"""Python function -> compiled kernel, cached on disk where a folder can be written.

Numba keeps its cache beside the source or in the user's cache folder and raises where neither can
be written (read-only containers): then the kernel is compiled in memory instead of failing. Numba
also looks only at the file a kernel stands in, not at the kernels it calls; a cache older than any
of our kernel modules is therefore thrown away whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

__all__ = ["kernel"]

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).parent


def _discard_stale_cache(package: Path) -> None:
    sources = [path for path in package.glob("**/*.py") if b"dedupe.jit" in path.read_bytes()]
    newest = max((path.stat().st_mtime_ns for path in sources), default=0)
    for folder in {path.parent / "__pycache__" for path in sources}:
        for cached in folder.glob("*.nb[ic]"):
            try:
                if cached.stat().st_mtime_ns < newest:
                    cached.unlink()
            except OSError:  # another process was quicker, or the folder is read-only
                continue


def kernel(function: F) -> F:
    """Compile `function` to machine code that releases the GIL, from its first call on."""
    options: dict[str, Any] = {"nogil": True, "nopython": True, "boundscheck": False}
    try:
        return cast(F, numba.jit(**options, cache=True)(function))
    except RuntimeError:  # "no locator available": nowhere to write the cache
        return cast(F, numba.jit(**options)(function))


_discard_stale_cache(_PACKAGE)
