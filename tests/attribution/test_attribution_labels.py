"""The rules that decide a label, the pitfalls, and the seed document."""

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article, ClaimRole


def read(body, host=None, outlet=None):
    url = f"https://{host}/2024/story" if host else None
    return load_extractor().extract([Article("a", outlet, url, "", body)])[0]


def source(body, **page):
    found = read(body, **page)
    return found.original_source if found else None


def kind(body, **page):
    found = read(body, **page)
    return found.kind.value if found else "none"


def agencies(body):
    found = read(body)
    return found.agencies if found else ()


def names_nobody(body, **page):
    return source(body, **page) is None


@pytest.fixture(scope="module")
def body(seeds):
    return next(seeds.glob("000_*.txt")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found(body):
    return read(body)


class TestSeed:
    def test_it_is_a_republication_of_its_source_by_its_carrier(self, found):
        assert found.kind.value == "republication_notice"
        assert found.original_source == "البوابة العربية للأخبار التقنية"
        assert found.republisher == "مصر اليوم"

    def test_the_cited_agency_is_not_credited(self, found):
        assert found.agencies == ()
        assert all("بلومبرغ" not in (claim.name or "") for claim in found.claims)

    def test_footer_head_line_and_furniture_are_cut(self, found, body):
        cut = [body[start:end] for start, end in found.cuts()]
        assert cut[0] == "تكنولوجيا / البوابة العربية للأخبار التقنية"
        assert any(text.startswith("ملحوظة: مضمون") and text.endswith("ذكرة.") for text in cut)
        assert "نسخ الرابط تم نسخ الرابط" in cut
        assert "قد تقرأ أيضا" in cut

    def test_nothing_else_is_cut(self, found, body):
        assert sum(end - start for start, end in found.cuts()) < 320


class TestLabelRules:
    def test_1_agencies_are_credited_on_their_own_site(self):
        assert source("LONDON (Reuters) - Oil rose on Monday.", host="reuters.com") == "Reuters"

    def test_2_contribution_lists_agencies_and_no_source(self):
        body = "He left.\n\nThe Associated Press and AFP contributed to this report."
        assert names_nobody(body)
        assert set(agencies(body)) == {"The Associated Press", "AFP"}

    def test_2_a_mixed_byline_is_the_outlets(self):
        found = read("Hieß es am Abend. (HB mit dpa)")
        assert (found.original_source, found.agencies) == ("HB", ("dpa",))

    def test_3_generic_words_are_agencies_without_a_source(self):
        body = "انتهى الاجتماع. (وكالات)"
        assert names_nobody(body)
        assert agencies(body) == ("وكالات",)

    def test_4_a_bare_label_is_trusted_less_than_a_formula(self):
        label = read("It works.\nSource: Quarry Journal")
        formula = read("It works.\nThis article first appeared in Quarry Journal.")
        assert label.kind.value == "source_line"
        assert label.confidence < formula.confidence

    def test_5_of_a_chain_the_earliest_is_the_source(self):
        found = read("It works.\nVia: Tin Whistle\nSource: Quarry Journal")
        assert (found.original_source, found.via) == ("Quarry Journal", ("Tin Whistle",))

    def test_6_of_equal_names_the_first_is_the_source(self):
        assert source("It works.\nSources: Quarry Journal, Tin Whistle") == "Quarry Journal"

    def test_7_a_notice_without_a_name_keeps_its_kind(self):
        body = "The herd moved.\nSource link\nAbout the author"
        assert kind(body) == "republication_notice"
        assert names_nobody(body)

    def test_7_read_more_is_nothing(self):
        assert kind("The herd moved.\nRead more") == "none"

    @pytest.mark.parametrize(
        "body",
        [
            "Three people died, according to Reuters, which cited the police of the town.",
            "قالت وكالة رويترز نقلا عن مسؤول في الشركة إن المصنع سيغلق أبوابه في مايو.",
            "The rumour, originally published by Tin Whistle, was false, the mayor said.",
            "Laut dpa sind drei Menschen verletzt worden, teilte die Polizei mit.",
            "Según EFE, el puente sigue cerrado por la nieve desde el lunes.",
            "D'après l'AFP, le pont est resté fermé pendant trois jours en mars.",
        ],
    )
    def test_8_a_citation_in_a_sentence_is_nothing(self, body):
        assert kind(body) == "none"

    def test_9_a_bare_credit_of_the_page_to_itself_is_nothing(self):
        body = "SPRINGFIELD (KQQT) -- The bridge is closed until further notice."
        assert source(body) == "KQQT"
        assert kind(body, host="kqqt.com") == "none"

    def test_9_an_explicit_formula_naming_the_host_is_kept_and_marked(self):
        found = read("Done. Originally published on Tin Whistle.", host="www.tinwhistle.com")
        assert found.kind.value == "first_appeared"
        assert found.self_reference

    def test_9_another_host_is_no_self_reference(self):
        assert not read(
            "Done. Originally published on Tin Whistle.", host="quarry.org"
        ).self_reference

    def test_9_the_outlet_of_the_article_counts_as_itself(self):
        assert read("Done.\nSource: Quarry Journal", outlet="Quarry Journal").self_reference

    def test_10_the_wordpress_line_of_the_page_itself_is_read_and_marked(self):
        found = read(
            "More.\nThe post A bridge appeared first on Tin Whistle.", host="tinwhistle.com"
        )
        assert found.original_source == "Tin Whistle"
        assert found.self_reference


class TestPitfalls:
    def test_1_the_carrier_of_a_feed_notice_is_not_the_source(self):
        found = read(
            "He left.\n(This story has not been edited by Meadow staff and is auto-generated"
            " from a syndicated feed.)"
        )
        assert found.kind.value == "syndication_feed"
        assert found.original_source is None

    def test_1_the_carrier_of_a_disclaimer_is_not_the_source(self):
        found = read(
            "انتهى.\nملحوظة: مضمون هذا الخبر تم كتابته بواسطة صحيفة المرفأ"
            " ولا يعبر عن وجهة نظر بوابة السهل"
        )
        assert (found.original_source, found.republisher) == ("المرفأ", "بوابة السهل")

    def test_2_a_name_cited_in_the_body_does_not_displace_the_notice(self):
        body = "Reuters said prices rose.\n\nThis article first appeared on Tin Whistle."
        assert source(body) == "Tin Whistle"
        assert agencies(body) == ()

    @pytest.mark.parametrize(
        "body",
        [
            "The bridge at dusk.\nSource: Jane Roe/Getty Images",
            "(Jane Roe / Reuters)",
            "The bridge (Picture: AP)",
            "Foto: Jana Roh/dpa",
            "Quelle: Jana Roh/dpa/Jana Roh",
            "ANDREW ROE / Reuters",
            "[Photo: AFP]",
            "صورة: رويترز",
        ],
    )
    def test_3_a_picture_credit_is_nothing(self, body):
        assert kind(f"The bridge is closed.\n{body}\nIt will open in May.") == "none"

    @pytest.mark.parametrize(
        "tail",
        [
            ". Copyright 2014. Follow Tin Whistle on Twitter.",
            " on June 3, 2019. Read it here.",
            " and is republished with permission.",
            " under a Creative Commons licence. Read the original article.",
            ", 12 Quay Road, Springfield. Copyright 2014.",
            ". Any views are the author's.",
            " (July 2020).",
        ],
    )
    def test_4_what_follows_a_name_is_not_part_of_it(self, tail):
        assert (
            source(f"Done.\nThis article originally appeared in Tin Whistle{tail}") == "Tin Whistle"
        )

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ("Done.\nThis article first appeared in the newspaper Tin Whistle.", "Tin Whistle"),
            ("Done.\nThis article was first published by Ann Hale at her Salt Blog.", "Salt Blog"),
            ("Fin.\nCet article est paru dans la revue Phare.", "Phare"),
            ("Ende.\nDieser Beitrag ist in der Wochenzeitung „Flutblatt“ erschienen.", "Flutblatt"),
            ("انتهى.\nالمصدر: صحيفة المرفأ", "المرفأ"),
        ],
    )
    def test_5_generic_nouns_before_a_name_are_not_part_of_it(self, body, name):
        assert source(body) == name

    @pytest.mark.parametrize(
        "title",
        [
            "Ferry: “No, no!” he said. Twice",
            "Why we first met (and why not)",
            "1. Fish & chips?",
            "🐟!",
        ],
    )
    def test_6_titles_hold_anything(self, title):
        body = f"More.\nThe post {title} appeared first on Dockside News."
        assert source(body) == "Dockside News"

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ("وقال إنه بخير.المصدر:المرفأ", "المرفأ"),
            (
                "He won.Copyright 2015 The Associated Press. All rights reserved.",
                "The Associated Press",
            ),
            ("Done.\nThis post originally appeared atINKWELL.com. Follow us.", "INKWELL.com"),
            ("Er ging.(dpa)", "dpa"),
        ],
    )
    def test_7_glued_notices_are_read(self, body, name):
        assert source(body) == name

    def test_8_split_notices_are_read(self):
        assert source("The post\nA new bridge\nappeared first on\nTown Crier.") == "Town Crier"

    def test_9_chains_name_their_links(self):
        found = read("Judge sworn in\nTINSMITH via JTA — The town has a new judge at last.")
        assert found.original_source == "TINSMITH"
        assert found.agencies == ("JTA",)

    @pytest.mark.parametrize(
        "body",
        [
            "Officers of the AFP searched the house on Monday, a judge said later.",
            "The PTI said its members would leave the assembly in protest.",
            "In the MENA region (Middle East and North Africa) rain is rare.",
            "يقع السوق في صنعاء وقد زاره معا خلق كثير من بنا المدينة.",
            "His initials, AA, were carved in the door of the barn.",
            "دمشق، 3 آب/ أغسطس: افتتح الوزير الجسر الجديد في المدينة.",
        ],
    )
    def test_10_acronyms_that_are_something_else_are_nothing(self, body):
        assert kind(body) == "none"

    def test_10_abbreviations_count_in_their_own_case_only(self):
        assert kind("It ended.\nap") == "none"

    @pytest.mark.parametrize("word", ["Agencies", "News agencies", "Wire services"])
    def test_11_generic_agency_words_are_no_names(self, word):
        body = f"It ended.\nSource: {word}"
        assert names_nobody(body)
        assert agencies(body) == (word,)

    def test_12_the_host_tells_a_self_reference(self):
        assert read("Ende.\nQuelle: flutblatt.de", host="www.flutblatt.de").self_reference

    @pytest.mark.parametrize(
        "body",
        [
            "You may republish this article for free under our Creative Commons licence.",
            "No portion of this site may be reproduced without the permission of Meadow Media.",
            "يسمح بإعادة نشر المواد مع ذكر المصدر.",
            "Toute reproduction sans autorisation de l'éditeur est interdite.",
            "Nachdruck nur mit Genehmigung des Verlags.",
            "Prohibida la reproducción sin autorización de la editorial.",
        ],
    )
    def test_13_standing_offers_and_rules_are_nothing(self, body):
        assert kind(f"It ended.\n{body}") == "none"

    @pytest.mark.parametrize(
        "body",
        [
            "© 2019 Meadow Media. All rights reserved.",
            "Ann Hale is a professor and the author of The Quiet Harbour.",
            "Sign up for our newsletter and get the best of the week.",
            "We use cookies to improve our site. Source of data: your browser.",
            "جميع الحقوق محفوظة لموقع السهل 2019.",
        ],
    )
    def test_14_boilerplate_is_nothing(self, body):
        assert kind(f"It ended.\n{body}") == "none"

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ("عنوان\n&nbsp;رويترز (لندن)\n قال مسؤول إن السعر ارتفع.", "رويترز"),
            ("عنوان\nلندن ـ رويترز:\nقال مسؤول إن السعر ارتفع.", "رويترز"),
            ("Done.\nThis article first appeared on K&#252;stenblatt.", "Küstenblatt"),
            ("انتهى.\n\u200fالمصـدر\u200f: المرفأ", "المرفأ"),
            ("It ended. （ＡＰ）", "ＡＰ"),
            ("Done.\nThis&nbsp;article first&nbsp;appeared on Tin Whistle.", "Tin Whistle"),
        ],
    )
    def test_15_encodings_do_not_hide_a_credit(self, body, name):
        assert source(body) == name


