import random
from itertools import chain

import numpy as np
import pytest
from core.corpus import spell, story
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.config import Config, default_config
from dedupe.corpus import prepare_corpus
from dedupe.features import FEATURES
from dedupe.fingerprint import fingerprint_batch
from dedupe.matching import RELATIONS, judge_pairs, prefilter_pairs
from dedupe.models import Article, Relation
from dedupe.normalize import encode_texts
from dedupe.pipeline import compare

CONFIG = default_config()


def corpus(bodies, addresses=None, cuts=None):
    prints = fingerprint_batch(encode_texts(bodies, cuts or ()), CONFIG)
    firsts = np.minimum(prints.key_bounds[:-1] + CONFIG.bands, prints.key_bounds[1:])
    return prepare_corpus(
        prints.tokens,
        prints.token_bounds[:-1],
        prints.token_bounds[1:],
        prints.keys.copy(),
        firsts,
        prints.key_bounds[1:],
        np.array(addresses or [0] * len(bodies), np.uint64),
        CONFIG,
    )


def judge(left, right, addresses=None, config=CONFIG):
    pair = np.zeros(1, np.uint32), np.ones(1, np.uint32)
    return judge_pairs(corpus([left, right], addresses), *pair, config)


def relation(left, right, addresses=None):
    return RELATIONS[int(judge(left, right, addresses).relation[0])]


def text(words):
    return " ".join(words)


WORDS = story(1, 300)


def edit(words, rate, seed=0):
    chance = random.Random(seed)
    return [spell(chance.randrange(10**6)) if chance.random() < rate else w for w in words]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (WORDS, WORDS, Relation.IDENTICAL),
        (WORDS, edit(WORDS, 0.1), Relation.EDITED),
        (WORDS, WORDS[:200], Relation.EXCERPT),
        (WORDS, story(2, 100) + WORDS + story(3, 60), Relation.EXCERPT),
        (WORDS, story(2, 300) + WORDS + story(3, 200), Relation.EMBEDS),
        (WORDS, story(2, 250) + WORDS[100:140], Relation.PARTIAL),
        (WORDS, story(2, 300), Relation.INDEPENDENT),
        ([], [], Relation.INDEPENDENT),
        (WORDS, [], Relation.INDEPENDENT),
    ],
)
def test_relations_follow_their_definitions(left, right, expected):
    assert relation(text(left), text(right)) is expected
    assert relation(text(right), text(left)) is expected


def test_two_excerpts_of_one_container_always_share_words():
    """Each is half of it and more; what is shorter embeds, which unites nothing."""
    assert relation(text(WORDS), text(WORDS[:160])) is Relation.EXCERPT
    assert relation(text(WORDS), text(WORDS[140:])) is Relation.EXCERPT
    assert relation(text(WORDS), text(WORDS[:140])) is Relation.EMBEDS
    assert relation(text(WORDS), text(WORDS[160:])) is Relation.EMBEDS


def frame(numbers, names):
    return (
        f"Gold opened at {numbers[0]} dollars an ounce in {names[0]} on Monday, up {numbers[1]} "
        f"per cent, while silver stood at {numbers[2]} dollars and platinum at {numbers[3]}, "
        f"the exchange in {names[1]} said in its daily bulletin. Traders expect a quiet week, "
        f"with volumes near {numbers[4]} contracts and open interest of {numbers[5]} thousand, "
        f"according to the clearing house, which published its figures at {numbers[6]} in the "
        f"morning, before the auction that begins at {numbers[7]} and closes an hour later."
    )


def test_a_frame_with_other_numbers_is_a_template():
    left = frame([2301, 0.4, 27, 961, 4100, 88, 9, 11], ["London", "Zurich"])
    right = frame([2244, 1.1, 31, 1012, 3875, 93, 10, 12], ["London", "Zurich"])
    assert relation(left, right) is Relation.TEMPLATE


def test_another_text_at_the_same_address_is_a_revision():
    left, right = text(WORDS), text(edit(WORDS, 0.05))
    assert relation(left, right, [7, 7]) is Relation.REVISION
    assert relation(left, right, [7, 8]) is Relation.EDITED
    assert relation(left, left, [7, 7]) is Relation.IDENTICAL


def test_a_higher_threshold_asks_for_more():
    left, right = text(WORDS), text(edit(WORDS, 0.2))
    strict = judge(left, right, config=Config(threshold=1.0))
    assert RELATIONS[int(strict.relation[0])] is not Relation.EDITED


