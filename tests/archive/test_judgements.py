"""What people decide about articles: taken, applied, kept through what comes later, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from archive.conftest import copies, make_article, partition_of
from core.corpus import story

from dedupe.answers import ClusterQuery, Judgement, JudgementKind, Moved
from dedupe.errors import ArticleMissing, JudgementInvalid
from dedupe.models import Credit


def test_judgements_unite_and_separate_and_survive_what_comes_later(archive) -> None:
    one, two, three = copies(1, 3)
    far = make_article("far", " ".join(story(8, 70)))
    archive.ingest([one, two, far])
    apart = archive.judge(Judgement(JudgementKind.CANNOT_LINK, two.id, one.id, "me", "not a copy"))
    archive.judge(Judgement(JudgementKind.MUST_LINK, one.id, "far"))
    assert partition_of(archive) == {frozenset({one.id, "far"})}
    archive.ingest([three])
    for cluster in partition_of(archive):
        assert not {one.id, two.id} <= cluster
    later = one.published + timedelta(hours=1)
    archive.ingest([make_article("far", " ".join(story(9, 70)), published=later)])
    assert archive.article("far").cluster_id == archive.article(one.id).cluster_id
    archive.withdraw(apart.number, "you")
    assert partition_of(archive) == {frozenset({one.id, two.id, three.id, "far"})}
    listed = archive.judgements().rows
    assert [record.withdrawn is None for record in listed] == [True, False]


def test_a_pinned_original_is_the_original_and_can_be_taken_back(archive) -> None:
    archive.ingest(copies(1, 3))
    cluster_id = archive.article("1-2").cluster_id
    before = archive.cluster(cluster_id).provenance
    record = archive.judge(
        Judgement(JudgementKind.PIN_ORIGINAL, "1-2", None, "me", "they wrote it")
    )
    pinned = archive.cluster(cluster_id)
    assert (pinned.provenance.original, pinned.provenance.confidence) == ("1-2", 1.0)
    assert pinned.members[0].id == "1-2"
    assert pinned.members[0].credit is Credit.ORIGINAL
    [row] = archive.clusters(ClusterQuery()).rows
    assert row.original == "1-2"
    archive.withdraw(record.number)
    assert archive.cluster(cluster_id).provenance == before


def test_an_undone_merge_gives_the_cluster_its_own_id_back(archive) -> None:
    made = [archive.ingest([make_article(name, " ".join(story(n, 60)))])[0]
            for n, name in enumerate("abc")]  # fmt: skip
    first, second, third = (verdict.cluster_id for verdict in made)
    undo = [archive.judge(Judgement(JudgementKind.MUST_LINK, *pair)) for pair in ("ab", "bc")]
    assert archive.cluster(second) == archive.cluster(third) == Moved(first)
    archive.withdraw(undo[0].number)
    assert [m.id for m in archive.cluster(second).members] == ["b", "c"]
    assert archive.cluster(third) == Moved(second)
    archive.withdraw(undo[1].number)
    assert [len(archive.cluster(name).members) for name in (first, second, third)] == [1, 1, 1]
    kinds = [(change.kind.value, change.cluster_id, change.other) for change in archive.changes()]
    assert ("split", second, first) in kinds
    assert ("split", third, second) in kinds


def test_two_originals_of_one_cluster_are_refused(archive) -> None:
    archive.ingest([*copies(1, 2), *copies(2, 1)])
    pin = archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, "1-0", None))
    with pytest.raises(JudgementInvalid, match=r"judgement 1 says that 1-0 is the original"):
        archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, "1-1", None))
    archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, "2-0", None))
    archive.withdraw(pin.number)
    archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, "1-1", None))


LINK, APART, PIN = JudgementKind.MUST_LINK, JudgementKind.CANNOT_LINK, JudgementKind.PIN_ORIGINAL


@pytest.mark.parametrize(
    ("before", "refused", "told"),
    [
        ([(APART, 0, 2), (LINK, 0, 1)], (LINK, 1, 2), "judgements 1, 2 together say the opposite"),
        ([(LINK, 0, 1), (LINK, 1, 2)], (APART, 0, 2), "judgements 1, 2 together say the opposite"),
        (
            [(LINK, 0, 1), (LINK, 2, 3), (APART, 3, 0)],
            (LINK, 2, 1),
            "judgements 1, 2, 3 together say the opposite",
        ),
        ([(PIN, 0, None), (PIN, 1, None)], (LINK, 1, 0), "1 says that 0 is .* 2 says that 1 is"),
        (
            [(PIN, 0, None), (LINK, 1, 2), (PIN, 1, None)],
            (LINK, 0, 2),
            "1 says that 0 is .* 3 says that 1 is",
        ),
    ],
)
def test_judgements_that_contradict_over_others_are_refused(archive, before, refused, told) -> None:
    archive.ingest([make_article(str(n), " ".join(story(20 + n, 60))) for n in range(4)])

    def judge(kind, left, right):
        return archive.judge(Judgement(kind, str(left), None if right is None else str(right)))

    taken = [judge(*said) for said in before]
    partition = partition_of(archive)
    with pytest.raises(JudgementInvalid, match=told):
        judge(*refused)
    assert partition_of(archive) == partition
    assert len(archive.judgements().rows) == len(before)
    archive.withdraw(taken[0].number)
    judge(*refused)


def test_a_pin_and_pairs_within_its_cluster_go_together(archive) -> None:
    archive.ingest([*copies(1, 3), *copies(2, 2)])
    archive.judge(Judgement(PIN, "1-0", None))
    archive.judge(Judgement(LINK, "1-1", "1-2"))
    archive.judge(Judgement(LINK, "1-1", "2-0"))
    archive.judge(Judgement(APART, "1-0", "1-2"))
    assert archive.article("1-1").cluster_id == archive.article("2-0").cluster_id
    assert archive.article("1-0").cluster_id != archive.article("1-2").cluster_id


def test_a_judgement_that_makes_no_sense_is_refused(archive) -> None:
    archive.ingest(copies(1, 2))
    with pytest.raises(ArticleMissing):
        archive.judge(Judgement(JudgementKind.MUST_LINK, "1-0", "nobody"))
    for left, right in (("1-0", "1-0"), ("1-0", None)):
        with pytest.raises(JudgementInvalid):
            archive.judge(Judgement(JudgementKind.MUST_LINK, left, right))
    long = "x" * 10_001
    for kind, right in ((JudgementKind.MUST_LINK, "1-1"), (JudgementKind.PIN_ORIGINAL, None)):
        for who, note in ((long, ""), ("me", long)):
            with pytest.raises(JudgementInvalid, match="at most 10000"):
                archive.judge(Judgement(kind, "1-0", right, who, note))
    archive.judge(Judgement(JudgementKind.MUST_LINK, "1-0", "1-1"))
    with pytest.raises(JudgementInvalid, match="withdraw"):
        archive.judge(Judgement(JudgementKind.CANNOT_LINK, "1-1", "1-0"))
    assert archive.withdraw(99) is None
