"""A rule's pattern, written for people -> a bounded, linear regular expression and its anchors.

The notation is what `docs/add-a-language.md` teaches:

    words            as they stand, folded (case, accents, hamza, quotes do not matter)
    (a|b c|d)        one of these                [a|b]      one of these or nothing
    <article>        one of a list of words of the language file
    {source}         a slot that is filled from the text
    : , - / | . "    punctuation, with or without blanks around it

Blanks are optional where a slot or a punctuation mark stands beside them, so that glued notices are
found; two words are never read as one. Every quantifier is bounded, no group repeats, and a slot
ends at what follows it: the cost of a match attempt is bounded by the lengths below.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dedupe.attribution.addresses import DOMAIN
from dedupe.attribution.folding import BARRIER, fold_text, is_word_char, word_char
from dedupe.attribution.literals import (
    find_anchors,
    find_initials,
    find_lead,
    find_marks,
    find_needles,
    find_needs,
)
from dedupe.attribution.nodes import Blank, Choice, Mark, Node, Nodes, Slot, Text

__all__ = [
    "AGENCY_ANCHOR",
    "COPYRIGHT_ANCHOR",
    "NAME_SLOTS",
    "Pattern",
    "SyntaxInvalid",
    "compile_pattern",
]

NAME_SLOTS = ("source", "sources", "service", "agency", "agencies", "contributors", "republisher",
              "via", "author", "authors", "license", "place")  # fmt: skip
AGENCY_SLOTS = frozenset({"agency", "agencies", "contributors", "service"})
AGENCY_ANCHOR = "@agency"
"""Anchor of a pattern that is found by the agency's name in it rather than by words of its own."""
COPYRIGHT_ANCHOR = "@copyright"
"""Anchor of a pattern that begins with © and has no words of its own."""
_LINE = f"[^\n{BARRIER}]"
_SLOTS = {
    "title": rf"[^{BARRIER}]{{1,300}}?",
    "any": rf"{_LINE}{{0,80}}?",
    "words": rf"[^\n.!?;()。{BARRIER}]{{0,60}}?",
    # nothing is tried twice up to its first digit: with both ends open it took a thousand steps
    "date": r"[^\n()\d]{0,30}+\d[^\n()]{0,60}?",
    "url": rf"(?:https?://|www\.)[^\s()\"<>]{{3,300}}|(?:{DOMAIN})(?:/[^\s()\"<>]{{0,300}})?",
    "number": r"\d[\d,./-]{0,12}",
}
_NAME_MIDDLE = rf"{_LINE}{{1,100}}?"
_PLACE = rf"{_LINE}{{1,40}}?"
_NAME_END = rf"{_LINE}{{1,160}}"
_PUNCTUATION = {"-": "-{1,3}", ".": r"[.。]", '"': '"', "…": r"(?:…|\.{1,3})", "*": r"\*{1,3}"}
_TOKEN = re.compile(r"\s+|\{[a-z_]+\}|<[a-z_]+>|[()\[\]|]|\\.|[^\s()\[\]|{}<>]")
_NEED = "a slot must be followed by something that has to be there, or end the pattern"


