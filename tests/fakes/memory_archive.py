"""An archive in memory that knows equal texts only: for what HTTP does around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from dedupe.answers import Change, ChangeKind, Counts, Outcome, StoredArticle, Verdict
from dedupe.archive.protocol import Finish
from dedupe.models import Article, Provenance, text_hash
from service.app import create_app
from service.limits import Limits


class MemoryArchive:
    """Stores articles by id; every article is a cluster of its own."""

    def __init__(self) -> None:
        self.held: dict[str, Article] = {}
        self.batches: list[int] = []
        self.prepared: list[tuple[bool, list[str]]] = []

    def prepare(
        self, articles: Sequence[Article], *, stored: bool = True, here: bool = False
    ) -> Sequence[Article]:
        self.prepared.append((here, [article.id for article in articles]))
        return articles

    def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[Verdict]:
        self.batches.append(len(articles))
        verdicts = self.check(articles)
        self.held |= {article.id: article for article in articles}
        return verdicts

    def begin(self, articles: Sequence[Article], *, evidence: bool = True) -> Finish:
        return lambda: self.ingest(articles, evidence=evidence)

    def check(self, articles: Sequence[Article], *, evidence: bool = True) -> list[Verdict]:
        return [self._judge(article) for article in articles]

    def _judge(self, article: Article) -> Verdict:
        known = self.held.get(article.id)
        revision = text_hash(article.title, article.body)
        outcome = Outcome.CREATED if known is None else Outcome.REVISED
        if known is not None and text_hash(known.title, known.body) == revision:
            outcome = Outcome.REPEATED
        provenance = Provenance(None, None, 0.0)
        return Verdict(
            article.id,
            revision,
            outcome,
            "c-" + article.id,
            None,
            None,
            (),
            None,
            provenance,
            article.warnings,
        )

    def article(self, id_: str) -> StoredArticle | None:
        found = self.held.get(id_)
        if found is None:
            return None
        return StoredArticle(found, text_hash(found.title, found.body), (), None, "c-" + id_)

    def delete(self, id_: str) -> bool:
        return self.held.pop(id_, None) is not None

    def changes(self, after: int = 0, limit: int = 100) -> list[Change]:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        made = [
            Change(number, at, ChangeKind.CREATED, "c-" + id_, id_)
            for number, id_ in enumerate(self.held, 1)
        ]
        return made[after : after + limit]

    def summary(self) -> Counts:
        count = len(self.held)
        return Counts(count, count, 0, 0)


def make_client(
    archive: Any = None, limits: Limits | None = None, **more: Any
) -> tuple[FlaskClient, MemoryArchive]:
    """A client of a fresh app over a fresh archive."""
    archive = archive or MemoryArchive()
    settings: Any = SimpleNamespace(limits=limits or Limits())
    app: Flask = create_app(settings, archive, **more)
    return app.test_client(), archive
