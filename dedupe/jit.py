"""Python function -> compiled kernel, cached on disk where a folder can be written.

Numba keeps its cache beside the source or in the user's cache folder and raises where neither can
be written (read-only containers): then the kernel is compiled in memory instead of failing. Numba
also looks only at the file a kernel stands in, not at the kernels it calls and the constants it
takes from elsewhere; a cache older than any of these files is therefore thrown away whole. In an
image, where all files are of one time, each version has a folder of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.extending import intrinsic

__all__ = ["count_ones", "inner_kernel", "kernel", "trailing_zeros"]

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).parent
_CONSTANTS = frozenset({"foldtable.py", "lexicon.py", "limits.py"})
"""Files without a kernel whose numbers the compiler writes into kernels."""


def _is_source(path: Path) -> bool:
    """Whether the machine code of kernels depends on a file."""
    return path.name in _CONSTANTS or b"dedupe.jit" in path.read_bytes()


def _times(paths: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Files with when each was changed; other processes may remove some meanwhile."""
    for path in paths:
        with suppress(OSError):
            yield path, path.stat().st_mtime_ns


def _discard_stale_cache(package: Path) -> None:
    """Remove what was compiled before a source changed; at a start nearly no file is read."""
    cached = dict(_times(package.glob("**/__pycache__/*.nb[ic]")))
    oldest = min(cached.values(), default=1 << 63)
    files = _times(package.glob("**/*.py"))
    newest = max((at for path, at in files if at > oldest and _is_source(path)), default=0)
    for path, at in cached.items():
        if at < newest:
            with suppress(OSError):  # another process was quicker, or the folder is read-only
                path.unlink()


def _choose_folder(package: Path) -> None:
    """Give this version a folder of its own where NUMBA_CACHE_DIR names one for all."""
    config: Any = numba.config
    if config.CACHE_DIR:
        digest = hashlib.sha256()
        for path in sorted(package.glob("**/*.py")):
            if _is_source(path):
                digest.update(path.read_bytes())
        config.CACHE_DIR = str(Path(config.CACHE_DIR) / f"isnad-{digest.hexdigest()[:16]}")


def kernel(function: F) -> F:
    """Compile `function` to machine code that releases the GIL, from its first call on."""
    return _compile(function)


def inner_kernel(function: F) -> F:
    """A kernel for other kernels to call, which makes no array and gives none back.

    It does not count references to the arrays it takes: Numba does so at each call, with locked
    instructions, which took a fifth of the time of `align_pairs`.
    """
    return _compile(function, _nrt=False)


def _compile(function: F, **more: bool) -> F:
    options: dict[str, Any] = {"nogil": True, "nopython": True, "boundscheck": False, **more}
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
_choose_folder(_PACKAGE)
