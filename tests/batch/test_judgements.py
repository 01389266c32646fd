"""Files of judgements: what a service lists is read, all else is refused with its place."""

from __future__ import annotations

import json

import pytest

from dedupe.batch.judgements import read_judgements
from dedupe.errors import InputMissing, InputUnreadable

LINK = {"kind": "must_link", "left": "b", "right": "a", "who": "desk", "note": "one wire"}
PIN = {"kind": "pin_original", "left": "a", "right": None, "note": ""}


def page(*judgements, following=None):
    return json.dumps({"judgements": judgements, "next": following}, indent=1)


def read(tmp_path, text):
    path = tmp_path / "judgements.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(one.kind.value, one.left, one.right) for one in read_judgements(path)]


def test_pages_and_single_judgements_are_read_in_any_layout(tmp_path) -> None:
    withdrawn = {**LINK, "right": "c", "withdrawn": "2026-03-04T08:15:00Z"}
    text = "\ufeff" + page(LINK, withdrawn, following="x") + page() + f"\n{json.dumps(PIN)}\n\n"
    assert read(tmp_path, text) == [("must_link", "a", "b"), ("pin_original", "a", None)]
    assert read(tmp_path, page(LINK, LINK)) == [("must_link", "a", "b")]
    assert read(tmp_path, "") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (page(LINK) + "\n{", "line 13: not JSON"),
        (page(LINK, following="eyJ"), r"line 1: the list goes on .*append the page"),
        ("\n" + page(PIN, {**LINK, "kind": "x"}), "line 2, judgement 2: no judgement .* is wanted"),
        (json.dumps(PIN) + "\n[]", "line 2: no judgement and no page"),
        (page({**LINK, "right": "b"}), "judgement 1: left and right are one article"),
        (page({**LINK, "right": 7}), "judgement 1: right is no article id"),
        (page({**LINK, "left": "x" * 513}), "judgement 1: left is no article id"),
        (page({**PIN, "right": "b"}), "judgement 1: an original is pinned alone"),
        (page(LINK, {**LINK, "kind": "cannot_link"}), "judgement 2: .*opposite .* line 1: remove"),
        (
            "\n".join(
                map(
                    json.dumps,
                    (LINK, {**LINK, "left": "c"}, {**LINK, "kind": "cannot_link", "right": "c"}),
                )
            ),
            "line 3: .*opposite of judgements in lines 1, 2 together: remove one",
        ),
        ("[" * 100_000, "line 1: JSON nested too deep"),
        (b'{}\n"\xff"', "line 2: not UTF-8"),
    ],
)
def test_what_no_service_gives_out_is_refused_with_place_and_remedy(tmp_path, text, told) -> None:
    with pytest.raises(InputUnreadable, match=rf"judgements\.json: .*{told}"):
        read(tmp_path, text)


def test_a_missing_file_is_said_to_be_missing(tmp_path) -> None:
    with pytest.raises(InputMissing):
        read_judgements(tmp_path / "none.json")