class TestCredits:
    @pytest.mark.parametrize(
        ("body", "agency"),
        [
            ("PARIS, March 3 (AFP) - The bridge is closed.", "AFP"),
            ("MOSCOW, November 5. /TASS/. The bridge is closed.", "TASS"),
            ("Hamburg (dpa/lno) – Die Brücke ist zu.", "dpa"),
            ("Título\n(EFE).- El puente está cerrado.", "EFE"),
            ("Titolo\n(ANSA) - ROMA, 3 MAR - Il ponte è chiuso.", "ANSA"),
            ("عنوان\nالرياض – واس\nافتتح الوزير الجسر.", "واس"),
            ("عنوان\nواس (بريدة)\nافتتح الوزير الجسر.", "واس"),
            ("عنوان\nتورينو - (د ب أ):\nافتتح الجسر.", "د ب أ"),
            ("The bridge is closed.\n\nAAP", "AAP"),
            ("The bridge is closed. (PTI)", "PTI"),
            ("Title\nReuters\nNovember 18, 2019 11:03 PM\nThe bridge is closed.", "Reuters"),
        ],
    )
    def test_datelines_bylines_and_tails_credit_the_agency(self, body, agency):
        found = read(body)
        assert found.kind.value == "agency_byline"
        assert found.original_source == agency
        assert agency in found.agencies

    @pytest.mark.parametrize(
        "body",
        [
            'وأضاف المتحدث لـ"رويترز": عاد الجميع إلى القرية.',
            "وبحسب وكالة (رويترز) فإن الجسر مغلق منذ أيام.",
            "the official news agency (SUNA) reported.",
            "Mayor Hale (AFP)\nThe mayor left on Monday.",
        ],
    )
    def test_citations_and_captions_with_brackets_and_colons_are_nothing(self, body):
        assert kind(body) == "none"

    def test_an_outlet_before_the_agency_is_the_carrier(self):
        found = read("عنوان\nاليوم السابع - رويترز:\nقال مسؤول إن الجسر مغلق.")
        assert found.original_source == "رويترز"
        assert found.republisher == "اليوم السابع"

    def test_a_writers_list_with_an_agency_last_has_no_single_source(self):
        found = read("عنوان\nالرياض - سعد المرفئي، منى السهلي، واس\nافتتح الوزير الجسر.")
        assert found.original_source is None
        assert found.agencies == ("واس",)

    def test_roles_of_claims_tell_source_from_agency(self):
        roles = {claim.role for claim in read("It ended. (AFP)").claims}
        assert roles == {ClaimRole.SOURCE, ClaimRole.AGENCY}
