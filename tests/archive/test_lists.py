"""Lists of clusters and outlets, and two stored articles side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from archive.conftest import make_article
from archive.test_archive import copies
from core.corpus import story

from dedupe.answers import ClusterQuery
from dedupe.errors import CursorInvalid


def test_pages_go_on_and_refuse_foreign_cursors(archive) -> None:
    archive.ingest([a for number in range(7) for a in copies(number, 2 + number % 3)])
    for sort in ("size", "newest", "spread"):
        whole = archive.clusters(ClusterQuery(sort=sort)).rows
        walked, cursor = [], None
        while True:
            page = archive.clusters(ClusterQuery(sort=sort, limit=3, cursor=cursor))
            walked += page.rows
            cursor = page.next
            if cursor is None:
                break
        assert tuple(walked) == whole
        assert len(whole) == 7
    size_cursor = archive.clusters(ClusterQuery(limit=3)).next
    for cursor in ("", "x", "WyJzaXplIiwxLCJhIl0", "é" * 9000, f"{size_cursor}A"):
        with pytest.raises(CursorInvalid):
            archive.clusters(ClusterQuery(cursor=cursor))
    with pytest.raises(CursorInvalid):
        archive.clusters(ClusterQuery(sort="newest", cursor=size_cursor))


def test_clusters_are_filtered_by_what_their_members_are(archive) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    for number, lang in ((1, "ar"), (2, "en-GB")):
        archive.ingest(
            [
                make_article(f"{number}-{n}", " ".join(story(number, 60)), lang=lang,
                             outlet=f"O{number}", published=day + timedelta(days=number))
                for n in range(1 + number)
            ]
        )  # fmt: skip

    def count(**query):
        return len(archive.clusters(ClusterQuery(**query)).rows)

    assert (count(), count(lang="ar"), count(lang="en"), count(lang="e")) == (2, 1, 1, 0)
    assert (count(outlet="O1"), count(outlet="nobody"), count(min_size=3)) == (1, 0, 1)
    assert (count(since=day + timedelta(days=2)), count(until=day + timedelta(days=1))) == (1, 1)
    assert count(title=story(1, 60)[1].upper()) == 1


def test_outlets_tell_whom_they_carry(archive) -> None:
    text = " ".join(story(3, 90))
    day = datetime(2026, 3, 1, tzinfo=UTC)
    archive.ingest(
        [
            make_article("o", text, outlet="Source Post", published=day),
            make_article("c", f"{text}\n\nThis article was originally published by Source Post.",
                         outlet="Carrier Daily", published=day + timedelta(hours=2)),
        ]
    )  # fmt: skip
    rows = {row.key: row for row in archive.outlets().rows}
    assert (rows["Source Post"].copied, rows["Source Post"].carried) == (0, 1)
    assert (rows["Carrier Daily"].copied, rows["Carrier Daily"].carried) == (1, 0)
    [flow] = archive.outlet("Carrier Daily").carries
    assert (flow.outlet, flow.articles, flow.credited) == ("Source Post", 1, 1)
    assert archive.outlet("Source Post").carried_by[0].outlet == "Carrier Daily"
    assert archive.outlet("nobody") is None


def test_stored_articles_are_compared_word_by_word(archive) -> None:
    words = story(3, 60)
    archive.ingest([make_article("a", " ".join(words)), make_article("b", " ".join(words[:-1]))])
    forth, back = archive.compare("a", "b"), archive.compare("b", "a")
    assert (forth.match.left, back.match.left) == ("a", "b")
    assert forth.match.containment_right == back.match.containment_left == 1.0
    [cut], [added] = forth.differences, back.differences
    assert (cut.change, added.change) == ("delete", "insert")
    assert archive.compare("a", "nobody") is None