class SyntaxInvalid(ValueError):
    """A pattern cannot be read; the message says what and what to write instead."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: its expression, the slots it fills and the literals one of which it has.

    `anchors` are spelt for `prefilter.AnchorIndex`; `leads` = every match begins with one. `needs`
    are folded words (or a mark) one of which stands in every match of a pattern found by
    an agency's name. `split` = may run over line breaks. `initials` are the characters a match
    can begin with, empty if it can begin with any; `lead` are literals with one of which every
    match begins, where the anchors stand in its middle; `marks` stand in every match ("0" for a
    digit), and one of each of the `needles`.
    """

    source: str
    expression: str
    slots: tuple[str, ...]
    anchors: tuple[str, ...]
    leads: bool
    split: bool
    needs: tuple[str, ...] = ()
    initials: str = ""
    lead: tuple[str, ...] = ()
    marks: str = ""
    needles: tuple[tuple[str, ...], ...] = ()

    @property
    def loose(self) -> bool:
        """Whether any words may stand in the middle."""
        return "{words}" in self.source

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression; compiled when first asked for, most never are in a run."""
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


class _Reader:
    """Recursive descent over the tokens of one pattern."""

    def __init__(self, pattern: str, words: Mapping[str, Sequence[str]]) -> None:
        self._tokens = _TOKEN.findall(pattern)
        if "".join(self._tokens) != pattern:
            msg = f"stray {{, }}, < or > in {pattern!r}; slots are {{name}}, word lists <name>"
            raise SyntaxInvalid(msg)
        self._at = 0
        self._words = words

    def read(self) -> Nodes:
        branches = self._branches("")
        if len(branches) > 1:
            return (Choice(branches, optional=False),)
        return branches[0]

    def _branches(self, end: str) -> tuple[Nodes, ...]:
        branches: list[Nodes] = []
        nodes: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token == end:
                return (*branches, tuple(nodes))
            if token == "|":
                branches.append(tuple(nodes))
                nodes = []
            elif token in (")", "]"):
                raise SyntaxInvalid(f"{token!r} closes nothing")
            else:
                self._add(nodes, token)
        if end:
            raise SyntaxInvalid(f"{end!r} is missing")
        return (*branches, tuple(nodes))

    def _add(self, nodes: list[Node], token: str) -> None:
        if token.isspace():
            nodes.append(Blank())
        elif token in ("(", "["):
            close = ")" if token == "(" else "]"
            nodes.append(Choice(self._branches(close), optional=token == "["))
        elif token[0] == "{":
            nodes.append(self._slot(token[1:-1]))
        elif token[0] == "<":
            nodes.append(self._list(token[1:-1]))
        elif token[0] == "\\" or not (token.isalnum() or _is_mark_of_word(token)):
            nodes.append(Mark(fold_text(token[-1]) or token[-1]))
        elif nodes and isinstance(nodes[-1], Text):
            nodes[-1] = Text(nodes[-1].text + token)
        else:
            nodes.append(Text(token))

    def _slot(self, name: str) -> Slot:
        if name not in NAME_SLOTS and name not in _SLOTS:
            known = ", ".join(sorted([*NAME_SLOTS, *_SLOTS]))
            raise SyntaxInvalid(f"no slot {{{name}}}; there are {known}")
        return Slot(name)

    def _list(self, name: str) -> Choice:
        if name not in self._words:
            raise SyntaxInvalid(f"no word list <{name}>; add it under [words]")
        read = [_Reader(entry, self._words).read() for entry in self._words[name]]
        return Choice(tuple(read), optional=False)


def _is_mark_of_word(char: str) -> bool:
    return (
        char in "'’"
        or not fold_text(char)
        or fold_text(char).isalnum()
        or (not char.isascii() and ("\u0900" <= char <= "\u0fff"))
    )


def _edge(char: str, look: str) -> str:
    """`(?<!` or `(?!` a word that goes on; nothing for scripts that set no blanks between words."""
    if char.isdigit():
        return rf"{look}\d)"  # 11月: no blank behind a number in these scripts
    return f"{look}{word_char(char)})" if is_word_char(char) and ord(char) < 0x2E80 else ""


def _emit_text(text: str) -> str:
    folded = fold_text(text)
    if not folded:
        raise SyntaxInvalid(f"{text!r} has no letters")
    return _edge(folded[0], "(?<!") + re.escape(folded)


class _Writer:
    """Node sequence -> regular expression. `blank` is what may stand between two things."""

    def __init__(self, *, split: bool) -> None:
        # a quoted line begins with a mark: "> this article was first\n> published on …"
        self._blank = r"(?: |\n(?:\| )?)?" if split else " ?"
        self.slots: list[str] = []

    def write(self, nodes: Nodes, follows: Nodes) -> str:
        parts = []
        for at, node in enumerate(nodes):
            parts.append(self._node(node, nodes[at + 1 :] + follows))
        return "".join(parts)

    def _node(self, node: Node, follows: Nodes) -> str:
        if isinstance(node, Blank):
            return self._blank
        if isinstance(node, Mark):
            return f"{self._blank}{_PUNCTUATION.get(node.char, re.escape(node.char))}{self._blank}"
        if isinstance(node, Text):
            glued = bool(follows) and isinstance(follows[0], Slot)
            after = "" if glued else _edge(fold_text(node.text)[-1:], "(?!")
            last = node.text[-1:]
            if _slot_next(follows) and last.upper() != last.lower():
                after = ""  # "atWIRED.com": `names` checks that a capital or a quote follows
            return _emit_text(node.text) + after
        if isinstance(node, Choice):
            return self._choice(node, follows)
        return self._slot(node.name, follows)

    def _choice(self, node: Choice, follows: Nodes) -> str:
        ordered = _longer_words_first(node.branches) if _slot_next(follows) else node.branches
        edge, branches = _common_edge([self.write(branch, follows) for branch in ordered])
        choice = f"{edge}(?:{'|'.join(branches)})"
        return f"(?:{choice})?" if edge and node.optional else choice + "?" * node.optional

    def _slot(self, name: str, follows: Nodes) -> str:
        if name in _SLOTS:
            if name != "url":
                return f"(?:{_SLOTS[name]})"
            body = _SLOTS[name]
        elif _required(follows):
            body = _PLACE if name == "place" else _NAME_MIDDLE
        elif any(not isinstance(node, Blank) for node in follows):
            raise SyntaxInvalid(_NEED)
        else:
            body = _NAME_END
        if name in self.slots:
            raise SyntaxInvalid(f"slot {{{name}}} stands twice: write two patterns")
        self.slots.append(name)
        return f"(?P<{name}>{body})"


_EDGE_BEFORE = re.compile(r"\(\?<!(?:\\[wd]|\[[^\]]*\])\)")


def _common_edge(branches: list[str]) -> tuple[str, list[str]]:
    """Take what all branches ask of the character before them out of them.

    Where each begins with a letter, most are passed over without being tried: 5 times faster.
    """
    edges = {found.group() if (found := _EDGE_BEFORE.match(b)) else "" for b in branches}
    if len(branches) < 2 or len(edges) > 1:
        return "", branches
    edge = edges.pop()
    return edge, [branch[len(edge) :] for branch in branches]


def _longer_words_first(branches: Sequence[Nodes]) -> list[Nodes]:
    """Single words by length: before a slot they have no edge, and "of" would do for "off"."""
    single = [len(branch) == 1 and isinstance(branch[0], Text) for branch in branches]
    words = sorted(itertools.compress(branches, single), key=_letters, reverse=True)
    rest = iter(words)
    return [next(rest) if one else b for b, one in zip(branches, single, strict=True)]


def _letters(branch: Nodes) -> int:
    return sum(len(node.text) for node in branch if isinstance(node, Text))


def _slot_next(follows: Nodes) -> bool:
    rest = [node for node in follows if not isinstance(node, Blank)]
    return bool(rest) and isinstance(rest[0], Slot)


def _required(follows: Nodes) -> bool:
    """Whether what follows a slot has to be there and begins with something fixed."""
    for node in follows:
        if isinstance(node, Blank):
            continue
        if isinstance(node, Choice) and node.optional:
            continue
        if isinstance(node, Choice):
            return all(_required(branch) for branch in node.branches)
        return not isinstance(node, Slot)
    return False


def _is_amid_words(nodes: Nodes) -> bool:
    """Whether an agency's slot has words on both sides: its name alone would not be looked at."""
    solid = [node for node in nodes if not isinstance(node, Blank)]
    for before, node, after in zip(solid, solid[1:], solid[2:], strict=False):
        if isinstance(node, Slot) and node.name in AGENCY_SLOTS:
            return isinstance(before, Text | Choice) and isinstance(after, Text | Choice)
    return False


