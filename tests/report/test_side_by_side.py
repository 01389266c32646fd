"""Marked texts and texts beside each other: nothing of a text is lost, doubled or moved."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedupe.differences import find_differences
from dedupe.report.marking import Mark, mark_paragraphs, web_address
from dedupe.report.side_by_side import SideText, align_texts, share_out

WORDS = {"number": "n", "date": "d", "name": "w", "notice": "aside", "passage": "passage {n}"}
TEXTS = st.lists(
    st.sampled_from(
        ["one", "two", "ثلاثة", "Maren", "1187", "\n", "\n\n", ".", "«", "日本", "\u202e"]
    ),
    max_size=40,
).map(" ".join)


def plain(paragraphs):
    return "".join(piece.text for pieces in paragraphs for piece in pieces)


def squeezed(text):
    return text.replace("\n", "").replace("\u202e", "\ufffd")


@given(TEXTS, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 30), st.sampled_from("abc"))))
@example("one\n\ntwo", [(0, 8, "a"), (3, 2, "b"), (5, 0, "c")])
def test_every_character_stands_once_under_exactly_its_marks(text, spans):
    marks = [Mark(start, start + size, kind) for start, size, kind in spans]
    paragraphs = mark_paragraphs(text, marks)
    assert plain(paragraphs) == squeezed(text)
    at = 0
    for piece in (piece for pieces in paragraphs for piece in pieces):
        while text[at] == "\n":
            at += 1
        for place in range(at, at + len(piece.text)):
            over = {mark.kind for mark in marks if mark.start <= place < mark.end}
            assert over == set(piece.kinds)
        at += len(piece.text)
    begun = [mark for pieces in paragraphs for piece in pieces for mark in piece.begins]
    assert len(begun) <= len(marks)


@given(TEXTS, TEXTS)
@example("one\ntwo two\n1187", "one\ntwo\nthree\n1187 Maren")
def test_both_texts_stand_whole_in_the_rows(left, right):
    differences = find_differences(left, right)
    aligned = align_texts(SideText(left), SideText(right), differences, (), WORDS)
    assert "".join(plain(row.left) for row in aligned.rows).split() == squeezed(left).split()
    assert "".join(plain(row.right) for row in aligned.rows).split() == squeezed(right).split()
    assert aligned.counts["differences"] == len(differences)


def test_a_paragraph_put_in_stands_alone_and_the_rest_stays_level():
    left = "The harbour opens.\nThe ferry sails at nine.\nThe end is near."
    right = (
        "The harbour opens.\nNobody knew of this line.\nThe ferry sails at nine.\nThe end is near."
    )
    rows = align_texts(
        SideText(left), SideText(right), find_differences(left, right), (), WORDS
    ).rows
    assert [row.kind for row in rows] == ["same", "right", "same", "same"]
    assert plain(rows[1].right) == "Nobody knew of this line."
    assert plain(rows[2].left) == plain(rows[2].right) == "The ferry sails at nine."


def test_changed_numbers_are_flagged_notices_shaded_passages_linked():
    left, right = "Winds of 25 knots at sea.\nCopied with leave", "Winds of 60 knots at sea."
    differences = find_differences(left, right, [(26, 43)])
    spans = [(12, 24, 12, 24)]
    aligned = align_texts(SideText(left, [(26, 43)]), SideText(right), differences, spans, WORDS)
    pieces = [p for row in aligned.rows for pieces in row.left for p in pieces]
    kinds = {p.text: p.kinds for p in pieces}
    assert set(kinds["25"]) == {"removed", "flag-number"}
    assert "aside" in kinds["Copied with leave"]
    (begin,) = [mark for p in pieces for mark in p.begins if mark.target]
    assert (begin.anchor, begin.target) == ("left-1", "right-1")
    assert aligned.counts["number"] == 1


def test_a_long_text_is_cut_and_what_is_left_out_is_counted():
    left = "word " * 60_000
    aligned = align_texts(SideText(left), SideText(left), (), (), WORDS)
    assert len(plain(aligned.rows[0].left)) == 100_000
    assert aligned.unshown == 2 * (len(left) - 100_000)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))),
    st.lists(st.integers(0, 60), min_size=2).map(sorted),
)
def test_every_row_gets_the_marks_that_reach_into_it(spans, cuts):
    marks = [Mark(start, start + size, "a") for start, size in spans]
    rows = list(pairwise(cuts))
    for (start, end), share in zip(rows, share_out(marks, rows), strict=True):
        wanted = [m for m in marks if m.start < m.end and m.start < end and m.end > start]
        spans = sorted((mark.start, mark.end) for mark in share)
        if start < end:
            assert spans == sorted((mark.start, mark.end) for mark in wanted)


def test_marks_are_looked_at_once_and_not_for_every_row():
    looked = []

    class Watched(Mark):
        def __getattribute__(self, name):
            if name == "end":
                looked.append(1)
            return super().__getattribute__(name)

    marks = [Watched(10 * n, 10 * n + 5, "a") for n in range(300)]
    shares = share_out(marks, [(10 * n, 10 * n + 10) for n in range(300)])
    assert [len(share) for share in shares] == [1] * 300
    assert len(looked) < 5 * len(marks)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://news.example/2026/story", True),
        ("http://[2001:db8::1]:8080/x", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)//http://x", False),
        ("data:text/html,<script>", False),
        ("//evil.example", False),
        ("https://user:word@evil.example", False),
        ("https://news.example@evil.example/", False),
        ("https:///nohost", False),
        ("https://a.example:99999999/", False),
        ("https://a.example/\u202egnp", False),
        ("https://a.example/" + "x" * 3000, False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(address, safe):
    assert web_address(address) == (address if safe else None)
