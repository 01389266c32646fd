"""Credits and captions that no rule names: figures, labels, openings, furniture below."""

import pytest
from attribution.reading import read

MORE = "The council meets again on Tuesday, and nobody expects the bridge to be repaired this year."


def source(body):
    found = read(body)
    return found.original_source if found else None


FIGURES = [
    f"Berths by harbour\nHeron Bay 14\nGull Point 9\nQuayside 31\nSource: Port Trust\n\n{MORE}",
    f"Chart: Berths by harbour, 2008-2018\nSource: Port Trust\n\n{MORE}",
    f"Grafik 2: Liegeplätze je Hafen\nQuelle: Hafenverbund\n\n{MORE}",
    "Preço por porto: Norte 4,52; Sul 4,28; Leste 4,41. Fonte: Rede dos Portos. A pesquisa ouviu "
    "pescadores de três portos e volta a ser feita no fim do ano que vem.",
]


@pytest.mark.parametrize("body", FIGURES)
def test_a_label_of_figures_names_no_source_of_the_article(body):
    assert read(body) is None


@pytest.mark.parametrize(
    "body",
    [
        f"Image copyright\nAFP\nImage caption\nThe bridge at dawn\n\n{MORE}",
        f"صورة الجسر\nرويترز\n\n{MORE}",
        "説明する船長＝３日、鷺浜市（共同）\n\n橋は今年中には直らない見込みで、町は船を増やす。",
        "Источник: «Нас никто не предупредил о закрытии моста». Так сказал один из рыбаков.",
    ],
)
def test_whose_a_picture_or_a_sentence_is_says_nothing_of_the_article(body):
    assert source(body) is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"The ferry, 3 May 2021\nSource: Port Trust\n\n{MORE}", "Port Trust"),
        (f"{MORE}\n\nSource: Tin Whistle via Gull Review", "Tin Whistle"),
        (f"{MORE}\n\nThis article originally appeared on Rod + Reel.", "Rod + Reel"),
        (
            f"{MORE}\n\nThis article originally appeared in Tin Whistle at https://tinwhistle.org/a.",
            "Tin Whistle",
        ),
        (f"{MORE}\n\nПечатается по: Источник: «Речная газета»", "Речная газета"),
    ],
)
def test_a_name_ends_where_it_ends(body, name):
    assert source(body) == name


@pytest.mark.parametrize(
    ("head", "name", "agencies"),
    [
        ("La Vanguardia / AFP", "La Vanguardia", ("AFP",)),
        ("المرسى - النورس، واس", "النورس", ("واس",)),
        ("المرسى - النورس ووكالات", "النورس", ("ووكالات"[1:],)),
        ("Dünya - Reuters 14.09.2015 - 18:20 | Güncelleme:", "Reuters", ("Reuters",)),
    ],
)
def test_an_outlet_that_signs_before_an_agency_is_the_source(head, name, agencies):
    found = read(f"{head}\n{MORE}")
    assert (found.original_source, found.agencies) == (name, agencies)


@pytest.mark.parametrize(
    "head", ["المرسى - سعود النورس، واس", "بيروت، رويترز", "Ada Quill / Reuters / Tin Whistle"]
)
def test_a_place_or_person_before_an_agency_is_no_outlet(head):
    found = read(f"{head}\n{MORE}")
    assert found is None or found.original_source in (None, "رويترز", "Reuters")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Ferry row sinks deal\nThe Guardian | Monday, 14 September 2015", "The Guardian"),
        ("12 May 2016\nThe Heron Monitor (Quayside)\nTea growers protest", "The Heron Monitor"),
        ("Ferry row sinks deal\nSport | Monday, 14 September 2015", None),
        ("12 May 2016\nAda Quill (Quayside)\nTea growers protest", None),
    ],
)
def test_an_outlet_beside_or_below_a_date_at_the_head_of_a_text(head, name):
    assert source(f"{head}\n{MORE}") == name
