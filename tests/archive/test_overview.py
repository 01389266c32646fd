"""What the pages ask of an archive: the same numbers as counting article by article."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta

import pytest
from archive.conftest import copies, make_article

from dedupe.answers import ChangeKind, ClusterQuery, Judgement, JudgementKind
from dedupe.archive.overview import _is_fresh, _Kept
from dedupe.errors import CursorInvalid

BODY = (
    "The harbour of {place} was opened again on Monday after the stranded vessel had been towed "
    "away by three tugs, the port authority said, adding that {detail} and that the queue of "
    "ships waiting outside would be gone within two days if the weather held as forecast."
)
OTHER = (
    "Engineers who have looked at the bridge of Valdecierzo since the spring floods want it closed "
    "for heavy lorries until autumn, because two of its piers stand on gravel that the river has "
    "begun to carry off; drivers would have to go round by the dam, forty minutes longer."
)
NOTICE = " This article was first published by {outlet} and is republished here with permission."


@pytest.fixture
def stories(archive):
    """Three carriers of one story, two of another, and one article by itself."""
    start = datetime(2026, 4, 1, 6, tzinfo=UTC)
    first = BODY.format(place="Sandmere", detail="nobody had been hurt")
    second = OTHER
    articles = [
        make_article("a", first, outlet="Harbour Post", published=start),
        make_article(
            "b",
            first + NOTICE.format(outlet="Harbour Post"),
            outlet="Carrier One",
            published=start + timedelta(hours=1),
        ),
        make_article("c", first, outlet="Carrier Two", published=start + timedelta(days=2)),
        make_article("d", second, outlet="Bridge Times", published=start + timedelta(hours=2)),
        make_article("e", second, outlet="Carrier Two", published=start + timedelta(hours=3)),
        make_article("f", "Something else, said by one only, today.", outlet="Carrier Two"),
    ]
    archive.ingest(articles)
    return archive


def clusters_of(archive):
    return [archive.cluster(row.cluster_id) for row in archive.clusters(ClusterQuery()).rows]


def test_headings_are_those_of_the_current_texts(stories):
    later = {"title": "Later", "modified": datetime(2026, 5, 1, tzinfo=UTC), "body": "New."}
    stories.ingest([replace(stories.article("a").article, **later)])
    found = stories.overview.headings(["a", "f", "nobody"])
    assert found.keys() == {"a", "f"}
    for name, head in found.items():
        article = stories.article(name).article
        shown = (article.id, article.title, article.outlet, article.published or article.seen)
        assert astuple(head) == shown
    assert found["a"].title == "Later"


def test_totals_are_those_of_counting_every_member(stories):
    totals, clusters = stories.overview.totals(), clusters_of(stories)
    credits = Counter(member.credit.value for cluster in clusters for member in cluster.members)
    assert (totals.articles, totals.clusters, totals.clustered) == (6, 2, 5)
    assert totals.clustered - totals.clusters == 3
    assert totals.credited == credits["credited"] + credits["agency"]
    assert totals.uncredited == credits["uncredited"]
    assert totals.sequence == stories.changes(limit=1000)[-1].sequence
    assert len(totals.days) == 90
    assert totals.days[-1].day == datetime(2026, 4, 3, tzinfo=UTC)
    assert sum(totals.days[-1].articles.values()) == 1
    assert [day.clusters for day in totals.days[-3:]] == [2, 0, 0]
    assert sum(sum(day.articles.values()) for day in totals.days) == 6


def test_the_news_are_those_of_the_day_before_the_newest_article(stories):
    news = stories.overview.news()
    sizes = [row.size for row in news.largest]
    assert sizes == [3]  # the newest article of the other one is older than a day
    assert news.until == datetime(2026, 4, 3, 6, tzinfo=UTC)
    assert list(news.gains.values()) == [1]


def test_the_fastest_clusters_are_those_that_grew_most_on_the_day(archive, stories):
    third = BODY.format(place="Northmere", detail="a diver had found the wreck of a ferry") * 2
    start = datetime(2026, 4, 3, 4, tzinfo=UTC)
    archive.ingest(
        [
            make_article("x", third, outlet="Slow News", published=start),
            make_article("y", third, outlet="Quick News", published=start + timedelta(hours=1)),
        ]
    )
    news = archive.overview.news()
    assert [row.size for row in news.largest] == [3, 2]
    assert [row.size for row in news.fastest] == [2, 3]
    assert list(news.gains.values()) == [2, 1]


def test_what_is_kept_is_made_again_when_something_came(stories, clock):
    assert stories.overview.totals().articles == 6
    assert stories.overview.totals() is stories.overview.totals()
    clock.now += timedelta(minutes=1)  # this clock tells that a look takes seconds
    stories.ingest([make_article("g", "One more that nobody else has written, ever.")])
    assert stories.overview.totals().articles == 7


def test_sketches_hold_times_and_origins(stories):
    cluster = next(c for c in clusters_of(stories) if c.size == 3)
    sketch = stories.overview.sketches([cluster.cluster_id, "c-unknown"])[cluster.cluster_id]
    times = sorted(member.published for member in cluster.members)
    assert (sketch.first, sketch.last, sum(sketch.steps)) == (times[0], times[-1], len(times))
    share = (times[1] - times[0]) / (times[-1] - times[0])
    assert sketch.steps[0] > 0 < sketch.steps[-1]
    assert sketch.steps[min(23, int(share * 24))] > 0
    assert sketch.independent_origins == cluster.provenance.independent_origins
    assert stories.overview.titles([cluster.cluster_id])[cluster.cluster_id]


def test_flows_and_uncredited_articles_are_those_of_the_members(stories):
    edges = stories.overview.edges()
    assert ("Harbour Post", "Carrier One", 1, 1, 0) in edges
    outlet = stories.outlet("Carrier Two")
    mine = stories.overview.edges_of("Carrier Two")
    assert sum(e.articles for e in mine if e.carrier == "Carrier Two") == sum(
        flow.articles for flow in outlet.carries
    )
    page = stories.overview.uncredited("Carrier Two")
    assert len(page.rows) == sum(flow.uncredited for flow in outlet.carries)
    for row in page.rows:
        (member,) = [m for m in stories.cluster(row.cluster_id).members if m.id == row.id]
        assert member.credit.value == "uncredited"
    carried = stories.overview.uncredited("Harbour Post", carried=True)
    assert [(row.id, row.carrier) for row in carried.rows] == [("c", "Carrier Two")]


def test_uncredited_articles_are_walked_page_by_page(stories):
    whole = list(stories.overview.all_uncredited("Carrier Two"))
    found, cursor = [], None
    while True:
        page = stories.overview.uncredited("Carrier Two", cursor=cursor, limit=1)
        found += page.rows
        cursor = page.next
        if cursor is None:
            break
    assert found == whole
    with pytest.raises(CursorInvalid):
        stories.overview.uncredited("Carrier Two", cursor="x")


def test_the_history_of_a_cluster_holds_what_was_merged_and_judged(stories):
    first, second = clusters_of(stories)
    stories.judge(Judgement(JudgementKind.MUST_LINK, first.members[0].id, second.members[0].id))
    (merged,) = clusters_of(stories)
    history = stories.overview.history(merged.cluster_id)
    assert [change.sequence for change in history] == sorted(
        (change.sequence for change in history), reverse=True
    )
    kinds = Counter(change.kind for change in history)
    assert kinds[ChangeKind.MERGED] == 1
    assert kinds[ChangeKind.JUDGED] == 1
    assert kinds[ChangeKind.CREATED] == 2
    (record,) = stories.overview.judgements_about({first.members[0].id})
    assert stories.overview.judgements_about({"f"}) == []
    stories.withdraw(record.number)
    assert stories.overview.judgements_about({first.members[0].id}) == []


def test_a_large_cluster_is_kept_until_something_happens_to_it(archive):
    body = BODY.format(place="Sandmere", detail="nobody had been hurt")
    many = [make_article(f"m{n:03}", body, outlet=f"Outlet {n}") for n in range(101)]
    archive.ingest(many, evidence=False)
    (row,) = archive.clusters(ClusterQuery()).rows
    first = archive.overview.cluster(row.cluster_id)
    assert first == archive.cluster(row.cluster_id)
    assert archive.overview.cluster(row.cluster_id) is first
    archive.ingest([make_article("other", "A text of its own, that nobody has, at all.")])
    assert archive.overview.cluster(row.cluster_id) is first
    archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, "m050"))
    pinned = archive.overview.cluster(row.cluster_id)
    assert pinned.provenance.original == "m050"
    archive.overview.forget()
    assert archive.overview.cluster(row.cluster_id) is not pinned
    assert archive.overview.cluster("c-unknown") is None


def test_the_newest_changes_come_first(stories):
    latest = stories.overview.latest(3)
    assert latest == stories.changes(limit=1000)[-1:-4:-1]


def test_an_empty_archive_has_nothing_to_show(archive):
    totals = archive.overview.totals()
    assert (totals.articles, totals.clustered, totals.days) == (0, 0, ())
    assert archive.overview.news().until is None
    assert archive.overview.edges() == []
    assert archive.overview.history("c0000000000000001") == []


def test_whoever_waited_for_a_value_takes_the_one_that_was_made_meanwhile(archive) -> None:
    made = []
    kept = _Kept(lambda _: made.append("again") or "again")

    class Turn:
        """Another thread is at it, and is done while we wait."""

        def acquire(self, *, blocking):
            assert blocking
            kept._held = "theirs", 0, datetime(2026, 1, 1, tzinfo=UTC), timedelta()
            return True

        def release(self):
            pass

    kept._turn = Turn()
    assert kept.get(archive._core) == "theirs"
    assert made == []


@pytest.mark.parametrize(
    ("sequence", "age_s", "took_s", "fresh"),
    [
        (7, 59, 0.1, True),
        (7, 61, 0.1, False),
        (8, 1, 0.1, True),
        (8, 3, 0.1, False),
        (7, 190, 10.0, True),
        (8, 190, 10.0, True),
        (7, 201, 10.0, False),
    ],
)
def test_making_a_value_takes_at_most_a_twentieth_of_the_time(
    sequence, age_s, took_s, fresh
) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    kept = 7, began, timedelta(seconds=took_s)
    assert _is_fresh(kept, sequence, began + timedelta(seconds=age_s)) is fresh


def test_an_article_dated_in_the_future_does_not_hide_its_cluster_from_the_news(archive) -> None:
    later = make_article("later", copies(1, 1)[0].body, published=datetime(2030, 1, 1, tzinfo=UTC))
    archive.ingest([*copies(1, 3), later, *copies(2, 2)])
    news = archive.overview.news()
    assert [row.size for row in news.largest] == [4, 2]
    assert [row.size for row in news.fastest] == [4, 2]
    assert sorted(news.gains.values()) == [2, 3]
