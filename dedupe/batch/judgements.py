"""A file of judgements -> what people decided about the articles of a run.

The file is what `GET /v1/judgements` answers: pages, or single judgements, one JSON value after
another in any layout. Clusters are a function of matches and judgements, so a report given the
judgements of a service finds the clusters of that service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.answers import Judgement, JudgementKind
from dedupe.errors import InputMissing, InputUnreadable
from dedupe.judgements import Ties
from dedupe.records import decode_record, hash_text

__all__ = ["Decided", "Pairs", "place_judgements", "read_judgements"]

Pairs = tuple[tuple[int, int], ...]
_MOST_BYTES = 64 << 20
_LONGEST_ID = 512
_LONGEST_NOTE = 10_000
_LISTED = 10
_KINDS = tuple(kind.value for kind in JudgementKind)


@dataclass(frozen=True, slots=True)
class Decided:
    """Judgements by article numbers; `pins` give the reason by id.

    `absent` counts judgements that speak of an article which the run does not have.
    """

    together: Pairs = ()
    apart: Pairs = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    absent: int = 0


class _Place(NamedTuple):
    """Where a judgement stands: the line its JSON value begins in, and which one of a page."""

    path: str
    line: int
    item: int | None = None

    def refuse(self, reason: str) -> InputUnreadable:
        where = f"line {self.line}" + (f", judgement {self.item}" if self.item else "")
        return InputUnreadable(self.path, f"{where}: {reason}")


def read_judgements(path: Path) -> tuple[Judgement, ...]:
    """The judgements that stand, each once; those that were taken back are left out.

    Raises:
        InputMissing: there is no such file.
        InputUnreadable: with the line, for what no service gives out, for two judgements that
            contradict each other and for a list whose last page is missing.
    """
    found: dict[tuple[str, str | None], tuple[Judgement, _Place]] = {}
    for value, place in _walk(path):
        judgement = _read(value, place)
        if judgement is None:
            continue
        pair = (judgement.left, judgement.right)
        known, before = found.setdefault(pair, (judgement, place))
        if known.kind is not judgement.kind:
            reason = f"it says the opposite of the judgement in line {before.line}: remove one"
            raise place.refuse(reason)
    _check_ways(list(found.values()))
    return tuple(judgement for judgement, _ in found.values())


def _check_ways(found: Sequence[tuple[Judgement, _Place]]) -> None:
    """Refuse two articles that are kept apart and belong together over others."""
    pairs = [(n, said.left, said.right, said.kind) for n, (said, _) in enumerate(found)]
    ties = Ties((n, a, b) for n, a, b, kind in pairs if b and kind is JudgementKind.MUST_LINK)
    for number, left, right, kind in pairs:
        if right is None or kind is not JudgementKind.CANNOT_LINK:
            continue
        if (way := ties.find_way(left, right)) is not None:
            lines = sorted({found[step][1].line for step in way})[:_LISTED]
            told = "line" + "s" * (len(lines) > 1) + " " + ", ".join(map(str, lines))
            reason = f"it says the opposite of judgements in {told} together: remove one"
            raise found[number][1].refuse(reason)


def _walk(path: Path) -> Iterator[tuple[object, _Place]]:
    text, at, line = _read_text(path), 0, 1
    decoder, following = json.JSONDecoder(), None
    place = _Place(str(path), 1)
    while (start := _skip_blanks(text, at)) < len(text):
        line += text.count("\n", at, start)
        place = _Place(str(path), line)
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            place = _Place(str(path), line + text.count("\n", start, error.pos))
            raise place.refuse(f"not JSON: {error.msg}") from None
        except (ValueError, RecursionError):
            raise place.refuse("JSON nested too deep, or a number too long") from None
        at, line = end, line + text.count("\n", start, end)
        if isinstance(value, dict) and isinstance(items := value.get("judgements"), list):
            following = value.get("next")
            for number, item in enumerate(items, 1):
                yield item, place._replace(item=number)
        else:
            yield value, place
    if following is not None:
        reason = "the list goes on behind this page: append the page that `next` names (?cursor=)"
        raise place.refuse(reason)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputUnreadable(str(path), f"longer than {_MOST_BYTES:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputMissing(str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputUnreadable(str(path), f"line {line}: not UTF-8") from None
    except OSError as error:
        raise InputUnreadable(str(path), (error.strerror or str(error)).lower()) from None


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _read(value: object, place: _Place) -> Judgement | None:
    """One judgement, or None for one that was taken back."""
    if not isinstance(value, dict) or value.get("kind") not in _KINDS:
        expected = f"an object whose kind is {', '.join(_KINDS[:-1])} or {_KINDS[-1]}"
        raise place.refuse(f"no judgement and no page of them: {expected} is wanted")
    if value.get("withdrawn") is not None:
        return None
    kind = JudgementKind(value["kind"])
    left, right = _name(value, "left", place), value.get("right")
    note = str(value.get("note") or "")[:_LONGEST_NOTE].encode("utf-8", "replace").decode()
    if kind is JudgementKind.PIN_ORIGINAL:
        if right is not None:
            raise place.refuse("an original is pinned alone: remove right")
        return Judgement(kind, left, None, note=note)
    right = _name(value, "right", place)
    if left == right:
        raise place.refuse("left and right are one article: two different ones are wanted")
    return Judgement(kind, min(left, right), max(left, right), note=note)


def _name(value: dict[str, Any], key: str, place: _Place) -> str:
    name = value.get(key)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_ID:
        raise place.refuse(f"{key} is no article id: 1 to {_LONGEST_ID} characters are wanted")
    return name


def place_judgements(
    judgements: tuple[Judgement, ...], articles: Mapping[str, NDArray[Any]], records: NDArray[Any]
) -> Decided:
    """Find the articles that are spoken of; `articles` as in Result, `records` their bytes."""
    if not judgements:
        return Decided()
    packed = records.data
    number_of: dict[str, int | None] = {}
    for name in {name for one in judgements for name in (one.left, one.right) if name is not None}:
        number_of[name] = _find(name, articles, packed)
    pairs: dict[JudgementKind, list[tuple[int, int]]] = {kind: [] for kind in JudgementKind}
    pins: dict[str, str] = {}
    absent = 0
    for one in judgements:
        left = number_of[one.left]
        right = left if one.right is None else number_of[one.right]
        if left is None or right is None:
            absent += 1
        elif one.right is None:
            pins[one.left] = one.note
        else:
            pairs[one.kind].append((left, right))
    together, apart = pairs[JudgementKind.MUST_LINK], pairs[JudgementKind.CANNOT_LINK]
    return Decided(tuple(together), tuple(apart), pins, absent)


def _find(name: str, articles: Mapping[str, NDArray[Any]], records: memoryview) -> int | None:
    """The number of an id: articles are numbered in the order of its hash."""
    hashes = articles["id_hash"]
    wanted = np.uint64(hash_text(name))
    first, last = (int(np.searchsorted(hashes, wanted, side)) for side in ("left", "right"))
    for number in range(first, last):
        start = int(articles["record_first"][number])
        end = start + int(articles["record_size"][number])
        if decode_record(records[start:end]).id == name:
            return number
    return None
