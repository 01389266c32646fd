"""What every catalogue promises of counts and lists over the whole of it."""

from __future__ import annotations

import pytest
from contracts.test_catalog_contract import catalog, facts, store, text_row

from dedupe.answers import ChangeKind
from dedupe.archive.regrouping import CHANGES
from dedupe.catalog.counts import (
    DAY,
    article_days,
    born_since,
    cluster_days,
    count_between,
    edges,
    last_changes,
    ledger_of,
    living_since,
    merged_into,
    newest_time,
    time_steps,
    uncredited_page,
)
from dedupe.catalog.rows import LedgerRow
from dedupe.catalog.tables import SUPERSEDED

__all__ = ["catalog"]

HOUR = DAY // 24


@pytest.fixture
def counted(catalog):
    """Two outlets that carry a third one, a cluster of three and one of two."""
    day = 20_000 * DAY
    rows = [
        text_row(1, "a", outlet_key="agency", published=day, cluster=1, credit="original"),
        text_row(2, "b", outlet_key="post", seen=day + HOUR, cluster=1, credit="credited",
                 origin="agency"),
        text_row(3, "c", outlet_key="sun", published=day + DAY, cluster=1, credit="uncredited",
                 origin="agency"),
        text_row(4, "d", outlet_key="post", published=day, cluster=4, credit="original"),
        text_row(5, "e", outlet_key="sun", published=day + 2 * HOUR, cluster=4,
                 credit="uncredited", origin="post"),
        text_row(6, "f", outlet_key="sun", cluster=6, credit="original"),
        text_row(7, "g", b"old", outlet_key="sun", published=day, state=SUPERSEDED),
    ]  # fmt: skip
    store(catalog, rows)
    with catalog.writing() as writer:
        writer.put_clusters(
            [
                facts(1, size=3, outlets=3, first=day, newest=day + DAY, credited=1, uncredited=1),
                facts(4, size=2, outlets=2, first=day, newest=day + 2 * HOUR, uncredited=1),
                facts(6, size=1),
            ]
        )
        kinds = [CHANGES.index(kind) for kind in (ChangeKind.CREATED, ChangeKind.JOINED)]
        writer.add_changes(
            [LedgerRow(n, n, kinds[n > 1], 1, f"a{n}", None) for n in range(1, 6)]
            + [LedgerRow(6, 6, kinds[0], 4, "d", None)]
        )
        writer.move_clusters([(9, 1)])
    return catalog


def test_days_count_current_texts_and_clusters_of_several(counted):
    with counted.reading() as reader:
        assert article_days(reader) == [
            (20_000, "credited", 1),
            (20_000, "original", 2),
            (20_000, "uncredited", 1),
            (20_001, "uncredited", 1),
        ]
        assert cluster_days(reader) == [(20_000, 2, 5, 1, 2)]


def test_clusters_of_a_span_of_time_are_ranked(counted):
    day = 20_000 * DAY
    with counted.reading() as reader:
        assert newest_time(reader, day + 2 * DAY) == day + DAY
        assert newest_time(reader, day + DAY - 1) == day + 2 * HOUR
        assert newest_time(reader, day) is None
        assert [c.number for c in living_since(reader, day + 3 * HOUR, 5)] == [1]
        assert [c.number for c in living_since(reader, day, 5)] == [1, 4]
        assert [c.number for c in born_since(reader, day, day, 1)] == [1]
        assert count_between(reader, [1, 4, 6], day, day + HOUR) == {1: 2, 4: 1, 6: 0}
        steps = time_steps(reader, [1, 4, 6])
        assert [[n for n, count in enumerate(steps[c]) if count] for c in (1, 4, 6)] == [
            [0, 23],
            [0, 23],
            [],
        ]
        assert [sum(steps[cluster]) for cluster in (1, 4, 6)] == [3, 2, 0]


def test_flows_are_counted_by_pair_of_outlets(counted):
    with counted.reading() as reader:
        assert edges(reader, 9) == [
            ("agency", "post", 1, 1, 0),
            ("agency", "sun", 1, 0, 1),
            ("post", "sun", 1, 0, 1),
        ]
        both = edges(reader, carriers=["post"], sources=["post"])
        assert [edge.carrier for edge in both] == ["post", "sun"]
        assert [edge.carrier for edge in edges(reader, sources=["agency"])] == ["post", "sun"]
        assert [edge.source for edge in edges(reader, carriers=["post"])] == ["agency"]


def test_uncredited_texts_are_listed_from_either_side(counted):
    with counted.reading() as reader:
        assert [row.id for row in uncredited_page(reader, "sun", 9, None, carried=False)] == [
            "e",
            "c",
        ]
        assert [row.id for row in uncredited_page(reader, "sun", 9, 5, carried=False)] == ["c"]
        assert [row.id for row in uncredited_page(reader, "agency", 9, None, carried=True)] == ["c"]


def test_the_ledger_is_read_from_its_end(counted):
    created = CHANGES.index(ChangeKind.CREATED)
    with counted.reading() as reader:
        assert [row.sequence for row in last_changes(reader, 2)] == [6, 5]
        assert [row.sequence for row in ledger_of(reader, [1], 2)] == [5, 4]
        assert [row.sequence for row in ledger_of(reader, [1, 4], 9, [created])] == [6, 1]
        assert merged_into(reader, 1, 9) == [9]
