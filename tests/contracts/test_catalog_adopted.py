"""What every catalogue promises of clusters that a report made, and of all pairs at once."""

from __future__ import annotations

from contracts.test_catalog_contract import HIGHEST, catalog, link, store, text_row

from dedupe.answers import ChangeKind
from dedupe.archive.regrouping import CHANGES
from dedupe.catalog.rows import LedgerRow

__all__ = ["catalog"]


def test_a_redirect_tells_for_whom_an_adopted_cluster_was_made(catalog) -> None:
    """Its number is of the report that made it, not of the line that says so."""
    adopted = HIGHEST - 5
    with catalog.writing() as writer:
        writer.add_changes(
            [
                LedgerRow(1, 0, CHANGES.index(ChangeKind.CREATED), adopted, "first", None),
                LedgerRow(2, 0, CHANGES.index(ChangeKind.JOINED), adopted, "second", None),
                LedgerRow(3, 0, CHANGES.index(ChangeKind.SPLIT), 3, "third", None),
            ]
        )
        writer.move_clusters([(adopted, 9), (3, 9)])
        assert writer.moved_into([9]) == [(3, 9, "third"), (adopted, 9, "first")]


def test_all_pairs_go_with_those_that_wait(catalog) -> None:
    store(catalog, [text_row(1, "a"), text_row(2, "b")], [link(1, 2)])
    with catalog.writing() as writer:
        writer.add_waiting([link(1, 2)])
        writer.drop_links()
        assert (writer.links([1, 2]), writer.waiting([1, 2])) == ([], [])
