"""What a report is made of, whichever engine made it: structural types, no code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Protocol

from dedupe.models import Cluster

__all__ = ["Reportable", "SummaryLike", "UiLanguage"]

UiLanguage = Literal["ar", "en"]


class SummaryLike(Protocol):
    """Counts of one run; a frozen dataclass in practice, so that it serialises as it stands."""

    @property
    def articles(self) -> int:
        """Articles read."""

    @property
    def rejected(self) -> int:
        """Records that could not become articles."""

    @property
    def repeated(self) -> int:
        """Records that repeat a revision already read."""

    @property
    def revisions(self) -> int:
        """Further texts of an id already read."""

    @property
    def languages(self) -> Mapping[str, int]:
        """Articles by language."""

    @property
    def candidates(self) -> int:
        """Pairs looked at."""

    @property
    def matches(self) -> Mapping[str, int]:
        """Verified pairs by relation."""

    @property
    def clusters(self) -> int:
        """Clusters found."""

    @property
    def clustered(self) -> int:
        """Articles that stand in clusters."""

    @property
    def credited(self) -> int:
        """Articles that credit an outlet or agency."""

    @property
    def capped_keys(self) -> int:
        """Candidate keys above the bucket cap."""

    @property
    def skipped_keys(self) -> int:
        """Passage keys skipped as boilerplate."""

    @property
    def seconds(self) -> Mapping[str, float]:
        """Wall time by stage."""

    @property
    def config_id(self) -> str:
        """Configuration the run was made with."""


class Reportable(Protocol):
    """The result of a run."""

    @property
    def summary(self) -> SummaryLike:
        """Counts of the run, known before the clusters are walked."""

    def clusters(self) -> Iterator[Cluster]:
        """Walk the clusters, largest first, then by id."""
