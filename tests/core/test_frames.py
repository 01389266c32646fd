"""Texts that fill one frame: three tell what two cannot."""

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.frames import corpus_of
from dedupe.batch.local import cluster_labels
from dedupe.clustering import choose_links
from dedupe.config import default_config
from dedupe.frames import find_frames
from dedupe.limits import FILLED
from dedupe.matching import UNITING, judge_pairs

CONFIG = default_config()
WRITTEN = tomllib.loads(Path(__file__).with_name("names_only.toml").read_text("utf-8"))["frame"]
ONE_NAME = {
    "ar": (
        "بعث أمين المدينة برقية عزاء إلى أسرة {} في وفاة والدهم الذي وافته المنية بعد صراع مع "
        "المرض، وسأل الله أن يتغمد الفقيد بواسع رحمته وأن يلهم أهله وذويه الصبر والسلوان، وقد شيع "
        "الجثمان عصر أمس في مقبرة البلدة وسط حضور كبير من الأقارب والأصدقاء والجيران.",
        ["الزهراني", "القرني", "الدوسري", "الحربي", "السبيعي", "العمري"],
    ),
    "en": (
        "The parish council has sent its condolences to the family of {}, who died in hospital "
        "after a short illness. The flag over the town hall will fly at half mast until then, and "
        "a book of remembrance has been opened in the library for all to sign.",
        ["Horace Tibbet", "Mary Quainton", "Len Aldous", "Ida Prewitt", "Saul Fenn", "Joan Riddle"],
    ),
    "zh": (
        "经区委研究决定，任命{}同志为区文化馆馆长，任期三年。文件要求全馆干部职工支持新馆长的工作，"
        "继续做好群众文化活动的组织和服务，把文化馆办成居民身边的精神家园，让更多的人走进来。",
        ["冯立新", "邓小兰", "曹志远", "彭丽华", "袁国强", "苏文静"],
    ),
}  # fmt: skip


def judge(texts):
    pairs = np.array(list(combinations(range(len(texts)), 2)), np.uint32)
    corpus = corpus_of(texts, CONFIG)
    return judge_pairs(corpus, pairs[:, 0].copy(), pairs[:, 1].copy(), CONFIG)


def cluster(texts):
    labels = cluster_labels(len(texts), judge(texts))
    return sorted(np.flatnonzero(labels == label).tolist() for label in np.unique(labels))


def alone(count):
    return [[number] for number in range(count)]


@pytest.mark.parametrize("lang", ONE_NAME)
def test_three_with_three_names_in_one_slot_are_three_events(lang):
    text, names = ONE_NAME[lang]
    for count in (3, len(names)):
        assert cluster([text.format(name) for name in names[:count]]) == alone(count)


@pytest.mark.parametrize("lang", ONE_NAME)
def test_copies_of_each_event_stay_together(lang):
    text, names = ONE_NAME[lang]
    texts = [text.format(name) for name in names[:3] for _ in range(3)]
    assert cluster(texts) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


@pytest.mark.parametrize("lang", ONE_NAME)
def test_a_name_put_right_keeps_one_cluster(lang):
    text, (wrong, right, *_) = ONE_NAME[lang]
    texts = [text.format(name) for name in (wrong, right, right, wrong, wrong, right)]
    assert cluster(texts) == [list(range(6))]


@pytest.mark.parametrize("frame", WRITTEN, ids=lambda frame: frame["lang"])
def test_frames_of_names_that_no_pair_tells_are_told_by_all(frame):
    names = zip(frame["a"], frame["b"], strict=True)
    texts = [frame["text"].format(a=a, b=b) for a, b in names]
    assert cluster(texts) == alone(len(texts))


MORE = {
    "ar": " وكان الفقيد قد عمل في التعليم ثلاثين عاما وأسهم في تأسيس جمعيات خيرية عدة وكرمته "
    "البلدة قبل عامين في حفل كبير حضره وجهاؤها وأعيانها وطلابه القدامى.",
    "en": " He had taught at the grammar school for thirty years and kept bees on the hill behind "
    "the church, where the garden club will put up a bench in his memory.",
    "zh": "他曾在中学任教三十年，深受学生爱戴，退休后仍坚持义务辅导社区的孩子们学习书法和绘画。",
}  # fmt: skip


@pytest.mark.parametrize("lang", ONE_NAME)
def test_more_around_the_frame_of_some_brings_nobody_together(lang):
    text, names = ONE_NAME[lang]
    texts = [text.format(name) for name in names]
    texts[2] += MORE[lang]
    assert cluster(texts) == alone(len(texts))
    texts[2], texts[4] = MORE[lang] + " " + text.format(names[2]), texts[4] + MORE[lang]
    assert cluster(texts) == alone(len(texts))
    assert cluster([*texts, text.format(names[2])]) == [[0], [1], [2, 6], [3], [4], [5]]


