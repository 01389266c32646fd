"""Spans and features of a pair: of the verification that found it, or aligned once more."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from archive.conftest import copies, make_article
from core.corpus import story

from dedupe.catalog.catalog import FileCatalog


def test_evidence_is_the_same_whoever_asks_and_when(archive) -> None:
    chance = random.Random(4)
    bodies = [story(1, 200), story(2, 200)]
    bodies += [[w if chance.random() < 0.9 else "x" for w in bodies[n % 2]] for n in range(6)]
    articles = [make_article(f"a{n}", " ".join(words)) for n, words in enumerate(bodies)]
    foretold = {}
    for first in range(0, len(articles), 4):  # pairs inside a batch, and with the one before
        some = articles[first : first + 4]
        foretold |= {verdict.id: verdict.matches for verdict in archive.check(some)}
        told = archive.ingest(some)
        again, [bare, shown] = archive.ingest(some), archive.check(some[:2])
        assert [v.matches for v in told] == [v.matches for v in again]
        assert bare.matches == told[0].matches
        assert shown.matches == told[1].matches
        for verdict in told:
            known = archive.matches(verdict.id)  # aligned again
            assert {m.left + m.right: m for m in verdict.matches} == {
                m.left + m.right: m for m in known
            }
            assert all(match.spans and match.features for match in known)
    assert all(m.spans for name in ("a4", "a7") for m in foretold[name])
    assert len(foretold["a7"]) >= 2
    assert not archive.ingest(articles[:1], evidence=False)[0].matches[0].features


def test_what_could_not_be_made_durable_is_told_to_nobody(archive, monkeypatch) -> None:
    first, second = copies(1, 2)
    archive.ingest([first])
    commits = []

    def refuse(_catalog, transaction):
        commits.append(transaction)
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(FileCatalog, "_commit", refuse)
        with pytest.raises(OSError, match="no space"):
            archive.ingest([second])
    assert len(commits) == 1
    assert archive.article(second.id) is None
    assert archive.matches(first.id) == []
    [third] = archive.ingest([replace(second, id="third")])  # meets the one that is stored alone
    assert [(match.left, match.right) for match in third.matches] == [(first.id, "third")]
    assert third.matches[0].spans
