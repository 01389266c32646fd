"""Nodes of a pattern -> literals that every match of it holds: how texts are searched for it.

A pattern is looked for by its most telling words (`find_anchors`). Where these stand in its
middle, it is asked for only if the text holds what it begins with too (`find_lead`): "used" alone
is a word of every other text, "this article" with it is not.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from dedupe.attribution.anchors import anchor_text, is_loose, tells_nothing
from dedupe.attribution.folding import fold_text
from dedupe.attribution.nodes import Blank, Choice, Mark, Node, Nodes, Slot, Text

__all__ = [
    "find_anchors",
    "find_initials",
    "find_lead",
    "find_marks",
    "find_needles",
    "find_needs",
    "is_brief",
]

_ANCHORS_PER_PATTERN = 600
_LEADS_PER_PATTERN, _LEAD_LETTERS, _BRIEF_LETTERS = 300, 4, 2
_LONG_ANCHOR = 18
_MOST_NEEDLES, _NEEDLE_LETTERS, _NEEDLE_SETS = 24, 3, 3
_UNSPACED_FROM = "\u2e80"
_OTHER_FROM = "\u0250"
"""Letters from here on are not Latin."""
_COUNTED = frozenset({"date", "number"})
_PLAIN_MARKS = frozenset('-:,/|"()')


def _spellings(node: Node) -> list[str] | None:
    """All texts a node can stand for, None if it is open (a slot) or has too many."""
    if isinstance(node, Text):
        return [node.text]
    if isinstance(node, Blank | Mark):
        return [" "]
    if isinstance(node, Slot):
        return None
    spellings: list[str] = []
    for branch in node.branches:
        parts = [_spellings(inner) for inner in branch]
        known = [part for part in parts if part is not None]
        if len(known) != len(parts) or math.prod(map(len, known)) > _ANCHORS_PER_PATTERN:
            return None
        spellings += ["".join(choice) for choice in itertools.product(*known)]
    return [*spellings, ""] if node.optional else spellings


def _runs(nodes: Nodes) -> list[tuple[int, list[list[str]]]]:
    """Stretches of neighbours that are not open: where each starts, and its nodes' spellings."""
    runs: list[tuple[int, list[list[str]]]] = [(0, [])]
    for at, node in enumerate(nodes):
        spellings = _spellings(node)
        if spellings is None:
            runs.append((at + 1, []))
        else:
            runs[-1][1].append(spellings)
    return [(at, run) for at, run in runs if run]


def find_anchors(nodes: Nodes) -> tuple[tuple[str, ...], bool]:
    """Literals of which every match has at least one, the most telling; empty = there are none.

    Also whether every match begins with one of them.
    """
    stretches: list[tuple[float, int, list[list[str]]]] = []
    for start, run in _runs(nodes):
        for first, last in itertools.combinations(range(len(run) + 1), 2):
            part = run[first:last]
            count = math.prod(map(len, part))
            if count <= _ANCHORS_PER_PATTERN:
                shortest = sum(min(map(len, spellings)) for spellings in part)
                value = (
                    shortest
                    - 0.35 * math.log2(max(count, 1))
                    + 3 * (start + first == 0 and shortest >= 6)
                    - 4 * tells_nothing(part)
                )
                stretches.append((value, start + first, part))
    # the most telling first: spelling all of them out took nine tenths of the loading time
    for _, first, part in sorted(stretches, key=lambda stretch: -stretch[0]):
        if found := _anchor_texts(part):
            return found, first == 0
    choices = [node for node in nodes if isinstance(node, Choice) and not node.optional]
    for inner in ([find_anchors(branch)[0] for branch in node.branches] for node in choices):
        if all(inner):
            return tuple(dict.fromkeys(itertools.chain(*inner))), False
    return (), False


