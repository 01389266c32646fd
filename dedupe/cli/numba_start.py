"""Numba, loaded without what our kernels never call."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

__all__ = ["load_numba"]

_WITH_BLAS = "numba.np.arraymath"
_UNUSED = ("scipy", "coverage")


def load_numba() -> None:
    """Import Numba while SciPy and coverage are hidden from it, and NumPy with one thread of BLAS.

    Numba looks for SciPy's BLAS, which takes 0.2 s of every start; no kernel of ours multiplies
    matrices. Its look for lines covered by tests takes 0.03 s, and each thread that OpenBLAS starts
    waits busily for work for 0.1 s. Only for a command, whose process is ours: a program that uses
    the packages may have kernels and matrices of its own.
    """
    if _WITH_BLAS in sys.modules or "scipy" in sys.modules:
        return
    if "numpy" not in sys.modules:
        os.putenv("OPENBLAS_NUM_THREADS", "1")
    hidden = [name for name in _UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # the import system's way to hide one
    try:
        import_module(_WITH_BLAS)
    finally:
        for name in hidden:
            del sys.modules[name]
    _load_kernels_alone()


def _load_kernels_alone() -> None:
    """Have kernels loaded from their cache without all that Numba can compile: 0.15 s of a start.

    Numba registers it, 60 modules of it, before it looks into a cache. Where a kernel is not there
    the compiler registers it then, first of all. A Numba that is made otherwise is left as it is.
    """
    try:
        from numba.core.caching import Cache
        from numba.core.runtime.nrt import rtsys
    except ImportError:
        return

    def load_overload(self: Any, sig: Any, target_context: Any) -> Any:  # noqa: ANN401
        rtsys.initialize(target_context)  # what `refresh` does first; kernels are linked with it
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    known = {"load_overload", "_load_overload", "_guard_against_spurious_io_errors"}
    if known <= vars(Cache).keys() and hasattr(rtsys, "initialize"):
        Cache.load_overload = load_overload  # type: ignore[method-assign]
