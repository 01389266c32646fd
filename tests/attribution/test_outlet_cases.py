"""Names as sentences put them: in other cases than the list has them in."""

from __future__ import annotations

import pytest

from dedupe.attribution.outlet_cases import declines, list_bare_names
from dedupe.attribution.outlet_names import fold_name
from dedupe.attribution.outlets import load_outlets


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Süddeutschen Zeitung", "sz"),
        ("Frankfurter Allgemeinen Zeitung", "faz"),
        ("Neuen Zürcher Zeitung", "nzz"),
        ("Gazety Wyborczej", "wyborcza"),
        ("Gazecie Wyborczej", "wyborcza"),
        ("Rzeczpospolitej", "rzeczpospolita"),
        ("Новой газете", "novaya"),
        ("Коммерсанта", "kommersant"),
        ("Ведомостей", "vedomosti"),
        ("газете «Известиях»", "izvestia"),
        ("Українській правді", "ukrpravda"),
        ("Дзеркалі тижня", "zn_ua"),
        ("Lidových novinách", "lidovky"),
        ("Helsingin Sanomissa", "helsingin_sanomat"),
        ("Καθημερινής", "kathimerini"),
        ("Folha de São Paulo", "folha"),
    ],
)
def test_a_name_in_another_case_is_the_outlet(written, key):
    found = load_outlets().resolve(written, agency_context=True)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "written",
    ["Новой жизни", "Сибирской газете", "Süddeutschen Post", "Guardians", "Sterns",
     "Правды", "Gazety", "\u0430" * 200, "a " * 90],
)  # fmt: skip
def test_a_cousin_in_another_case_is_nobody(written):
    assert load_outlets().resolve(written, agency_context=True) is None


def test_of_the_listed_names_one_pair_shares_a_case():
    outlets = load_outlets()
    owners = {
        fold_name(alias): outlet.key
        for outlet in outlets
        for alias in outlet.aliases
        if alias not in outlet.ambiguous
    }
    vocabulary = frozenset(word for form in owners for word in form.split(" "))
    shared = {
        frozenset((own, key))
        for form, own in owners.items()
        for language, words in list_bare_names(form, vocabulary)
        if (key := owners.get(" ".join(words), own)) != own
        if declines(language, words, outlets[key].languages)
    }
    assert len(owners) > 9000
    assert shared == {frozenset(("politika", "politico"))}
