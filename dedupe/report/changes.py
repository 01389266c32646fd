"""Clusters and the bodies of their members -> what each member changed in the representative.

A page shows these for its first clusters only, of each the first members, and of each member those
differences first that change a number, a date or a name: what a reader of many copies looks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from dedupe.differences import Difference, find_differences
from dedupe.models import Cluster, Member, Relation
from dedupe.report.display import clean
from dedupe.report.options import BodyText, ReadBodies

__all__ = ["Changed", "Shown", "find_changes", "prepare_clusters"]

_COMPARED = 1_000
"""Pairs of one page: some 2 ms each for articles of 3 kB, and as many bodies in memory."""
_OF_CLUSTER = 8
_LONGEST = 100_000  # code points of a body that is compared, as on the page of two articles
_SHOWN = 8
_CONTEXT = 40  # code points either side of a difference
_QUOTED = 160
_FLAGS = ("number", "date", "name")
_FLAGGED = 80  # code points: what holds whole sentences is new text, not a changed figure


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference on one line, in its context; `flags` of number, date, name.

    `before` and `after` keep one space beside the difference where the text has any.
    """

    before: str
    left: str
    right: str
    after: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a member changed: counts of all differences and flags, and some to show, in order.

    `asides` counts differences that stand in notices and furniture, which are not shown.
    """

    count: int
    flags: Mapping[str, int]
    asides: int
    shown: tuple[Shown, ...]

    @property
    def unshown(self) -> int:
        """Differences that are neither shown nor asides."""
        return self.count - self.asides - len(self.shown)


def prepare_clusters(
    clusters: Iterable[Cluster], read: ReadBodies | None, limit: int
) -> Iterator[tuple[Cluster, Mapping[str, Changed]]]:
    """Walk the clusters, the first ones with what their members changed, by id.

    Of at most `limit` clusters, and as many as `_COMPARED` comparisons reach; bodies are asked for
    once.
    """
    walk = iter(clusters)
    first: list[Cluster] = []
    wanted = 0
    if read is not None:
        for cluster in islice(walk, limit):
            first.append(cluster)
            wanted += len(_compared(cluster))
            if wanted >= _COMPARED:
                break
    ids = {member.id for cluster in first for member in _involved(cluster)}
    bodies = read(frozenset(ids)) if read is not None and ids else {}
    for cluster in first:
        yield cluster, find_changes(cluster, bodies)
    yield from ((cluster, {}) for cluster in walk)


def find_changes(cluster: Cluster, bodies: Mapping[str, BodyText]) -> dict[str, Changed]:
    """Compare the members of a cluster whose bodies are there with its representative."""
    found: dict[str, Changed] = {}
    of = {each.id: bodies.get(each.id) for each in _involved(cluster)}
    compared = _compared(cluster)
    base = of.get(_representative(cluster).id) if compared else None
    for member in compared:
        text = of[member.id]
        if base and text and max(len(base.body), len(text.body)) <= _LONGEST:
            differences = find_differences(base.body, text.body, base.cuts, text.cuts)
            found[member.id] = _choose(differences, base.body)
    return found


def _compared(cluster: Cluster) -> list[Member]:
    copies = (m for m in cluster.members if m.relation not in (None, Relation.IDENTICAL))
    has_base = any(member.relation is None for member in cluster.members)
    return list(islice(copies, _OF_CLUSTER)) if has_base else []


def _representative(cluster: Cluster) -> Member:
    return next(member for member in cluster.members if member.relation is None)


def _involved(cluster: Cluster) -> Iterable[Member]:
    compared = _compared(cluster)
    return chain([_representative(cluster)], compared) if compared else ()


def _choose(differences: Sequence[Difference], body: str) -> Changed:
    told = [each for each in differences if not each.notice]
    flags = {flag: sum(flag in _flags(each) for each in told) for flag in _FLAGS}
    ranked = sorted(range(len(told)), key=lambda place: (not _flags(told[place]), place))
    shown = tuple(_show(told[place], body) for place in sorted(ranked[:_SHOWN]))
    return Changed(len(differences), flags, len(differences) - len(told), shown)


def _flags(each: Difference) -> tuple[str, ...]:
    if max(len(each.left), len(each.right)) > _FLAGGED:
        return ()
    return tuple(flag for flag in _FLAGS if getattr(each, flag))


def _show(each: Difference, body: str) -> Shown:
    low, high = max(0, each.left_start - _CONTEXT), min(len(body), each.left_end + _CONTEXT)
    if low:  # to whole words where there are any
        low = body.find(" ", low, each.left_start) + 1 or low
    if high < len(body):
        space = body.rfind(" ", each.left_end, high)
        high = space if space > 0 else high
    before, after = body[low : each.left_start], body[each.left_end : high]
    spaced = before[-1:].isspace() or (not each.left and before != "")
    far = after[:1].isspace() or (not each.left and before == "")
    return Shown(
        ("… " if low else "") + clean(before, _CONTEXT + 1) + (" " if spaced else ""),
        clean(each.left, _QUOTED),
        clean(each.right, _QUOTED),
        (" " if far else "") + clean(after, _CONTEXT + 1) + (" …" if high < len(body) else ""),
        _flags(each),
    )
