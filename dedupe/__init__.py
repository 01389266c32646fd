"""Isnad's core: fingerprint news articles, cluster republications, say where they come from.

Importing this package loads nothing heavy; take what is needed from its modules.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
