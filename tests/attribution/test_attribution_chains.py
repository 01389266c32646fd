"""A over B: who had it first, and over whom it came."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article, ClaimRole

BODY = "The bridge is open again, the council said.\n\nIt is cheap, according to the mayor."


def read(notice, outlet=None):
    return load_extractor().extract([Article("a", outlet, None, "", BODY + notice)])[0]


@pytest.mark.parametrize(
    ("notice", "source", "via"),
    [
        (
            "\n\nThis article was first published in The Tyee.\n\nRepublished from The Guardian.",
            "The Tyee",
            ("The Guardian",),
        ),
        (
            "\n\nRepublished from Beta Herald.\n\nThis article was first published in The Tyee.",
            "The Tyee",
            ("Beta Herald",),
        ),
        (
            "\n\nThe post Bridge appeared first on The Tyee.\n\nSource: https://hill.example/2/a",
            "The Tyee",
            ("hill.example",),
        ),
        ("\n\nVia: Engadget\n\nSource: The Guardian", "The Guardian", ("Engadget",)),
        ("\n\n(Via The Guardian, source: AFP)", "AFP", ("The Guardian",)),
        ("\n\nJTA via Kveller", "JTA", ("Kveller",)),
    ],
)
def test_the_earliest_is_the_source_and_the_others_are_via(notice, source, via):
    found = read(notice)
    assert (found.original_source, found.via) == (source, via)
    assert [c.name for c in found.claims if c.role is ClaimRole.VIA] == list(via)


@pytest.mark.parametrize(
    "notice",
    [
        "\n\nThis article was first published in The Tyee.\n\nRepublished from The Tyee.",
        "\n\nThis article was first published in The Tyee.\n\nSource: Office of Statistics",
        "\n\nThis article was first published in The Tyee.\n\nRepublished from Hill Times.",
        "\n\nFirst published in The Tyee. (Reuters)",
    ],
)
def test_the_source_again_figures_the_page_and_agencies_are_not_via(notice):
    found = read(notice, outlet="Hill Times")
    assert (found.original_source, found.via) == ("The Tyee", ())
