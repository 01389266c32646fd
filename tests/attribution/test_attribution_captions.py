"""What the label of a picture, map or table takes with it, and dates in the place of names."""

import pytest
from attribution.reading import read

CAPTIONS = [
    "Photo: Used with permission from Tidewater Pictures",
    "Foto: Mit freundlicher Genehmigung von Hafenfilm",
    "Карта: перепечатано с разрешения Картфабрики",
    "图片：经河岸影业授权转载",
    "الصورة: منقولة من موقع الضفة",
    "Foto: Publicada originalmente en La Garza",
    "Table 2: Adapted from Quarry Journal",
    "Carte : reproduite avec l’aimable autorisation du Héron",
    "Mappa: per gentile concessione di Airone Film",
    "Kaart: met dank aan Reigerpost",
    "Zdjęcie: za zgodą Czapli",
    "The river rose. Image: Reprinted with permission from Tidewater Pictures.",
    "Photo by Ada Quill. Republished with permission from Tin Whistle.",
]


@pytest.mark.parametrize("line", CAPTIONS)
def test_a_line_that_labels_a_picture_claims_nothing_of_the_article(line):
    assert read(f"The river rose for three days.\n\n{line}") is None


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Ada Quill. This article first appeared in Tin Whistle.",
        "The map was drawn last year. Originally published by Tin Whistle.",
        "Photos of the bridge were shown. Originally published by Tin Whistle.",
    ],
)
def test_a_notice_behind_a_caption_or_prose_on_pictures_is_read(line):
    assert read(f"The river rose for three days.\n\n{line}").original_source == "Tin Whistle"


@pytest.mark.parametrize(
    "date",
    ["Fri 1 May 2020 08.00 BST", "Sun 10 Mar 2024 10.00 CET", "Sunday, 3 November", "Monday May 4"],
)
def test_a_date_that_begins_with_a_weekday_is_no_name(date):
    assert read(f"The river rose.\n\nFirst published on {date}") is None


@pytest.mark.parametrize("name", ["The Sun", "The Sunday Post", "Friday Times"])
def test_a_name_may_begin_with_a_weekday(name):
    found = read(f"The river rose.\n\nFirst published in {name}.")
    assert found.original_source.removeprefix("The ") == name.removeprefix("The ")


@pytest.mark.parametrize(
    "line",
    [
        "This story first appeared in Tin Whistle, the mayor told a crowd on the bank.",
        "“This article was originally published in Tin Whistle,” he said.",
        "This report was first published by Tin Whistle in 2019, and the mayor cited it.",
    ],
)
def test_a_notice_that_somebody_speaks_of_is_none(line):
    assert read(f"The river rose.\n\n{line}") is None


@pytest.mark.parametrize(
    "tail", [".", " and is part of the Coast Desk.", ", a nonprofit newsroom.", " on May 4, 2019."]
)
def test_the_usual_tails_of_a_notice_are_no_citation(tail):
    found = read(f"The river rose.\n\nThis story first appeared in Tin Whistle{tail}")
    assert found.original_source == "Tin Whistle"


@pytest.mark.parametrize(
    "line",
    [
        "Figure 1. Tides by month 2019 - 2020 (source: heron.example)",
        "Gambar 2. Jumlah banjir Januari - Agustus (sumber : bangau.example)",
        "Abb. 3: Pegel am Hafen (Quelle: Reiherbote)",
        "Рис. 4. Уровень реки (источник: Цапля-Инфо)",
    ],
)
def test_the_source_of_a_numbered_figure_is_none_of_the_article(line):
    assert read(f"The river rose for three days.\n\n{line}") is None


def test_the_source_above_the_note_of_a_chart_is_none_of_the_article():
    chart = "Source: Harbour Energy Office, Tide Monthly.\nNote: Data includes spring tides."
    assert read(f"{chart}\n- The basin contributed to gains in the tides.") is None


def test_a_known_outlet_may_have_a_note_below_it():
    found = read("The river rose.\n\nSource: Reuters\nNote: This story was shortened.")
    assert found.original_source == "Reuters"


def test_the_source_below_what_is_left_of_an_image_is_none_of_the_article():
    image = "img\nИсточник: heron.example\nРяды старых деревьев стоят у реки и шумят всю ночь."
    assert read(f"Лёд ушёл в море.\n\n{image}") is None
