"""What is said to differ is what differs, at the right places, in bounded time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe import differences
from dedupe.differences import Change, align, find_differences
from dedupe.normalize import tokenize

WORDS = ["bridge", "the", "Aden", "25", "٢٥", "جسر", "المدينة", "says", "Smith", "27", "桥", "梁"]
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
identities = st.lists(st.integers(0, 6), max_size=60).map(lambda ids: np.array(ids, np.uint32))


def apply(ranges, left, right):
    """Replace each left range by its right one."""
    result, at = [], 0
    for first, last, other_first, other_last in ranges:
        result += [*left[at:first], *right[other_first:other_last]]
        at = last
    return [*result, *left[at:]]


@given(identities, identities)
def test_applying_the_ranges_to_left_gives_right(left, right):
    assert apply(align(left, right), left.tolist(), right.tolist()) == right.tolist()


@given(identities, identities)
@settings(max_examples=300)
def test_anchored_alignment_of_texts_too_large_for_the_exact_one_gives_right(left, right):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "MAX_CELLS", 8)
        ranges = align(left, right)
    assert apply(ranges, left.tolist(), right.tolist()) == right.tolist()


@given(texts, texts)
def test_quotes_are_the_verbatim_text_at_the_offsets_and_come_in_order(left, right):
    at = other_at = 0
    for each in find_differences(left, right):
        assert each.left == left[each.left_start : each.left_end]
        assert each.right == right[each.right_start : each.right_end]
        assert at <= each.left_start <= each.left_end
        assert other_at <= each.right_start <= each.right_end
        at, other_at = each.left_end, each.right_end


@given(texts, texts)
def test_replacing_left_quotes_by_right_quotes_gives_the_words_of_right(left, right):
    pieces, at = [], 0
    for each in find_differences(left, right):
        pieces += [left[at : each.left_start], f" {each.right} "]
        at = each.left_end
    rebuilt = "".join([*pieces, left[at:]])
    assert tokenize(rebuilt).ids.tolist() == tokenize(right).ids.tolist()


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert find_differences(text, text) == ()


def test_case_marks_and_punctuation_are_no_difference():
    assert find_differences("The Bridge, opened.", "the bridge opened") == ()
    assert find_differences("أُعلِنَ إفتتاح الجِسر", "اعلن افتتاح الجسر") == ()


def test_changed_number_is_flagged_in_any_digits():
    (found,) = find_differences("the ferry carried 25 people", "the ferry carried ٢٧ people")
    assert (found.change, found.left, found.right) == (Change.REPLACE, "25", "٢٧")
    assert (found.number, found.date, found.name) == (True, False, False)


def test_the_same_number_in_other_digits_is_no_difference():
    assert find_differences("وصل 25 شخصا", "وصل ٢٥ شخصا") == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("opened on 3 July in town", "opened on 4 July in town"),
        ("opened on 2015-07-21 in town", "opened on 2015-07-22 in town"),
        ("افتتح يوم الخميس الماضي", "افتتح يوم الجمعة الماضي"),
        ("在7月21日开放", "在7月22日开放"),
    ],
)
def test_changed_date_is_flagged(left, right):
    (found,) = find_differences(left, right)
    assert found.date


def test_a_number_that_is_no_date_is_not_flagged_as_one():
    (found,) = find_differences(
        "they may carry on with 25 boats", "they may carry on with 26 boats"
    )
    assert found.number
    assert not found.date


def test_changed_name_is_flagged_by_its_capital():
    (found,) = find_differences("said mayor John Quill today", "said mayor Jane Quill today")
    assert (found.left, found.right, found.name) == ("John", "Jane", True)


def test_a_sentence_beginning_that_is_written_small_elsewhere_is_no_name():
    left = "The bridge opened. Officials left, and the officials came back."
    right = "The bridge opened. People left, and people and officials came back."
    assert not any(each.name for each in find_differences(left, right))


def test_insertion_stands_after_the_word_before_it():
    (found,) = find_differences("opened in town.", "opened at last in town.")
    assert (found.change, found.left, found.right) == (Change.INSERT, "", "at last")
    assert found.left_start == found.left_end == len("opened")


def test_change_inside_a_notice_is_marked():
    left, right = "The bridge opened.", "The bridge opened. Source: Quay Post"
    start = right.index("Source")
    (found,) = find_differences(left, right, (), [(start, len(right))])
    assert found.notice
    (found,) = find_differences(left, right)
    assert not found.notice


def test_a_word_shared_by_chance_does_not_split_a_rewritten_passage():
    left = "opened by a large crowd of the old town today and then closed"
    right = "opened with music from every part of this small harbour quarter and then closed"
    assert len(find_differences(left, right)) == 1


def test_moved_blocks_in_texts_too_large_to_align_exactly_are_found_by_anchors(monkeypatch):
    monkeypatch.setattr(differences, "MAX_CELLS", 10_000)
    words = [f"w{number}" for number in range(5_000)]
    changed = [*words[:700], "new", *words[700:2_000], *words[2_300:]]
    changed[3_000] = "27"
    found = find_differences(" ".join(words), " ".join(changed))
    assert [each.change for each in found] == [Change.INSERT, Change.DELETE, Change.REPLACE]
    assert found[1].left.split() == words[2_000:2_300]


def test_megabytes_without_a_common_anchor_become_one_difference():
    left = "a b " * 400_000
    right = "b a c " * 300_000
    assert len(find_differences(left, right)) <= 2


def test_empty_texts():
    assert find_differences("", "") == ()
    (found,) = find_differences("", "all new words")
    assert (found.change, found.left_start, found.right) == (Change.INSERT, 0, "all new words")


def test_a_weekday_is_a_date_and_no_name():
    left = "The port said on Monday that it would close."
    right = left.replace("Monday", "Friday")
    (found,) = find_differences(left, right)
    assert (found.date, found.name) == (True, False)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("lost seven boats in the storm", "lost nine boats in the storm"),
        ("Seven boats were lost", "Nine boats were lost"),
        ("earned 2 million in a year", "earned 2 billion in a year"),
        ("خسر الصندوق سبعة ملايين ريال", "خسر الصندوق تسعة ملايين ريال"),
        ("погибли пять человек", "погибли шесть человек"),
        ("共有三百人参加", "共有五百人参加"),
    ],
)
def test_a_changed_number_word_is_a_number_and_nothing_else(left, right):
    (found,) = find_differences(left, right)
    assert (found.number, found.date, found.name) == (True, False, False)


@pytest.mark.parametrize(
    ("left", "right"),
    [("共有一些人参加", "共有这些人参加"), ("十分重要的会议", "非常重要的会议")],
)
def test_a_letter_that_also_writes_a_number_is_none_in_a_word(left, right):
    (found,) = find_differences(left, right)
    assert (found.number, found.date, found.name) == (False, False, False)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("In June it rained in town.", "In May it rained in town."),
        ("In March it rained in town.", "In May it rained in town."),
        ("会议定于七月召开", "会议定于八月召开"),
    ],
)
def test_a_month_is_a_date_and_no_name(left, right):
    (found,) = find_differences(left, right)
    assert (found.date, found.name) == (True, False)


def test_a_person_named_like_a_month_is_a_name():
    (found,) = find_differences("then Theresa May spoke", "then Theresa Smith spoke")
    assert (found.date, found.name) == (False, True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("استقبل الوزير خالد الوفد صباحا", "استقبل الوزير سامي الوفد صباحا"),
        ("وصل الأمير محمد بن نايف إلى الرياض", "وصل الأمير محمد بن سلمان إلى الرياض"),
        ("صرح وزير الخارجية محمد العلي أن", "صرح وزير الخارجية خالد الحربي أن"),
        ("وقال محمد العلي إن الخطة", "وقال محمد الحربي إن الخطة"),
        ("وقال أحمد إن الخطة جاهزة", "وقال خالد إن الخطة جاهزة"),
        ("部长王建国表示同意", "部长李明华表示同意"),
        ("据部长王建国介绍", "据部长王建军介绍"),
        ("昨天在广州市举行", "昨天在杭州市举行"),
    ],
)
def test_a_name_without_capitals_is_told_by_what_stands_around_it(left, right):
    (found,) = find_differences(left, right)
    assert (found.name, found.date, found.number) == (True, False, False)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("أعلن وزير الخارجية بدء العمل", "أعلن وزير الخارجية وقف العمل"),
        ("وقال مسؤول إن الخطة", "وقال مصدر إن الخطة"),
        ("وصل محمد اليوم إلى جدة", "وصل محمد أمس إلى جدة"),
        ("部长表示同意方案", "部长表示反对方案"),
        ("市长会见了代表", "市民会见了代表"),
        ("وعادت السفينة. وأضافت المصادر", "وعادت السفينة. وأشارت المصادر"),
        ("جنحت سفينة. وأضافت المصادر", "جنحت سفينة. وأشارت المصادر"),
    ],
)
def test_other_words_beside_titles_are_no_names(left, right):
    (found,) = find_differences(left, right)
    assert not found.name


def test_other_arabic_words_are_no_names():
    (found,) = find_differences("أعلنت الهيئة بدء العمل غدا", "أعلنت الهيئة وقف العمل غدا")
    assert not found.name
