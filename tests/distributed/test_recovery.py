"""What failed half-way: numbers are given once, and recovery brings nothing deleted back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from archive.conftest import partition_of
from distributed.test_shared_archive import Died, check_consistent, copies, hooked

from dedupe.answers import Outcome
from dedupe.archive import recovering
from dedupe.archive.phases import Step
from dedupe.archive.shared import SharedArchive
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.catalog.writer import Writer
from dedupe.records import hash_rest

pytestmark = pytest.mark.servers

Open = Callable[..., SharedArchive]
LONG_AGO = timedelta(seconds=-1)


def leave_pending(open_shared: Open, step: Step, *articles: object) -> None:
    archive, hook = hooked(open_shared)
    for article in articles:
        hook.die_at(step)
        with pytest.raises(Died):
            archive.ingest([article])


def test_numbers_of_a_transaction_that_failed_are_not_given_by_two_processes(
    open_shared: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = open_shared(), open_shared()
    storing = one._core.catalog.storing

    @contextmanager
    def fail_to_commit() -> Iterator[Writer]:
        with storing() as writer:
            yield writer
            raise OSError("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(one._core.catalog, "storing", fail_to_commit)
        with pytest.raises(OSError, match="went away"):
            one.ingest(copies(1, 2))
    given = [archive._core.reserve_numbers(3) for archive in (other, one)]
    assert len({number for numbers in given for number in numbers}) == 6


def test_an_article_sent_again_before_it_is_stored_is_one_text_and_came_first_when_it_did(
    open_shared: Open,
) -> None:
    """The queue notes when each came: that makes no other record of the same article."""
    times = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9)]
    (article,) = copies(1, 1)
    first, second, *more = (replace(article, seen=time, seen_here=True) for time in times)
    leave_pending(open_shared, Step.STORED, first)
    archive = open_shared()
    assert [verdict.outcome for verdict in archive.ingest([second])] == [Outcome.CREATED]
    for again in more:  # one at a time; of two records half would replace the other
        assert [verdict.outcome for verdict in archive.ingest([again])] == [Outcome.REPEATED]
    with archive._core.catalog.reading() as reader:
        numbers = {state: reader.numbers(state).tolist() for state in (PENDING, CURRENT)}
    assert (numbers[PENDING], len(numbers[CURRENT])) == ([], 1)
    stored = archive.article(article.id)
    assert stored is not None
    assert stored.article.seen == times[0]
    stated = replace(article, seen=times[3])
    assert hash_rest(stated) != hash_rest(first) == hash_rest(article)


@pytest.mark.parametrize("late", ["_claim", "take"])
def test_an_article_that_is_deleted_while_others_recover_it_stays_deleted(
    open_shared: Open, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    gone, kept = copies(1, 2)
    leave_pending(open_shared, Step.PUBLISHED, gone, kept)
    archive = open_shared()
    go_on, deleted = getattr(recovering, late), []

    def delete_first(*arguments: object) -> object:
        deleted.append(deleted or archive.delete(gone.id))
        return go_on(*arguments)

    monkeypatch.setattr(recovering, late, delete_first)
    assert archive.recover(LONG_AGO) == 1
    assert deleted[0] is True
    assert archive.article(gone.id) is None
    assert [match.left for match in archive.matches(kept.id)] == []
    check_consistent(archive)


def test_a_record_that_a_later_one_of_the_same_text_overtook_is_recovered_once(
    open_shared: Open,
) -> None:
    first, second = copies(1, 2)
    leave_pending(open_shared, Step.STORED, first)
    archive = open_shared()
    archive.ingest([replace(first, outlet="moved", published=first.published + LONG_AGO * -60)])
    archive.ingest([second])
    assert archive.recover(LONG_AGO) == 1
    assert archive.article(first.id).article.outlet == "moved"
    assert partition_of(archive) == {frozenset({first.id, second.id})}
    check_consistent(archive)
