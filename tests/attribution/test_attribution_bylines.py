"""Bylines that name an outlet or agency behind its reporters; what only looks like one."""

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

PROSE = "The river rose by two metres in the night, and the road to the harbour is shut for a week."


def source(body: str) -> str | None:
    """The source that is read in a text without host."""
    (found,) = load_extractor().extract([Article("1", None, None, "", body)])
    return found.original_source if found is not None else None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Ann Roe, Associated Press Published 9:21 a.m. ET May 3, 2021", "Associated Press"),
        (
            "Ann Roe and Bo Lee, Associated Press\nUpdated\n11:16 pm, May 3, 2021",
            "Associated Press",
        ),
        ("By: Ann Roe, Bo Lee, The Associated Press\nMay 3, 2021", "The Associated Press"),
        ("By Ann Roe and Bo Lee New York Times\nMay 3, 2021", "New York Times"),
        ("Ann Roe and Bo Lee , USA TODAY Published 3:55 a.m. ET May 3, 2021", "USA TODAY"),
        ("Par Anne Roche et Paul Quai, Le Monde\nPublié le 3 mai 2021 à 14h20", "Le Monde"),
        ("Por Ana Paz, El País\n3 de mayo de 2021", "El País"),
        ("Ana Paz e João Cais, Reuters Atualizado em 3 de maio de 2021", "Reuters"),
        ("Von Anna Kai und Paul Ufer, Der Spiegel\nAktualisiert am 03.05.2021", "Der Spiegel"),
    ],
)
def test_a_byline_with_a_name_behind_the_persons_credits_it(line: str, name: str) -> None:
    assert source(f"River rises\n{line}\n{PROSE}") == name


@pytest.mark.parametrize(
    "head",
    [
        "A boat in the harbour.\nAnn Roe, AP",
        "A boat in the harbour on Monday.\nAnn Roe and Bo Lee, Reuters\nMay 3, 2021",
        "River rises\nBy Ann Roe and John Post\nMay 3, 2021",
        "River rises\nBy Ann Roe, Staff Writer\nMay 3, 2021",
        "River rises\nAnn Roe, Time Traveler Updated May 3, 2021",
        "River rises\nAnn Roe, London\nUpdated May 3, 2021",
        "River rises\nPhoto by Ann Roe, Associated Press\nMay 3, 2021",
    ],
)
def test_persons_places_posts_and_photographers_are_no_source(head: str) -> None:
    assert source(f"{head}\n{PROSE}") is None


@pytest.mark.parametrize("agency", ["CNA", "PTI"])
def test_a_bracket_in_the_first_sentence_does_not_hide_the_datelines_own(agency: str) -> None:
    body = f"Quayport, Nov. 17 ({agency}) The Ministry of Harbours (MOH) opened the lock on Monday."
    assert source(body) == agency