phrases = st.lists(st.sampled_from([story(n, 6) for n in range(8)]), min_size=2, max_size=14)


@given(phrases, phrases, st.integers(0, 10**6))
@settings(max_examples=150)
def test_a_verdict_is_the_same_from_both_sides(left, right, seed):
    """Phrases that recur make the alignment ambiguous: the order of the ids must not decide."""
    words = [[*chain(*left)], edit([*chain(*right)], 0.1, seed)]
    one, other = judge(text(words[0]), text(words[1])), judge(text(words[1]), text(words[0]))
    assert one.relation[0] == other.relation[0]
    assert one.probability[0] == other.probability[0]
    assert one.similarity[0] == other.similarity[0]
    assert one.containment_left[0] == other.containment_right[0]


@pytest.mark.parametrize("body", ["Photos", "By Jane Field", "市议会", "ثلاث كلمات فقط"])
def test_equal_bodies_of_a_few_words_are_identical_and_become_candidates(body):
    assert relation(body, f"  {body.upper()}.") is Relation.IDENTICAL
    prints = fingerprint_batch(encode_texts([body, f"«{body}»"]), CONFIG)
    first, second = (prints.keys[a : a + CONFIG.bands] for a in prints.key_bounds[:-1])
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("body", ["", ".", " … ", "\u200b\u0640"])
def test_bodies_without_a_word_are_identical_to_nothing(body):
    assert relation(body, body) is Relation.INDEPENDENT
    assert fingerprint_batch(encode_texts([body]), CONFIG).key_bounds[-1] == 0


def test_unequal_bodies_of_a_few_words_are_no_evidence():
    assert relation("By Jane Field in Hull", "By Jane Field in York") is Relation.INDEPENDENT


def test_a_long_passage_is_seen_in_texts_of_any_length():
    shared = story(7, 60)
    left, right = story(1, 3000) + shared, shared + story(2, 3000)
    assert relation(text(left), text(right)) is Relation.PARTIAL


def test_prefilter_keeps_short_texts_and_related_pairs_and_drops_strangers():
    shared = text(story(9, 25))
    bodies = [
        text(WORDS),
        text(WORDS[:120]),
        text(story(2, 600) + story(9, 25)),
        text(story(3, 600) + story(9, 25)),
        shared,
    ]
    made = corpus(bodies)
    left = np.array([0, 2, 2], np.uint32)
    right = np.array([1, 3, 4], np.uint32)
    assert prefilter_pairs(made, left, right).tolist() == [True, False, True]


def article(name, body, **more):
    return Article(id=name, outlet=None, url=None, title="", body=body, **more)


def test_compare_puts_the_pair_in_order_and_shows_its_contributions():
    left, right = article("b", text(WORDS)), article("a", text(WORDS[:200]))
    match = compare(left, right)
    assert (match.left, match.right) == ("a", "b")
    assert (match.relation, match.container) == (Relation.EXCERPT, "right")
    assert set(match.features) == {"intercept", *FEATURES}
    assert [right.body[a:b] for a, b, _, _ in match.spans] == [right.body]


def test_compare_ignores_the_notice_of_the_carrier():
    body = (
        "The harbour authority will dredge the northern channel this winter so that larger grain "
        "ships can reach the silos. Work starts in December and is expected to take nine weeks, "
        "the authority said, adding that ferries will keep to their timetable throughout."
    )
    notice = "This article first appeared on The Harbour Ledger and is republished with permission."
    match = compare(article("a", body), article("b", f"{body}\n\n{notice}"))
    assert match.relation is Relation.IDENTICAL
    assert match.probability == 1.0


def test_hostile_stuffing_does_not_hide_a_copy():
    body = (
        "أعلنت هيئة الموانئ أنها ستبدأ تعميق القناة الشمالية هذا الشتاء حتى تصل سفن الحبوب "
        "الكبيرة إلى الصوامع. ويبدأ العمل في ديسمبر ويستمر تسعة أسابيع كما قالت الهيئة التي "
        "أضافت أن العبارات "
        "ستلتزم مواعيدها طوال الفترة"
    )
    stuffed = "".join(char + "\u200b\u0640\u064e" if char != " " else char for char in body)
    assert compare(article("a", body), article("b", stuffed)).relation is Relation.IDENTICAL