def compile_pattern(
    source: str, words: Mapping[str, Sequence[str]], *, split: bool = False
) -> Pattern:
    """Compile one pattern of a language file.

    `words` are the file's word lists; `split` lets blanks be line breaks. Raises `SyntaxInvalid`.
    """
    nodes = _Reader(source.strip(), words).read()
    writer = _Writer(split=split)
    expression = writer.write(nodes, ())
    anchors, leads = find_anchors(nodes)
    needs: tuple[str, ...] = ()
    credited = any(slot in AGENCY_SLOTS for slot in writer.slots)
    short = bool(anchors) and min(len(anchor.strip()) for anchor in anchors) < 6
    held = short and "service" not in writer.slots and not _is_amid_words(nodes)
    if credited and (not anchors or held):
        needs = tuple(dict.fromkeys(anchor.split()[0] for anchor in anchors))
        marks = [node.char for node in nodes if isinstance(node, Mark)]
        needs = needs or tuple(marks[:1]) or find_needs(nodes)
        anchors, leads = (AGENCY_ANCHOR,), False
    if not anchors and isinstance(nodes[0], Mark) and nodes[0].char == "©":
        anchors = (COPYRIGHT_ANCHOR,)
    searched = not leads and anchors[:1] not in ((AGENCY_ANCHOR,), (COPYRIGHT_ANCHOR,))
    return Pattern(
        source,
        expression,
        tuple(writer.slots),
        anchors,
        leads,
        split,
        needs,
        "".join(sorted(find_initials(nodes) or "")),
        find_lead(nodes, anchors) if searched else (),
        "".join(sorted(find_marks(nodes))),
        find_needles(nodes),
    )
