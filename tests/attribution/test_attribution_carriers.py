"""Where a carrier, a place or a picture stands beside an agency, and who issued a release."""

from __future__ import annotations

import pytest
from attribution.reading import read, source_of

LEAD = "The bridge reopened on Monday and traffic went on as before, the council said. " * 3


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (f"Bridge opens\nBilbao/Vigo (EFE).- {LEAD}", "EFE"),
        (f"Bridge opens\nLyon, France | AFP | {LEAD}", "AFP"),
        (f"Mumbai: (PTI) {LEAD}", "PTI"),
        (f"LAHORE (UrduPoint / APP - UrduPoint News - 3rd May, 2021) :{LEAD}", "APP"),
        (f"Par Ida BRUNE =(Photo)= /// GAO (Mali), 20 mars 2017 (AFP) - {LEAD}", "AFP"),
        (
            f"Bridge opens\nBY IDA M. BROOK from the Associated Press\n{LEAD}",
            "the Associated Press",
        ),
    ],
)
def test_an_agency_beside_places_and_carriers_is_the_source(body, source):
    assert source_of(body) == source


@pytest.mark.parametrize(
    "body",
    [
        f"The bridge in May. (AFP/File)\n{LEAD}\n{LEAD}",
        f"Le pont en mai. | AFP\n{LEAD}\n{LEAD}",
        f"{LEAD}\nBloomberg\nGetty Images\n",
        f"Source: PRNewsfoto/Heron Oats\n{LEAD}",
        f"{LEAD}\nSource: Own elaboration",
        f"{LEAD}\nQuelle: eigene Darstellung",
        f"{LEAD}\nHome | AFP | Sport | More news",
    ],
)
def test_pictures_and_labels_without_a_name_are_none(body):
    assert source_of(body) is None


@pytest.mark.parametrize(
    ("body", "agencies"),
    [
        (f"{LEAD}\n(dpa/afp)", {"dpa", "afp"}),
        (f"{LEAD}\n(ats/afp)", {"ats", "afp"}),
        (f"{LEAD}\n(red/dpa)", {"dpa"}),
    ],
)
def test_agencies_in_small_letters_stand_beside_others(body, agencies):
    assert set(read(body).agencies) == agencies


@pytest.mark.parametrize(
    ("body", "issuer"),
    [
        (f"Polizeiinspektion Reiherau (ots) - Im Kreis Reiherau kam es am Montag zu elf Unfällen, "
         f"niemand wurde verletzt.\n{LEAD}", "Polizeiinspektion Reiherau"),
        (f"Wasseramt: Neue Regeln für Brücken\nWien (OTS) - Das Wasseramt teilt zu Berichten über "
         f"neue Regeln für alle Brücken der Stadt mit.\n{LEAD}", "Wasseramt"),
        (f"BOSTON, May 3, 2021 /PRNewswire/ -- Pump maker Heron Pumps (NYSE: HRN) today announced "
         f"a new line.\n{LEAD}", "Heron Pumps"),
        (f"{LEAD}\nSOURCE: Heron Pumps\nView source version on businesswire.com: "
         "https://www.businesswire.com/news/home/1", "Heron Pumps"),
        # who or what the sentence begins with is not always who issued it
        ("Hafen (ots) - Am Montag sperrte der Stadtrat die alte Brücke für acht Monate, und alle "
         "fuhren über die Küste.", None),
    ],
)  # fmt: skip
def test_who_issued_a_release(body, issuer):
    assert source_of(body) == issuer


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("This essay first appeared in the May/June issue of Heron Affairs.", "Heron Affairs"),
        ("This post was first published on Tin Whistle by Ida Brook.", "Tin Whistle"),
        ("Source: Heron Herald May 14, 2019 03:45 UTC", "Heron Herald"),
        ("Excerpted with permission from Heron House.", "Heron House"),
    ],
)
def test_issues_authors_and_dates_are_no_part_of_a_name(line, source):
    assert source_of(f"{LEAD}\n{line}") == source