def test_the_day_that_each_outlet_writes_is_no_sign_of_another_event():
    text = (
        "The regatta was called off {} when the wind turned against the moored boats and the "
        "stewards could no longer see the buoys. The crews carried their hulls back over the lock "
        "and the committee promised the rowers another day before the end of the season."
    )
    assert cluster([text.format(day) for day in ("today", "yesterday", "Monday")]) == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("The clerk {} that the reservoir had filled again after the autumn rain and that the ban "
         "on watering gardens, in force since the end of June, would be lifted on the first of the "
         "month. Anglers may return to the western bank as soon as the path has been cleared.",
         ("said", "stated", "announced")),
        ("وكان مدير المصلحة قد {} في لقاء مع الأهالي أن أعمال صيانة الجسر القديم ستنتهي قبل "
         "حلول موسم الأمطار وأن حركة المرور ستحول إلى الطريق الدائري ليلا حتى لا يتضرر أصحاب "
         "المحلات والورش المجاورة.",
         ("ذكر", "أعلن", "أكد")),
    ],
    ids=["en", "ar"],
)  # fmt: skip
def test_other_verbs_of_saying_are_no_other_events(text, verbs):
    assert cluster([text.format(verb) for verb in verbs]) == [[0, 1, 2]]


def test_revisions_of_one_article_are_no_frame():
    left = np.array([0, 0, 1], np.uint32)
    right = np.array([1, 2, 2], np.uint32)
    slots = np.full(3, 3 | FILLED, np.int64)
    for probability, used in ((0.99, False), (1.0, True)):
        chances = np.full(3, probability, np.float32)
        found = choose_links(3, left, right, chances, np.zeros(3, np.bool_), slots)
        assert found.tolist() == [used] * 3


def test_two_that_share_a_name_are_told_by_a_third():
    text = (
        "The festival opens on {} with a concert by {} in the old granary beside the river. Doors "
        "open at seven, there are seats for two hundred, and the bar serves the brewery's own ale. "
        "Tickets are sold at the library and at the door as long as there are any left."
    )
    values = [("Friday", "Ashgrove"), ("Friday", "Larkrise"), ("Sunday", "Penhallow"),
              ("Monday", "Quayside")]  # fmt: skip
    assert cluster([text.format(*own) for own in values]) == alone(4)


def test_parts_that_values_share_are_no_frame():
    text = (
        "The central bank bought bills from the market for {} this morning, a spokeswoman said. "
        "Dealers reported that overnight money was trading at {} pct when the bank stepped in, and "
        "that further help was not expected before the close of business in the capital."
    )
    values = [("1.5 million", "7-3/16"), ("1.5 million", "7-1/4"), ("two million", "7-1/16"),
              ("2.5 million", "7-3/16"), ("two million", "seven")]  # fmt: skip
    assert cluster([text.format(*own) for own in values]) == alone(len(values))


STORY = (
    "The lighthouse keeper of {} counted the ships that passed in the fog and wrote each of them "
    "into a ledger which the harbour office has kept for {} years, until a {} found it behind a "
    "cupboard and gave it to the museum, where a curator named {} is now reading it page by page."
)
VALUES = (("Skerry", "Sherry"), ("ninety", "sixty"), ("plumber", "painter"), ("Voss", "Moss"))


@given(st.lists(st.tuples(*[st.booleans()] * len(VALUES)), min_size=3, max_size=7, unique=True))
@settings(max_examples=60, deadline=None)
def test_values_put_right_here_and_there_are_no_frame(chosen):
    texts = [
        STORY.format(*(pair[own] for pair, own in zip(VALUES, row, strict=True))) for row in chosen
    ]
    judged = judge(texts)
    links = judged.select(np.isin(judged.relation, UNITING))
    ends = links.left.astype(np.int64), links.right.astype(np.int64)
    every = np.ones(len(ends[0]), np.bool_)
    assert not find_frames(len(texts), *ends, links.slot_places, every).any()


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
        st.tuples(st.integers(0, 15), st.booleans(), st.booleans()),
    ),
    st.randoms(),
)
def test_what_is_found_does_not_depend_on_order_and_is_what_three_loops_find(links, random):
    def bits(number):
        return number.bit_count()

    def one_frame(*own):
        common = bits(own[0] & own[1] & own[2])
        sizes = [bits(each) for each in own]
        return all(own) and common == min(sizes) and 2 * common >= max(sizes)

    triangles = []
    for a, b, c in combinations(range(9), 3):
        pairs = [(a, b), (a, c), (b, c)]
        if all(pair in links for pair in pairs) and one_frame(*(links[pair][0] for pair in pairs)):
            triangles.append(pairs)
    uniting = {pair for pair, (_, _, unites) in links.items() if unites}
    expected, before = set(), None
    for pairs in triangles:
        if all(links[pair][1] for pair in pairs):
            expected |= uniting.intersection(pairs)
    while expected != before:
        before = set(expected)
        for pairs in triangles:
            if before.intersection(pairs):
                expected |= uniting.intersection(pairs)
    rows = list(links.items())
    random.shuffle(rows)
    left = np.array([a for (a, _), _ in rows], np.int64)
    right = np.array([b for (_, b), _ in rows], np.int64)
    places = np.array([slots | filled * FILLED for _, (slots, filled, _) in rows], np.int64)
    unites = np.array([own for _, (_, _, own) in rows], np.bool_)
    found = find_frames(9, left, right, places, unites)
    assert {pair for (pair, _), hit in zip(rows, found.tolist(), strict=True) if hit} == expected
