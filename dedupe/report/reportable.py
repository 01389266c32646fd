"""What a report is made of, whichever engine made it: structural types, no code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

from dedupe.models import Cluster, Summary

__all__ = ["Reportable", "UiLanguage"]

UiLanguage = Literal["ar", "en"]


class Reportable(Protocol):
    """The result of a run."""

    @property
    def summary(self) -> Summary:
        """Counts of the run, known before the clusters are walked."""

    def clusters(self) -> Iterator[Cluster]:
        """Walk the clusters, largest first, then by id."""
