"""Places where something new begins are found as a slow reading of the marks finds them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dedupe.attribution.beginnings import last_beginnings
from dedupe.attribution.view import build_view, window_text

_MARK = re.compile(r"[\n.!?。:;…\"'()/|*,-](?:(?<![,-])| )")
_KINDS = ("line", "sentence", "bracket", "segment")


def _kind_of(text: str, at: int) -> str:
    before = at - 1
    while before > 0 and text[before] in " *\"'=#":
        before -= 1
        if text[before + 1] == "*" and text[before] == " ":
            return "line" if before > 1 and text[before - 2 : before] == "\n|" else "segment"
    char = text[before]
    if char in "\n\ue000" or text[before - 1 : before + 1] == "\n|":  # "> " of a quotation
        return "line"
    if char == "(":
        return "bracket"
    if char in ".!?。…:;)":
        return "sentence"
    if char in "-/|,":
        apart = char != "," and (text[before - 1] in " \n-." or char in "|/")
        apart = apart or (char == "-" and text[before - 1] >= "\u0590")
        return "segment" if apart else ""
    return "sentence" if '"' in text[before:at] else ""


def _slowly(text: str, low: int, index: int) -> list[tuple[int, str]]:
    begins = [low] if text[low - 1 : low] == "\n" else []
    begins += [mark.end() for mark in _MARK.finditer(text, low)]
    found: dict[int, str] = {}
    for begin in begins:
        at = begin
        while at < len(text) and text[at] in " *-\"'|=#":
            at += 1
        found.setdefault(at, _kind_of(text, at))
    return [(at, kind) for at, kind in found.items() if kind and at <= index]


@given(
    st.lists(st.sampled_from([*"\n.!?。:;…\"'()/|*,-=# ab", "\u05d0", "\U0001f600", "--", " - "]))
    .map("".join)
    .map(lambda text: "a" + text + "b"),
    st.data(),
)
def test_beginnings_are_those_of_a_slow_reading(body: str, data: st.DataObject) -> None:
    view = build_view(body, window_text(body))
    low = data.draw(st.integers(1, len(view.text) - 1))
    index = data.draw(st.integers(low, len(view.text) - 1))
    slow = _slowly(view.text, low, index)
    for kind in _KINDS:
        places = [at for at, own in slow if own == kind]
        assert last_beginnings(view.begins, low, index, frozenset({kind}), 1000) == places
    assert (
        last_beginnings(view.begins, low, index, frozenset(_KINDS), 2)
        == [at for at, _ in slow][-2:]
    )
