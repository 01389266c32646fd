"""Numba, loaded without what our kernels never call."""

from __future__ import annotations

import sys
from importlib import import_module

__all__ = ["load_numba"]

_WITH_BLAS = "numba.np.arraymath"


def load_numba() -> None:
    """Import Numba while SciPy is hidden from it.

    Numba looks for SciPy's BLAS, which takes 0.2 s of every start; no kernel of ours multiplies
    matrices. Only for a command, whose process is ours: a program that uses the packages may have
    kernels that do.
    """
    if _WITH_BLAS in sys.modules or "scipy" in sys.modules:
        return
    sys.modules["scipy"] = None  # type: ignore[assignment]  # the import system's way to hide one
    try:
        import_module(_WITH_BLAS)
    finally:
        del sys.modules["scipy"]
