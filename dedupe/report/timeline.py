"""Cluster -> when its texts appeared, as places on a line from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dedupe.models import Cluster, Member
from dedupe.report.display import to_utc

__all__ = ["Point", "Timeline", "draw_timeline", "tell_time"]


@dataclass(frozen=True, slots=True)
class Point:
    """One member in time: `place` in [0, 1], 0 the earliest."""

    member: Member
    time: datetime
    place: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Members with a known time, in order; `undated` counts the others."""

    points: tuple[Point, ...]
    undated: int

    @property
    def first(self) -> datetime | None:
        """When the earliest text appeared."""
        return self.points[0].time if self.points else None

    @property
    def span(self) -> timedelta:
        """From the earliest to the latest text."""
        return self.points[-1].time - self.points[0].time if self.points else timedelta(0)


def tell_time(member: Member) -> datetime | None:
    """Say when an article appeared: as published, else as first seen by us; UTC."""
    moment = member.published or member.seen
    return None if moment is None else to_utc(moment)


def draw_timeline(cluster: Cluster) -> Timeline:
    """Place the members of a cluster between the first and the last of them."""
    dated = [(moment, m.id, m) for m in cluster.members if (moment := tell_time(m)) is not None]
    dated.sort(key=lambda entry: entry[:2])
    undated = len(cluster.members) - len(dated)
    if not dated:
        return Timeline((), undated)
    first = dated[0][0]
    span = (dated[-1][0] - first).total_seconds()
    places = ((moment - first).total_seconds() / span if span else 0.0 for moment, _, _ in dated)
    points = tuple(
        Point(member, moment, place)
        for (moment, _, member), place in zip(dated, places, strict=True)
    )
    return Timeline(points, undated)
