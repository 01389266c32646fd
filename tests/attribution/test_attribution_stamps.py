"""Lines that hold an outlet and when or where; captions that look like credits."""

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

PROSE = "The river rose by two metres in the night, and the road to the harbour is shut for a week."
RIVER = "河水夜间上涨两米，通往码头的道路将关闭一周，居民们不得不绕行，孩子们也不能去学校。"


def source(body: str) -> str | None:
    """The source that is read in a text without host."""
    (found,) = load_extractor().extract([Article("1", None, None, "", body)])
    return found.original_source if found is not None else None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"River rises\nThe Guardian\n3 May 2014\n{PROSE}", "The Guardian"),
        (f"River rises\nThe Guardian, 3 May 2014\n{PROSE}", "The Guardian"),
        (f"{PROSE}\n\nJane Roe, The Guardian, Sat 3 May 2014", "The Guardian"),
        (f"{PROSE}\n\nJane Roe in The Guardian, Sat 3 May 2014", "The Guardian"),
        (f"河水上涨\n成都日报 2017-07-28 02:59 大字\n{RIVER}", "成都日报"),
        (f"River rises\nBy Jane Roe\ntheguardian.com\n2 days ago\n{PROSE}", "theguardian.com"),
        (f"{PROSE}\n\nhttps://www.theguardian.com/uk/river", "theguardian.com"),
        (f"16-07-04\n\nda http://heron.example/a.html\n\n{PROSE}", "heron.example"),
    ],
)
def test_an_outlet_stamped_beside_a_date_or_an_address_is_the_source(body: str, name: str) -> None:
    assert source(body) == name


@pytest.mark.parametrize(
    "body",
    [
        f"River rises\nHeron Section\n3 May 2014\n{PROSE}",
        f"{PROSE}\n\nhttps://heron.example/a.html",
        f"Photo: The Guardian, 3 May 2014\n{PROSE}",
        f"{PROSE} He read The Guardian on 3 May 2014, and said so.",
        f"A tug at the quay in the rain on the first day of the flood. AFP\n"
        f"A tug at the quay in the rain on the first day of the flood. AFP\n{PROSE}",
        f"{PROSE}\nMen dig with a machine in the ruins of the house by the river (Reuters)\n"
        "The flood had a height of six metres (AFP)\nThe flood killed nobody (Reuters)",
    ],
)
def test_sections_links_and_captions_are_no_source(body: str) -> None:
    assert source(body) is None


def test_a_place_and_an_agency_below_a_caption_open_the_text() -> None:
    body = (
        "الجيش - صورة أرشيفية\nالميناء (رويترز)\n\n"
        "قال المجلس إن النهر ارتفع مترين في الليل وأغلق الطريق إلى الميناءكله أسبوعا."
    )
    assert source(body) == "رويترز"


LONG = "The bridge reopened on Monday and traffic went on as before, the council said. " * 2


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        ("The Washington Post", "The Washington Post"),
        ("Jane Roe\nThe Washington Post", "The Washington Post"),
        ("The Washington Post\nJane Roe", "The Washington Post"),
        ("The council met again.\nThe Washington Post", None),
    ],
)
def test_an_outlet_alone_between_headline_and_text_is_named(lines, source):
    body = f"Bridge reopens\n{lines}\n{LONG}\n{LONG}"
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    assert (found.original_source if found is not None else None) == source
