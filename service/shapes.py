"""What the archive answers -> JSON objects, each with the addresses to go on with.

Field by field as in `dedupe.answers` and `dedupe.models`; only `href` and its like are added.
"""

from __future__ import annotations

import dataclasses
from functools import cache

from dedupe.answers import (
    ClusterRow,
    JudgementRecord,
    OutletRecord,
    OutletRow,
    StoredArticle,
    TimelinePoint,
    Verdict,
)
from dedupe.models import Cluster, Match
from service.links import href

__all__ = [
    "article_object",
    "cluster_object",
    "judgement_object",
    "match_object",
    "outlet_object",
    "point_object",
    "row_object",
    "verdict_object",
]

Object = dict[str, object]


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _spread(value: object) -> Object:
    """The fields of a dataclass, not copied."""
    kind: type = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


def match_object(match: Match, of: str) -> Object:
    """A match, with the address of the article that is not `of`."""
    other = match.right if match.left == of else match.left
    return {**_spread(match), "href": href("articles", other)}


def verdict_object(verdict: Verdict) -> Object:
    """The verdict on an article."""
    found = _spread(verdict)
    found["matches"] = [match_object(match, verdict.id) for match in verdict.matches]
    found["href"] = href("articles", verdict.id)
    cluster = verdict.cluster_id
    found["cluster_href"] = None if cluster is None else href("clusters", cluster)
    return found


def article_object(stored: StoredArticle) -> Object:
    """An article with what is known of it, its own fields first."""
    id_ = stored.article.id
    own = _spread(stored.article)
    del own["seen_here"]  # of the way in
    return {
        **own,
        "revision": stored.revision,
        "revisions": stored.revisions,
        "attribution": stored.attribution,
        "cluster_id": stored.cluster_id,
        "href": href("articles", id_),
        "cluster_href": href("clusters", stored.cluster_id),
        "matches_href": href("articles", id_, "matches"),
        "explain_href": href("articles", id_, "explain"),
    }


def cluster_object(cluster: Cluster) -> Object:
    """A cluster, its members with their addresses."""
    found = _spread(cluster)
    found["members"] = [
        {**_spread(member), "href": href("articles", member.id)} for member in cluster.members
    ]
    found["links"] = [
        {**_spread(link), "href": href("clusters", link.cluster_id)} for link in cluster.links
    ]
    found["href"] = href("clusters", cluster.cluster_id)
    found["timeline_href"] = href("clusters", cluster.cluster_id, "timeline")
    return found


def row_object(row: ClusterRow) -> Object:
    """A cluster in a list."""
    return {**_spread(row), "href": href("clusters", row.cluster_id)}


def point_object(point: TimelinePoint) -> Object:
    """A member in time."""
    return {**_spread(point), "href": href("articles", point.id)}


def outlet_object(outlet: OutletRow | OutletRecord) -> Object:
    """An outlet; those it carries and those that carry it with their addresses."""
    found = _spread(outlet)
    if isinstance(outlet, OutletRecord):
        for name in ("carries", "carried_by"):
            flows = getattr(outlet, name)
            found[name] = [
                {**_spread(flow), "href": href("outlets", flow.outlet)} for flow in flows
            ]
    found["href"] = href("outlets", outlet.key)
    return found


def judgement_object(record: JudgementRecord) -> Object:
    """A judgement in one level: number, what was said, when, and whether it still stands."""
    return {
        "number": record.number,
        **_spread(record.judgement),
        "at": record.at,
        "withdrawn": record.withdrawn,
        "href": f"/v1/judgements/{record.number}",
    }
