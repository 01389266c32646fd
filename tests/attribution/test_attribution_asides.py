"""Names beside what is none: the page's phrases, "my blog", headlines, pictures' owners."""

import pytest
from attribution.reading import read

PROSE = "The river rose by two metres in the night, and the road to the harbour is shut for a week."


def source(body: str) -> str | None:
    found = read(body)
    return found.original_source if found is not None else None


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Quelle: EPD Hier können Sie die Rechte an diesem Artikel erwerben.", "EPD"),
        ("Quelle: dpa/Reuters Hier können Sie die Rechte erwerben.", "dpa"),
        ("Source : Le Monde Cliquez ici pour lire la suite", "Le Monde"),
        ("Fuente: EFE/Reuters Compartir en redes sociales", "EFE"),
        ("Fonte: Folha de S.Paulo Siga-nos no Instagram", "Folha de S.Paulo"),
        ("Source: The Guardian Click here to read more from us", "The Guardian"),
        ("Źródło: PAP Kliknij tutaj, aby przeczytać więcej", "PAP"),
        ("المصدر: الشرق الأوسط اشترك في نشرتنا البريدية اليومية الآن", "الشرق الأوسط"),
    ],
)
def test_a_labels_name_ends_where_the_page_speaks(label: str, name: str) -> None:
    assert source(f"{PROSE} {label}") == name


@pytest.mark.parametrize("label", ["Source: Reuters/Jane Roe", "Source: Reuters/Jane Roe Hansen"])
def test_an_agency_and_a_person_behind_a_label_credit_a_picture(label: str) -> None:
    assert source(f"{PROSE}\n{label}") is None


@pytest.mark.parametrize(
    "notice",
    [
        "This article first appeared on my personal blog.",
        "Cet article a été publié initialement sur mon blog personnel.",
        "نُشر هذا المقال في الأصل على مدونتي الشخصية (المتوقفة الآن)",
        "本文首发于我的个人博客。",
        "این مقاله نخستین بار در وبلاگ شخصی من منتشر شد.",
    ],
)
def test_a_site_that_is_not_named_keeps_the_notice_without_a_source(notice: str) -> None:
    found = read(f"{notice}\n\n{PROSE}")
    assert found is not None
    assert (found.kind.value, found.original_source) == ("first_appeared", None)


def test_a_link_on_my_blog_stands_for_its_host_and_a_name_behind_it_counts() -> None:
    linked = "Originally posted on [my blog](https://heron.example/a)."
    assert source(f"{linked}\n\n{PROSE}") == "heron.example"
    assert (
        source(f"This article first appeared on my blog Heron Notes.\n\n{PROSE}") == "Heron Notes"
    )


@pytest.mark.parametrize(
    "notice",
    [
        "_Credit: this article first appeared on\n[Heron Herald](https://heron.example/a)._",
        "> *Disclaimer: This article was first\n> published on [Heron Herald](https://heron.example)*",
        "_Crédit : cet article est initialement paru sur\n[Heron Herald](https://heron.example/a)._",
    ],
)
def test_notices_wrapped_over_lines_of_markdown_are_read(notice: str) -> None:
    assert source(f"{notice}\n\n{PROSE}") == "Heron Herald"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Mehr Flüge auf deutschem Markt Berlin (dpa) - Flugreisende", "dpa"),
        ("Harbour opens after three weeks London (Reuters) - The harbour", "Reuters"),
        ("El puerto abre tras tres semanas Madrid (EFE).- El puerto", "EFE"),
        ("Angela Merkel mit ihrem Gast in Berlin (dpa) - Die Kanzlerin", None),
        ("The leader of the Pakistan Movement (PTI) - Imran Khan", None),
        ("He spoke to Turkish agency Anadolu (AA) - Turkish harbours", None),
    ],
)
def test_a_headline_on_the_line_of_its_dateline_needs_a_place(head: str, name: str | None) -> None:
    assert source(f"{head} {PROSE[4:]}") == name


def test_an_agency_a_year_and_a_person_own_the_picture() -> None:
    body = f"The minister\n© AFP 2019 / Jane Roe\nLONDON, 3 May (Reuters) - {PROSE}"
    found = read(body)
    assert found is not None
    assert list(found.agencies) == ["Reuters"]


@pytest.mark.parametrize(
    ("posted", "address", "name"),
    [
        ("Politico Posted at 2:40 pm on July 15, 2018", "politico.com/story/2018/tide", "Politico"),
        ("Ann Roe Posted at 2:40 pm on July 15, 2018", "heron.com/news/harbour-opens", "heron.com"),
        ("Anne Roche Publié le 16 juillet 2018", "lemonde.fr/2018/07/le-port.html", "lemonde.fr"),
        ("Ana Paz Publicado el 16 de julio de 2018", "elpais.com/2018/07/el-puerto", "elpais.com"),
    ],
)
def test_an_excerpt_ends_with_who_posted_it_and_its_address(
    posted: str, address: str, name: str
) -> None:
    assert source(f"{PROSE}\n{posted}\n{address}") == name


@pytest.mark.parametrize(
    "end",
    [
        "Read more:\nheron.com/news/harbour-opens",
        "Photo posted at 10:05 am\nheron.com/photos/harbour",
        "Contact: Ann Roe, 555 1234\nheron.com/contact-the-desk",
        "Published May 3, 2021\nheron.com/news/harbour-opens",
        "16 de julio\nheron.com/2018/07/16/el-puerto.html",
    ],
)
def test_other_addresses_below_a_text_are_no_source(end: str) -> None:
    assert source(f"{PROSE}\n{end}") is None


@pytest.mark.parametrize(
    "notice",
    [
        "## Traduction de l'article de Jean-Paul Roche - https://heron.example/tide/",
        "Translated from https://heron.example/tide",
        "Перевод статьи: https://heron.example/tide",
        "本文翻译自 https://heron.example/tide",
        "Translated from [The tide: a story](https://heron.example/tide)",
    ],
)
def test_a_translation_of_an_address_names_its_host(notice: str) -> None:
    found = read(f"{notice}\n\n{PROSE}")
    assert found is not None
    assert (found.kind.value, found.original_source) == ("translation", "heron.example")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("May 3 /PRNewswire/ -- Heron Brands Corp. announced today", "Heron Brands Corp."),
        ("May 3 /PRNewswire/ -- Why: Heron Law Firm, a firm, opens", "Heron Law Firm"),
        ("ON / ACCESSWIRE / May 3 / Heron Harbours Ltd. is pleased", "Heron Harbours Ltd."),
        ("May 3 (GLOBE NEWSWIRE) -- The law firm of Gull & Roe announces", "Gull & Roe"),
        ("3 de mayo de 2025 /PRNewswire/ -- Puertos Heron S.A. anunció hoy", "Puertos Heron S.A."),
        ("May 3 /PRNewswire/ -- According to a new report, the market will", None),
    ],
)
def test_the_subject_behind_a_wires_dateline_issued_the_release(
    body: str, name: str | None
) -> None:
    found = read(f"QUAYSIDE, {body} {PROSE[4:]}")
    assert found is not None
    assert (found.kind.value, found.original_source) == ("press_release", name)


def test_the_stop_of_a_company_is_its_names_and_ends_the_sentence() -> None:
    body = f"{PROSE}\nThis article first appeared in Heron Herald Corp. It was read by many."
    assert source(body) == "Heron Herald Corp."