def _anchor_texts(run: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """All spellings of a stretch as anchors; empty if one of them cannot be looked for."""
    texts = {"".join(choice) for choice in itertools.product(*run)}
    anchors = [None if is_loose(text) else anchor_text(text) for text in texts]
    return tuple(sorted({a for a in anchors if a is not None})) if all(anchors) else ()


def find_lead(nodes: Nodes, anchors: Sequence[str]) -> tuple[str, ...]:
    """Literals with one of which every match begins; empty where they are many or say nothing.

    The first two words of each way to begin, or the first one. Long anchors need no lead. Short
    ones ("by", "par") are given only where there are no others: they tell at a line's beginning.
    """
    if min(map(_width, anchors), default=_LONG_ANCHOR) >= _LONG_ANCHOR:
        return ()
    for most, letters in ((2, _LEAD_LETTERS), (1, _LEAD_LETTERS), (2, _BRIEF_LETTERS)):
        try:
            opened, closed = _openings(nodes, most)
        except OverflowError:
            continue
        found = [anchor_text(text) for text in opened | closed]
        if all(text is not None and _is_telling(text, letters) for text in found):
            return tuple(sorted({text for text in found if text is not None}))
    return ()


def is_brief(lead: Sequence[str]) -> bool:
    """Whether a pattern begins with a word that is everywhere but at a line's beginning."""
    return not all(_is_telling(text, _LEAD_LETTERS) for text in lead)


def _is_telling(anchor: str, letters: int) -> bool:
    text = anchor.strip()
    return (len(text) >= letters or text[:1] >= _UNSPACED_FROM) and not is_loose(anchor)


def _openings(nodes: Nodes, most: int) -> tuple[set[str], set[str]]:
    """What a sequence can begin with, up to so many words: what may go on, and what is complete.

    Raises `OverflowError` where there are too many ways.
    """
    opened, closed = {""}, set[str]()
    for node in nodes:
        if isinstance(node, Slot):
            return set(), closed | {_whole_words(text) for text in opened}
        tails, ends = _openings_of(node, most)
        closed |= {_first_words(head + tail, most) for head in opened for tail in ends}
        longer = {head + tail for head in opened for tail in tails}
        full = {text for text in longer if len(text.split()) >= most and text[-1:] == " "}
        closed |= {_first_words(text, most) for text in full}
        opened = longer - full
        if len(opened) + len(closed) > _LEADS_PER_PATTERN:
            raise OverflowError
    return opened, closed


def _openings_of(node: Text | Mark | Blank | Choice, most: int) -> tuple[set[str], set[str]]:
    if isinstance(node, Text):
        return {node.text}, set()
    if isinstance(node, Blank | Mark):
        return {" "}, set()
    opened, closed = ({""} if node.optional else set[str]()), set[str]()
    for branch in node.branches:
        more, complete = _openings(branch, most)
        opened, closed = opened | more, closed | complete
    return opened, closed


def _first_words(text: str, most: int) -> str:
    return " ".join(text.split()[:most])


def _whole_words(text: str) -> str:
    """A text without its last word, onto which what a slot holds may be written."""
    glued = text[-1:].strip() and text[-1:] < _UNSPACED_FROM
    return text.rpartition(" ")[0] if glued else text


def find_initials(nodes: Nodes) -> frozenset[str] | None:
    """Characters a sequence can begin with; None = any."""
    found: frozenset[str] = frozenset()
    for node in nodes:
        if isinstance(node, Blank):
            continue
        if isinstance(node, Text):
            return found | {fold_text(node.text)[0]}
        if not isinstance(node, Choice):
            return None
        branches = [find_initials(branch) for branch in node.branches]
        known = [branch for branch in branches if branch is not None]
        if len(known) != len(branches):
            return None
        found = found.union(*known)
        if not node.optional:
            return found
    return None


def find_marks(nodes: Nodes) -> frozenset[str]:
    """Marks that stand in every match, and "0" for a digit."""
    marks = {node.char for node in nodes if isinstance(node, Mark) and node.char in _PLAIN_MARKS}
    counted = any(isinstance(node, Slot) and node.name in _COUNTED for node in nodes)
    return frozenset(marks | {"0"} if counted else marks)


def find_needles(nodes: Nodes) -> tuple[tuple[str, ...], ...]:
    """Sets of folded words or marks one of each of which stands in every match, the best first.

    A search for a few words costs a tenth of an attempt that fails late.
    """
    sets = [_marked(nodes), *map(_needles_of, nodes)]
    found = [needles for needles in sets if needles]
    telling = [needles for needles in found if len(needles) <= _MOST_NEEDLES]
    telling = [needles for needles in telling if min(map(_weight, needles)) >= _NEEDLE_LETTERS]
    telling.sort(key=lambda needles: len(needles) - 3 * min(map(_weight, needles)))
    return tuple(telling[:_NEEDLE_SETS])


def find_needs(nodes: Nodes) -> tuple[str, ...]:
    """Whole words or marks one of which stands in every match, however little they tell.

    Empty where there are none. What a slot may be written onto is no whole word.
    """
    for node, behind in zip(nodes, (*nodes[1:], None), strict=True):
        glued = isinstance(node, Text) and isinstance(behind, Slot)
        if not glued and (found := _needles_of(node)):
            return found
    return ()


def _width(text: str) -> int:
    """Letters of a text, one of a script without blanks counted as three."""
    return sum(1 if char < _UNSPACED_FROM else 3 for char in text.strip())


def _weight(text: str) -> int:
    """How much a needle tells: a mark or a letter that most scripts lack is as good as three."""
    return sum(1 if char < _OTHER_FROM and char.isalnum() else 3 for char in text.strip())


def _needles_of(node: Node) -> tuple[str, ...]:
    """The longest word of each way to write a node; empty if one of them may have none."""
    if isinstance(node, Text):
        return (fold_text(node.text),)
    if not isinstance(node, Choice) or node.optional:
        return ()
    needles: set[str] = set()
    for branch in node.branches:
        words = [fold_text(inner.text) for inner in branch if isinstance(inner, Text)]
        inside = [_needles_of(inner) for inner in branch if isinstance(inner, Choice)]
        best = (max(words, key=_weight),) if words else next(filter(None, inside), ())
        if not best or min(map(_weight, best)) < _NEEDLE_LETTERS:
            best = _marked(branch) or best
        if not best:
            return ()
        needles.update(best)
    return tuple(sorted(one for one in needles if not any(o in one and o != one for o in needles)))


def _marked(branch: Nodes) -> tuple[str, ...]:
    """How a branch is written that is ©, or that begins with a bracket and a short word: "(c)"."""
    solid = [node for node in branch if not isinstance(node, Blank)]
    if solid and solid[0] == Mark("©"):
        return ("©",)
    if len(solid) > 1 and solid[0] == Mark("(") and isinstance(solid[1], Text):
        word = fold_text(solid[1].text)
        return tuple(f"({blank}{word}" for blank in ("", " ", "\n"))
    return ()
