"""The first page: how much there is, how much of it is copied and credited, what is new."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response

from dedupe.answers import Change
from dedupe.archive.overview import DayCounts, Overview
from dedupe.models import Credit
from dedupe.report.overview import Headline
from dedupe.report.pictures import Picture, draw_series
from dedupe.report.wording import Wording
from service.context import services
from service.web.frame import page_language, show, words

__all__ = ["list_lines", "make_blueprint"]

_CHANGES = 12
_MONTH = 30


def make_blueprint() -> Blueprint:
    """Make `/`."""
    area = Blueprint("overview", __name__)
    area.get("/")(overview)
    return area


def overview() -> Response:
    """Show what the archive holds, the day, and the newest changes."""
    asked: Overview = services().archive.overview
    totals, news = asked.totals(), asked.news()
    changes, days = asked.latest(_CHANGES), _choose_days(totals.days)
    return show(
        "overview.html.j2",
        totals=totals,
        headline=Headline(
            totals.articles, totals.clusters, totals.clustered, totals.credited, totals.uncredited
        ),
        news=news,
        articles=_draw_articles(days),
        clusters=_draw_clusters(days),
        outlets=asked.outlets(),
        lines=list_lines(asked, changes),
        after=changes[0].sequence if changes else 0,
    )


def list_lines(asked: Overview, changes: Sequence[Change]) -> list[tuple[Change, str]]:
    """Give every change with the title of its cluster, empty where it is gone."""
    titles = asked.titles({change.cluster_id for change in changes if change.cluster_id})
    return [(change, titles.get(change.cluster_id or "", "")) for change in changes]


def _choose_days(days: Sequence[DayCounts]) -> Sequence[DayCounts]:
    """Give the last month, or all days where that holds less than half of the articles."""
    counts = [sum(day.articles.values()) for day in days]
    return days if sum(counts[-_MONTH:]) * 2 < sum(counts) else days[-_MONTH:]


def _draw_articles(days: Sequence[DayCounts]) -> Picture:
    language = page_language()
    names: dict[str, str] = words()["credits"]
    kinds = [credit.value for credit in Credit]
    counts = {kind: [day.articles.get(kind, 0) for day in days] for kind in kinds}
    counts = {kind: values for kind, values in counts.items() if any(values)}
    caption = words()["overview"]["articles_by_day"]
    return draw_series(_name_days(days), counts, names, caption, language)


def _draw_clusters(days: Sequence[DayCounts]) -> Picture:
    own = words()["overview"]
    counts = {"clusters": [day.clusters for day in days]}
    return draw_series(
        _name_days(days),
        counts,
        {"clusters": own["clusters_begun"]},
        own["clusters_by_day"],
        page_language(),
    )


def _name_days(days: Sequence[DayCounts]) -> list[str]:
    wording = Wording(page_language())
    return [wording.short_day(day.day) for day in days]
