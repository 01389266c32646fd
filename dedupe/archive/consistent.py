"""A new judgement and those that stand -> nothing, or which of them it contradicts.

Judgements that cannot all hold would be taken and some would do nothing: so the later one is
refused, with the numbers of those that have to be taken back first.
"""

from __future__ import annotations

from collections.abc import Sequence

from dedupe.answers import Judgement, JudgementKind
from dedupe.catalog import Reader
from dedupe.catalog.rows import JudgementRow
from dedupe.catalog.tables import CURRENT
from dedupe.errors import JudgementInvalid
from dedupe.judgements import Ties

__all__ = ["check_consistent"]

_LISTED = 10


def check_consistent(
    reader: Reader, judgement: Judgement, standing: Sequence[JudgementRow]
) -> None:
    """Raise JudgementInvalid where a judgement cannot hold together with all that stand."""
    together = JudgementKind.MUST_LINK.value
    ties = Ties((r.number, r.left, r.right) for r in standing if r.right and r.kind == together)
    pins = {row.left: row.number for row in standing if row.right is None}
    left, right = judgement.left, judgement.right
    if right is None:
        pins.pop(left, None)
        _refuse_pins(_find_pins(reader, left, ties, pins))
    elif judgement.kind is JudgementKind.CANNOT_LINK:
        if (way := ties.find_way(left, right)) is not None:
            _refuse_pair(way)
    else:
        _check_apart(left, right, ties, standing)
        mine, theirs = (_find_pins(reader, article, ties, pins) for article in (left, right))
        if mine and theirs and mine != theirs:
            _refuse_pins({**dict(list(mine.items())[:1]), **dict(list(theirs.items())[:1])})


def _check_apart(left: str, right: str, ties: Ties, standing: Sequence[JudgementRow]) -> None:
    """Raise JudgementInvalid where two that are kept apart would come together over a new pair."""
    mine, theirs = ties.group(left), ties.group(right)
    for row in standing:
        if row.kind != JudgementKind.CANNOT_LINK.value or row.right is None:
            continue
        if row.left in mine and row.right in theirs:
            ends = ((row.left, left), (row.right, right))
        elif row.left in theirs and row.right in mine:
            ends = ((row.left, right), (row.right, left))
        else:
            continue
        ways = (ties.find_way(*end) or () for end in ends)
        _refuse_pair((row.number, *(number for way in ways for number in way)))


def _find_pins(reader: Reader, article: str, ties: Ties, pins: dict[str, int]) -> dict[str, int]:
    """The pinned articles of an article's cluster, and of those it belongs together with."""
    bound = ties.group(article)
    heads = [head for head in reader.heads([*bound, *pins]) if head.state == CURRENT]
    cluster_of = {head.id: head.cluster for head in heads}
    clusters = {cluster_of[name] for name in bound if cluster_of.get(name) is not None}
    return {n: pins[n] for n in pins if n in bound or cluster_of.get(n) in clusters}


def _refuse_pins(pins: dict[str, int]) -> None:
    if not pins:
        return
    told = " and ".join(
        f"judgement {n} says that {name} is the original" for name, n in pins.items()
    )
    one = "of this cluster" if len(pins) == 1 else "of its cluster"
    raise JudgementInvalid(
        f"{told} {one}: withdraw {'that one' if len(pins) == 1 else 'one'} first"
    )


def _refuse_pair(numbers: tuple[int, ...]) -> None:
    if len(numbers) == 1:
        raise JudgementInvalid(f"judgement {numbers[0]} says the opposite: withdraw that one first")
    listed = [str(number) for number in sorted(set(numbers))]
    more = ", …" if len(listed) > _LISTED else ""
    told = ", ".join(listed[:_LISTED]) + more
    raise JudgementInvalid(
        f"judgements {told} together say the opposite: withdraw one of them first"
    )
