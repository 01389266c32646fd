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
import numpy as np
from numba.extending import intrinsic

__all__ = ["count_ones", "kernel", "trailing_zeros"]

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


def _instruction(name: str, *flags: bool) -> Any:  # noqa: ANN401 - Numba has no types
    """An instruction of the processor on a uint64, which NumPy has no name for."""

    def declare(typing_context: Any, value: Any) -> Any:  # noqa: ANN401
        def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:  # noqa: ANN401
            constants = [context.get_constant(numba.types.boolean, flag) for flag in flags]
            return getattr(builder, name)(values[0], *constants)

        return numba.types.uint64(numba.types.uint64), generate

    return intrinsic(declare)


trailing_zeros: Callable[[np.uint64], np.uint64] = _instruction("cttz", True)
"""In kernels: the place of the lowest bit set; of 0, undefined."""
count_ones: Callable[[np.uint64], np.uint64] = _instruction("ctpop")
"""In kernels: how many bits are set."""

_discard_stale_cache(_PACKAGE)
