"""A name near a known one is another outlet unless it is clearly that one misspelt."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.outlets_threshold import QUALIFIERS, alphabet, short_word, sure_aliases
from dedupe.attribution.outlet_names import fold_name, fold_names
from dedupe.attribution.outlets import load_outlets

OUTLETS = load_outlets()
EXACT = {form.replace(" ", "") for form in fold_names([a for o in OUTLETS for a in o.aliases])}
SURE = [alias for alias, _ in sure_aliases(OUTLETS)]


def key_of(name):
    outlet = OUTLETS.resolve(name, agency_context=True)
    return outlet.key if outlet else None


@pytest.mark.parametrize(
    "name",
    [
        "Gull News", "Daily Mall", "Le Monte", "Arab New", "Al Ayan", "Gulf Time", "Sunday Times",
        "Daily Main", "The Daily Stat", "Le Mondial", "Guardia", "El Mundial", "Die Zelt",
        "Independente", "Business Lines", "Sunday Guardian", "New Reuters", "Evening Telegraph",
        "الخليج الجديد اليوم", "عكاظ الجديدة", "القدس العربية الجديدة", "اليوم السايع", "الوصن",
        "Times New York", "Times India", "Комсомольская смена", "Вечерние известия",
        "北京早报", "南方周报", "조선일본", "読書新聞", "ハアレツ紙面",
    ],
)  # fmt: skip
def test_a_near_name_is_nobody_we_know(name):
    assert key_of(name) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The Wahsington Post", "washpost"), ("Asociated Press", "ap"), ("Al Jazzera", "aljazeera"),
        ("The Guardan", "guardian"), ("Sydney Morning Herlad", "smh"),
        ("Frankfurter Allgmeine Zeitung", "faz"), ("شرق الأوسط", "aawsat"),
        ("Коммерсннт", "kommersant"), ("Reuers", "reuters"), ("Deutsche Press-Agentur", None),
    ],
)  # fmt: skip
def test_a_slip_in_a_long_word_is_found(name, key):
    assert key_of(name) == key


def test_the_sunday_paper_is_not_the_daily():
    for sunday, daily in (("The Sunday Times (London)", "times_uk"), ("Welt am Sonntag", "welt"),
                          ("The Mail on Sunday", "dailymail")):  # fmt: skip
        found = OUTLETS.resolve(sunday)
        assert found is not None
        assert found.key != daily
        assert OUTLETS.family(found.key) == OUTLETS.family(daily)


@given(st.sampled_from(SURE), st.randoms(use_true_random=False))
def test_a_letter_changed_in_a_short_word_makes_another_name(alias, rng: random.Random):
    name = short_word(alias, rng)
    if fold_name(name).replace(" ", "") not in EXACT:
        found = OUTLETS.nearest(name)  # it may come nearer to another spelling of its own outlet
        assert found is None or found is OUTLETS.resolve(alias), (alias, name)


@given(st.sampled_from(SURE), st.randoms(use_true_random=False))
def test_a_word_added_makes_another_name(alias, rng: random.Random):
    name = f"{alias} {rng.choice(QUALIFIERS[alphabet(alias)])}"
    if fold_name(name).replace(" ", "") not in EXACT:
        assert key_of(name) is None, (alias, name)
