"""What an archive promises beside parity: identity, redirects, judgements, deletion, bad input."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from archive.conftest import copies, make_article, matches_of, partition_of
from core.corpus import story

from dedupe.answers import (
    ChangeKind,
    ClusterQuery,
    Judgement,
    JudgementKind,
    Moved,
    Outcome,
)
from dedupe.archive import open_archive
from dedupe.archive.arrivals import TIED
from dedupe.config import default_config
from dedupe.errors import (
    CatalogBusy,
    CatalogMismatch,
)
from dedupe.models import Relation
from dedupe.report.encode import encode_json


def half_and_half():
    """Two stories that nothing connects, and a text that holds most of both."""
    one, other = story(1, 90), story(2, 90)
    return [
        make_article("one", " ".join(one)),
        make_article("other", " ".join(other)),
        make_article("both", " ".join(one + other)),
    ]


def test_a_copy_is_answered_with_its_cluster_relation_and_spans(archive) -> None:
    first, second = copies(1, 2)
    [alone] = archive.ingest([first])
    assert (alone.outcome, alone.nearest, alone.matches) == (Outcome.CREATED, None, ())
    [verdict] = archive.ingest([second])
    assert (verdict.cluster_id, verdict.nearest) == (alone.cluster_id, first.id)
    assert verdict.relation is Relation.IDENTICAL
    [match] = verdict.matches
    assert match.spans == ((0, len(first.body), 0, len(second.body)),)
    assert match.features
    assert archive.matches(second.id) == [match]


def test_an_article_that_comes_again_changes_nothing(archive) -> None:
    [first] = copies(1, 1)
    created = archive.ingest([first, first])
    assert [v.outcome for v in created] == [Outcome.CREATED, Outcome.REPEATED]
    before = archive.summary()
    assert archive.ingest([first])[0].outcome is Outcome.REPEATED
    assert archive.summary() == before


def revisions():
    """Five texts of one article: by modified, by published, by neither, two of one time."""
    body = story(7, 80)
    day = datetime(2026, 3, 1, tzinfo=UTC)
    texts = [" ".join([*body, *story(20 + n, 10)]) for n in range(5)]
    return [
        make_article("a", texts[0], published=None),
        make_article("a", texts[1], published=day),
        make_article("a", texts[2], published=day - timedelta(days=9), modified=day),
        make_article("a", texts[3], published=day + timedelta(days=1)),
        make_article("a", texts[4], published=day + timedelta(days=1)),
    ]


def test_the_current_revision_does_not_depend_on_the_order_of_arrival(tmp_path, clock) -> None:
    found = set()
    for number, order in enumerate(random.Random(3).sample([*itertools.permutations(range(5))], 6)):
        archive = open_archive(tmp_path / f"{number}.db", clock)
        for place in order:
            archive.ingest([revisions()[place]])
        stored = archive.article("a")
        assert len(stored.revisions) == 5
        assert [each.current for each in stored.revisions] == [True, False, False, False, False]
        found.add(stored.revision)
        archive.close()
    assert len(found) == 1


def test_one_text_with_other_metadata_is_one_revision_in_any_order(tmp_path, clock) -> None:
    body, day = " ".join(story(1, 60)), datetime(2026, 1, 1, tzinfo=UTC)
    older = make_article("a", body, published=day, url="https://paper.example/old")
    newer = make_article(
        "a", body, published=day + timedelta(days=1), url="https://paper.example/b"
    )
    kept = set()
    for number, order in enumerate([(older, newer, older), (newer, older)]):
        archive = open_archive(tmp_path / f"{number}.db", clock)
        for article in order:
            archive.ingest([article])
        stored = archive.article("a")
        assert len(stored.revisions) == 1
        kept.add(stored.article.url)
        archive.close()
    assert kept == {newer.url}


def test_a_superseded_text_is_kept_but_neither_matched_nor_current(archive) -> None:
    old, new = revisions()[1], revisions()[3]
    archive.ingest([new])
    [verdict] = archive.ingest([old])
    assert verdict.outcome is Outcome.SUPERSEDED
    assert archive.article("a").article.body == new.body
    assert archive.matches("a") == []


def test_a_revision_may_leave_its_cluster(archive) -> None:
    first, second = copies(1, 2)
    archive.ingest([first, second])
    later = second.published + timedelta(hours=1)
    other = make_article(second.id, " ".join(story(9, 100)), published=later)
    [verdict] = archive.ingest([other])
    assert (verdict.outcome, verdict.matches) == (Outcome.REVISED, ())
    assert partition_of(archive) == set()
    assert archive.article(first.id).cluster_id != verdict.cluster_id
    kinds = [change.kind for change in archive.changes(2)]
    assert kinds == [ChangeKind.SPLIT, ChangeKind.REVISED]


def test_a_merge_keeps_the_older_id_and_the_other_leads_to_it(archive) -> None:
    first, second = copies(1, 2)
    bridge = make_article("z", " ".join([*story(1, 120)[:100], *story(2, 20)]))
    archive.ingest([first])
    [other] = archive.ingest([make_article("y", " ".join(story(5, 100)))])
    archive.judge(Judgement(JudgementKind.MUST_LINK, first.id, "y"))
    kept = archive.article(first.id).cluster_id
    assert archive.cluster(other.cluster_id) == Moved(kept)
    assert archive.timeline(other.cluster_id) == Moved(kept)
    [joined, _] = archive.ingest([bridge, second])
    assert joined.cluster_id == kept
    assert archive.cluster(kept).size == 4
    assert ChangeKind.MERGED in {change.kind for change in archive.changes()}


def test_the_ledger_counts_up_and_tells_every_kind_of_change(archive) -> None:
    archive.ingest(copies(1, 3))
    archive.delete("1-0")
    changes = archive.changes()
    assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
    kinds = [change.kind.value for change in changes]
    assert kinds == ["created", "joined", "joined", "deleted"]
    assert archive.changes(after=3) == changes[3:]


def test_a_deleted_article_is_in_no_table_and_in_no_file(tmp_path, clock) -> None:
    secret = " ".join(f"geheim{word}" for word in story(4, 150))
    path = tmp_path / "archive.db"
    archive = open_archive(path, clock)
    archive.ingest([make_article("gone", secret, title="Geheimer Titel"), *copies(1, 3)])
    archive.ingest([make_article("twin", f"{secret} mehr")])
    archive.close()  # the index has files now
    archive = open_archive(path, clock)
    assert archive.delete("gone")
    assert archive.delete("twin")
    assert not archive.delete("gone")
    assert (archive.article("gone"), archive.matches("gone")) == (None, None)
    assert archive.explain("gone") is None
    assert archive.check([make_article("new", secret)])[0].matches == ()
    archive.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"geheim" not in file.read_bytes().lower(), file
    assert archive_ids(path, clock) == {"1-0", "1-1", "1-2"}


def archive_ids(path, clock):
    archive = open_archive(path, clock)
    [cluster] = partition_of(archive)
    archive.close()
    return cluster


def test_check_says_what_ingest_would_and_stores_nothing(archive) -> None:
    archive.ingest(copies(1, 2))
    before = (archive.summary(), archive.changes())
    [third] = copies(1, 3)[2:]
    [foretold] = archive.check([third])
    assert (archive.summary(), archive.changes()) == before
    [verdict] = archive.ingest([third])
    assert foretold == verdict
    assert archive.check([third])[0].outcome is Outcome.REPEATED
    [stranger] = archive.check([make_article("q", " ".join(story(50, 80)))])
    assert (stranger.cluster_id, stranger.matches) == (None, ())


@pytest.mark.parametrize("ask", ["check", "ingest"])
def test_whoever_sends_a_stored_text_again_is_warned_of_what_was_sent(archive, ask) -> None:
    [one, two] = copies(1, 2)
    archive.ingest([one])
    again = replace(one, warnings=("colour: unknown field",))
    found = getattr(archive, ask)([again, two, one])
    assert [verdict.outcome is Outcome.REPEATED for verdict in found] == [True, False, True]
    assert [verdict.warnings for verdict in found] == [again.warnings, (), ()]


def test_check_speaks_of_the_text_it_was_given_even_if_it_is_an_older_one(archive) -> None:
    one, two = copies(1, 1)[0], copies(2, 1)[0]
    archive.ingest([one, two])
    before = datetime(2020, 1, 1, tzinfo=UTC)
    [verdict] = archive.check([replace(one, body=two.body, title=two.title, published=before)])
    assert (verdict.outcome, verdict.nearest) == (Outcome.SUPERSEDED, two.id)
    assert verdict.relation is Relation.IDENTICAL
    assert partition_of(archive) == set()


def test_a_correction_without_a_time_is_told_that_its_hash_decides(archive) -> None:
    old, new = (" ".join(story(number, 40)) for number in (1, 2))
    archive.ingest([make_article("a", old, published=None)])
    later = datetime(2026, 5, 1, tzinfo=UTC)
    for article, warned in (
        (make_article("a", new, published=None), True),
        (make_article("a", old, published=None), False),
        (make_article("a", f"{new} corrected", published=None, modified=later), False),
    ):
        [foretold], [verdict] = archive.check([article]), archive.ingest([article])
        assert (TIED in verdict.warnings) is (TIED in foretold.warnings) is warned


def test_the_files_of_an_archive_are_the_owners_alone(tmp_path, clock) -> None:
    archive = open_archive(tmp_path / "own.db", clock)
    archive.ingest(copies(1, 3))
    archive.close()
    files = [tmp_path / "own.db", tmp_path / "own.db.lock", tmp_path / "own.db.index"]
    assert [path.stat().st_mode & 0o077 for path in files] == [0, 0, 0]


def test_every_step_is_explained_the_same_each_time(tmp_path, clock) -> None:
    path = tmp_path / "archive.db"
    archive = open_archive(path, clock)
    archive.ingest([*half_and_half(), *copies(1, 2)])
    explained = archive.explain("both")
    assert explained.config_id == default_config().config_id
    assert len(explained.signature) == default_config().permutations
    shared = {c.id: c for c in explained.candidates}
    assert shared["one"].kept
    assert shared["one"].match == next(
        m for m in archive.matches("both") if "one" in (m.left, m.right)
    )
    first = encode_json(explained)
    archive.close()
    archive = open_archive(path, clock)
    assert encode_json(archive.explain("both")) == first
    archive.close()


BOUNDARY = [
    make_article("x" * 512, "one two three"),
    make_article("nul\0id", "a body with\0nul in it and some words more than eight"),
    make_article("مقال/١ ?&", " ".join(story(31, 40)), title="عنوان"),
    make_article("past", " ".join(story(32, 40)), published=datetime(1800, 1, 1, tzinfo=UTC)),
    make_article("future", " ".join(story(33, 40)), published=datetime(2999, 12, 31, tzinfo=UTC)),
    make_article("empty", ""),
    make_article("half \ud800", f"{' '.join(story(34, 40))} \udfff", title="t\ud801"),
    make_article("deep", "short", metadata={"a": {"b": [1, None, {"\ud800": "\ud800"}]}}),
]  # fmt: skip


def test_boundary_values_are_stored_and_given_back(archive) -> None:
    verdicts = archive.ingest(BOUNDARY)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.CREATED}
    for article, verdict in zip(BOUNDARY, verdicts, strict=True):
        stored = archive.article(verdict.id)
        assert stored.article.body == article.body
        assert stored.article.published == article.published
        assert archive.explain(verdict.id) is not None
        encode_json(stored)
    assert [v.outcome for v in archive.ingest(BOUNDARY)] == [Outcome.REPEATED] * len(BOUNDARY)
    assert archive.clusters(ClusterQuery(title="%")).rows == ()


def test_articles_checked_together_are_told_what_each_is_told_alone(archive) -> None:
    seen = datetime(2026, 4, 1, tzinfo=UTC)
    stored = [replace(a, seen=seen) for n in range(3) for a in copies(n, 3)]
    archive.ingest(stored)
    first = stored[0]
    later, earlier = (first.published + timedelta(days=days) for days in (1, -1))
    asked = [
        first,  # stored as it is
        replace(first, body=stored[3].body, published=later),  # two more texts of one id
        replace(first, body=first.body + " More of it.", published=later),
        replace(first, body=stored[6].body, published=earlier),  # older than what is stored
        replace(stored[1], title="Another", published=later),  # matches what is asked about too
        *(replace(a, id=f"new {a.id}", outlet="new") for a in stored[::2]),
        replace(stored[4], id="alone", body=" ".join(story(99, 120))),
    ]
    asked = [replace(article, seen=seen) for article in asked]
    for evidence in (True, False):
        alone = [archive.check([article], evidence=evidence)[0] for article in asked]
        assert archive.check(asked, evidence=evidence) == alone
        assert {verdict.outcome for verdict in alone} == {*Outcome}
    with ThreadPoolExecutor(len(asked)) as pool:
        assert list(pool.map(lambda article: archive.check([article])[0], asked)) == [
            archive.check([article])[0] for article in asked
        ]


def test_callers_that_come_together_get_their_own_answers(archive) -> None:
    articles = [article for number in range(12) for article in copies(number, 3, 40)]
    random.Random(1).shuffle(articles)
    answers = {}

    def hand_in(article):
        [answers[article.id]] = archive.ingest([article], evidence=False)

    threads = [threading.Thread(target=hand_in, args=(article,)) for article in articles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: verdict.id for name, verdict in answers.items()} == {a.id: a.id for a in articles}
    assert {len(cluster) for cluster in partition_of(archive)} == {3}
    assert len(partition_of(archive)) == 12


def test_a_failure_leaves_nothing_behind(archive, monkeypatch) -> None:
    first, second, third = copies(1, 3)
    archive.ingest([first])
    core = archive._core
    with monkeypatch.context() as patched:
        patched.setattr(core, "count_up", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            archive.ingest([second])
    assert archive.article(second.id) is None
    assert archive.summary().indexed == 1
    [verdict] = archive.ingest([third])
    assert [match.left for match in verdict.matches] == [first.id]


def test_what_was_seen_before_the_window_is_found_no_more_but_kept(tmp_path, clock) -> None:
    archive = open_archive(tmp_path / "a.db", clock, window=timedelta(days=90))
    first, second, third = copies(1, 3)
    archive.ingest([first])
    clock.now += timedelta(days=91)
    archive.ingest([make_article("tick", "any")])
    assert archive.ingest([second])[0].matches == ()
    assert archive.article(first.id) is not None
    archive.close()
    archive = open_archive(tmp_path / "a.db", clock, window=timedelta(days=90))
    assert [m.left for m in archive.ingest([third])[0].matches] == [second.id]
    archive.close()


def test_an_archive_opens_again_as_it_was(tmp_path, clock) -> None:
    path = tmp_path / "archive.db"
    archive = open_archive(path, clock)
    articles = [a for number in range(5) for a in copies(number, 3)]
    archive.ingest(articles[:9])
    archive.close()
    archive = open_archive(path, clock)
    archive.ingest(articles[9:])
    expected = (partition_of(archive), matches_of(archive, [a.id for a in articles]))
    archive.drop_index_files()
    archive.close()
    archive = open_archive(path, clock)
    assert archive.summary().indexed == len(articles)
    assert (partition_of(archive), matches_of(archive, [a.id for a in articles])) == expected
    assert len(archive.check([make_article("q", articles[0].body)])[0].matches) == 3
    archive.close()


def test_two_processes_or_two_configurations_are_refused(tmp_path, clock) -> None:
    path = tmp_path / "archive.db"
    archive = open_archive(path, clock)
    with pytest.raises(CatalogBusy, match="in use by process"):
        open_archive(path, clock)
    archive.close()
    with pytest.raises(CatalogMismatch, match=r"isnad reindex .*archive\.db"):
        open_archive(path, clock, default_config().with_threshold(0.7))
    open_archive(path, clock).close()
