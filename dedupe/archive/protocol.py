"""What the HTTP routes, the commands and the workers may ask of the engine.

Every method may be called from any thread. Ids are opaque text. Errors are `IsnadError`s:
`CursorInvalid` for a cursor that was not given out, `JudgementInvalid`, `ArticleMissing` where a
judgement names an unknown id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dedupe.answers import (
    Change,
    ClusterQuery,
    ClusterRow,
    Counts,
    Explanation,
    Judgement,
    JudgementRecord,
    Moved,
    OutletRecord,
    OutletRow,
    Page,
    StoredArticle,
    TimelinePoint,
    Verdict,
)
from dedupe.archive.overview import Overview
from dedupe.archive.preparing import Offered
from dedupe.models import Article, Cluster, Match
from dedupe.report.comparison import Comparison
from dedupe.report.reportable import Reportable

__all__ = ["Archive", "Finish"]


Finish = Callable[[], list[Verdict]]


class Archive(Protocol):
    """All that is known, and what a new article is to it."""

    @property
    def overview(self) -> Overview:
        """Counts, flows and histories for people who look at all of it."""

    def prepare(
        self, articles: Sequence[Article], *, stored: bool = True, here: bool = False
    ) -> Sequence[Offered]:
        """Begin to read articles that are going to be given to `ingest`, or `check`, in a moment.

        Worth it where something else is done meanwhile, and with a few articles at once; whatever
        is returned stands for them. `stored` False: they are only checked. `here`: they are read
        when this returns, by the caller, who would wait for others otherwise.
        """

    def ingest(self, articles: Sequence[Offered], *, evidence: bool = True) -> list[Verdict]:
        """Store articles and answer each, in order; nothing is acknowledged before it is durable.

        `evidence` False leaves spans and features out of the matches, which a stream can do
        without. Callers that come together share a transaction. Raises TextLost where reading an
        article ends whoever reads it.
        """

    def begin(self, articles: Sequence[Offered], *, evidence: bool = True) -> Finish:
        """Do what can be done of `ingest` while other articles are being stored.

        The rest is done by the call that is returned, once; nothing is acknowledged before.
        """

    def check(self, articles: Sequence[Offered], *, evidence: bool = True) -> list[Verdict]:
        """Say what `ingest` would say of each article by itself, and store nothing."""

    def article(self, article: str) -> StoredArticle | None:
        """The current text of an id with all that is known of it."""

    def revision(self, article: str, revision: str) -> StoredArticle | None:
        """One text of an id by the hash that `article` lists; None where there is none such."""

    def matches(self, article: str) -> list[Match] | None:
        """Its verified pairs with spans and features, by the other id; None for an unknown id."""

    def match_page(
        self, article: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page[Match] | None:
        """The same, some at a time; raises CursorInvalid."""

    def closest(self, article: str, limit: int) -> tuple[list[Match], int] | None:
        """Its most similar pairs without spans and features, and how many there are of all."""

    def explain(self, article: str) -> Explanation | None:
        """Every step from its text to its cluster."""

    def delete(self, article: str) -> bool:
        """Remove an article from every table and the file; False for an unknown id."""

    def clusters(self, query: ClusterQuery) -> Page[ClusterRow]:
        """Clusters of two or more articles; raises CursorInvalid."""

    def cluster(self, cluster_id: str) -> Cluster | Moved | None:
        """A cluster (also one of a single article), or where it went."""

    def timeline(self, cluster_id: str) -> list[TimelinePoint] | Moved | None:
        """The members of a cluster in time."""

    def outlets(self, *, cursor: str | None = None, limit: int = 50) -> Page[OutletRow]:
        """Outlets, those with most articles first; raises CursorInvalid."""

    def outlet(self, key: str) -> OutletRecord | None:
        """An outlet by its key, or by its name where it has none."""

    def compare(self, left: str, right: str) -> Comparison | None:
        """What turns one stored article into another; None where an id is unknown."""

    def changes(self, after: int = 0, limit: int = 100) -> list[Change]:
        """Lines of the ledger after a sequence number."""

    def judge(self, judgement: Judgement) -> JudgementRecord:
        """Record a judgement and cluster again; raises ArticleMissing, JudgementInvalid."""

    def judgements(
        self, *, cursor: str | None = None, limit: int = 50, withdrawn: bool = True
    ) -> Page[JudgementRecord]:
        """Judgements, the newest first; raises CursorInvalid."""

    def withdraw(self, number: int, who: str = "") -> JudgementRecord | None:
        """Take a judgement back and cluster again; None for an unknown number."""

    def summary(self) -> Counts:
        """How much there is."""

    def report(self, min_size: int = 2) -> Reportable:
        """What the writers of `dedupe.report` take; read while it is written."""

    def close(self) -> None:
        """Finish what was begun and let go of the files."""
