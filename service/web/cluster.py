"""One cluster: who had it first and why, how it spread, who credits; and what people decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from dedupe.answers import JudgementRecord, Moved
from dedupe.models import Article, Claim, Cluster, Credit, Evidence, Member
from dedupe.report.pictures import Picture, draw_chain, draw_spread, list_appearances, list_links
from dedupe.report.timeline import tell_time
from dedupe.report.views import ClusterView, view_cluster
from service.context import services
from service.errors import Problem
from service.links import pick_id
from service.web import addresses
from service.web.frame import lead_to, name_outlet, page_language, show, words
from service.web.overview import list_lines

__all__ = ["Quoted", "Refused", "make_blueprint", "show_refused"]

_MEMBERS = 100
_EVIDENCE = 12
_READ = 8  # articles whose text is read to show a quote in its place
_AROUND = 140
_HISTORY = 40
_DRAWN = 2000
_TIMES = ("seen", "published")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A piece of evidence; `before` and `after` are the text around its quote, where it stands.

    `time` is the quote of evidence that is a time.
    """

    evidence: Evidence
    time: datetime | None = None
    before: str = ""
    quote: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was written into the form for a missing article, and why it was not taken."""

    right: str
    note: str
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What a judgement has just done to which article."""

    kind: str
    id: str
    title: str


def make_blueprint() -> Blueprint:
    """Make `/clusters/ID`."""
    area = Blueprint("cluster", __name__)
    area.get("/clusters/<id_>")(cluster)
    return area


def cluster(id_: str) -> Response:
    """Show a cluster; one that was merged leads to where its articles are now."""
    asked = pick_id("clusters", id_, request.args.get("id"))
    found = services().archive.overview.cluster(asked)
    if isinstance(found, Moved):
        to = addresses.cluster(found.cluster_id)
        return lead_to(addresses.with_query(to, merged=asked))
    if found is None:
        raise Problem("not-found", "there is no cluster with this id", said="no-cluster")
    return _show(found)


def show_refused(left: str, refused: Refused, status: int) -> Response | None:
    """Show the cluster that an article is in with a form that was not taken; None without one."""
    stored = services().archive.article(left)
    found = services().archive.overview.cluster(stored.cluster_id) if stored else None
    return _show(found, refused, status) if isinstance(found, Cluster) else None


def _show(found: Cluster, refused: Refused | None = None, status: int = 200) -> Response:
    language = page_language()
    view = view_cluster(found, words(), name_outlet(language))
    overview = services().archive.overview
    credit = request.args.get("credit", "")
    known = not credit or credit in [each.value for each in Credit]
    members = _choose(found.members, credit)
    pages = max(1, -(-len(members) // _MEMBERS))
    page = min(max(1, request.args.get("page", 1, int)), pages)
    about = overview.judgements_about({member.id for member in found.members})
    judged = request.args.get("judged", 0, int)
    return show(
        "cluster.html.j2",
        status if known else 400,
        refused=refused,
        view=view,
        cluster=found,
        counts=Counter(member.credit.value for member in found.members),
        outlets=len({member.outlet for member in found.members if member.outlet}),
        credit=credit if known else "",
        wrong=() if known else ("credit",),
        credits=[each.value for each in Credit],
        members=members[(page - 1) * _MEMBERS : page * _MEMBERS],
        page=page,
        pages=pages,
        spread=_draw_spread(found),
        chain=_draw_chain(found),
        quoted=_quote(found.provenance.evidence[:_EVIDENCE], found.members),
        history=list_lines(overview, overview.history(found.cluster_id, _HISTORY)),
        judgements=about,
        judged=judged,
        decided=_tell_decided(about, judged),
        withdrawn=request.args.get("withdrawn", 0, int),
        merged=request.args.get("merged", ""),
        pinned=_find_pin(view),
    )


def _choose(members: Sequence[Member], credit: str) -> list[Member]:
    """Give the members with a credit, or all; the earliest first, those without a time last."""
    chosen = [m for m in members if not credit or m.credit.value == credit]

    def appeared(member: Member) -> tuple[bool, float, str]:
        time = tell_time(member)
        return (time is None, time.timestamp() if time else 0.0, member.id)

    return sorted(chosen, key=appeared)


def _draw_spread(found: Cluster) -> Picture | None:
    appearances = list_appearances(found)[:_DRAWN]
    if len(appearances) < 2:
        return None
    return draw_spread(appearances, page_language())


def _draw_chain(found: Cluster) -> Picture | None:
    name = name_outlet(page_language())
    links = list_links([name(each) for each in found.provenance.chain])
    return draw_chain(links, page_language()) if links else None


def _tell_decided(about: Iterable[JudgementRecord], number: int) -> Decided | None:
    """Tell what was decided, of the article that may have left the cluster by it."""
    made = next((record.judgement for record in about if record.number == number), None)
    if made is None:
        return None
    id_ = made.right or made.left
    head = services().archive.overview.headings([id_]).get(id_)
    return Decided(made.kind.value, id_, head.title if head else "")


def _find_pin(view: ClusterView) -> str | None:
    evidence = view.cluster.provenance.evidence
    return next((item.article for item in evidence if item.trust == "judgement"), None)


def _quote(evidence: Sequence[Evidence], members: Iterable[Member]) -> list[Quoted]:
    """Find every quote in the text it stands in; those of metadata stand nowhere."""
    claims = {member.id: member.attributions for member in members}
    read: dict[str, Article | None] = {}
    return [_find_quote(item, claims, read) for item in evidence]


def _find_quote(
    item: Evidence, claims: Mapping[str, tuple[Claim, ...]], read: dict[str, Article | None]
) -> Quoted:
    said = claims.get(item.article or "", ())
    claim = next((c for c in said if c.quote == item.quote and c.name == item.name), None)
    claim = claim or next((c for c in said if c.quote == item.quote), None)
    if claim is None or claim.start is None or claim.end is None or item.article is None:
        return Quoted(item, _read_time(item))
    if item.article not in read and len(read) < _READ:
        stored = services().archive.article(item.article)
        read[item.article] = stored.article if stored else None
    article = read.get(item.article)
    if article is None or article.body[claim.start : claim.end] != claim.quote:
        return Quoted(item)
    before = article.body[max(0, claim.start - _AROUND) : claim.start]
    after = article.body[claim.end : claim.end + _AROUND]
    return Quoted(item, None, before, claim.quote, after)


def _read_time(item: Evidence) -> datetime | None:
    if item.trust not in _TIMES:
        return None
    try:
        return datetime.fromisoformat(item.quote)
    except ValueError:
        return None
