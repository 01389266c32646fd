"""The HTML report: one safe file, in two languages, that holds every cluster."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from dedupe.models import Credit, Relation, Trust
from dedupe.provenance import reasons
from dedupe.provenance.confidence import FIRST
from dedupe.report.as_html import choose_language, escape_island, inlined_style
from dedupe.report.wording import load_messages

TEMPLATES = files("dedupe.report") / "templates"


class Page(HTMLParser):
    """What a page is made of: tags with attributes, text, and the content of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.cdata_elem:
            self.raw.append((self.cdata_elem, self.tags[-1][1], data))
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def island(self, name: str) -> list:
        return json.loads(next(data for _, tag, data in self.raw if tag.get("id") == name))

    def cards(self) -> list[str]:
        chunks = (json.loads(zlib.decompress(base64.b64decode(c))) for c in self.island("cards"))
        return [card for chunk in chunks for card in chunk]


@pytest.fixture
def page(render, result):
    def make(shown=result, **options):
        return Page(render(shown, "html", **options).decode())

    return make


def test_page_names_nothing_outside_itself(page):
    for tag, attributes in page().tags:
        for name in ("src", "href", "action", "srcset", "poster", "formaction"):
            value = attributes.get(name) or ""
            assert value == "" or value == "data:," or value.startswith("#c-"), (tag, name, value)
    assert "@import" not in inlined_style()
    assert "url(" not in inlined_style()


def test_content_policy_allows_exactly_the_inlined_style_and_script(page):
    found = page()
    policy = next(
        a["content"] for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    for kind, tag in (("style", "style"), ("script", "script")):
        (content,) = [d for t, a, d in found.raw if t == tag and "type" not in a]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_no_element_has_inline_style_or_handlers_which_the_policy_would_stop(page, hostile_result):
    for found in (page(), page(hostile_result)):
        inner = [tag for card in found.cards() for tag in Page(card).tags]
        for _, attributes in [*found.tags, *inner]:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_hostile_text_adds_no_element(page, result, hostile_result):
    allowed = {tag for tag, _ in page().tags} | {"ul", "ol"}
    found = page(hostile_result)
    assert {tag for tag, _ in found.tags} <= allowed
    assert sum(tag == "script" for tag, _ in found.tags) == 3
    for card in found.cards():
        tags = Page(card).tags
        assert {tag for tag, _ in tags} <= allowed
        assert sum(tag == "details" for tag, _ in tags) == 1


def test_hostile_text_is_shown_as_text(page, hostile_result):
    text = page(hostile_result).text
    assert "<script>alert(1)</script>" in text
    assert "{{ 7*7 }} {% raw %} [bold]markup[/bold]" in text


def test_bidi_overrides_and_controls_do_not_reach_the_page(render, hostile_result):
    html = render(hostile_result, "html").decode()
    cards = "".join(Page(html).cards())
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", html + cards
    )


def test_a_megabyte_of_title_is_cut(page, render, hostile_result):
    assert len(render(hostile_result, "html")) < 1_000_000
    assert max(map(len, page(hostile_result).cards())) < 40_000


def test_every_cluster_has_an_entry_and_a_card(page, result):
    many = [replace(result.found[n % 3], cluster_id=f"c{n}") for n in range(120)]
    found = page(type(result)(replace(result.summary, clusters=120), many))
    assert [entry[-1] for entry in found.island("index")] == [f"c-{c.cluster_id}" for c in many]
    cards = found.cards()
    assert [f'id="c-c{n}"' in card for n, card in enumerate(cards)] == [True] * 120
    assert sum(tag == "details" for tag, _ in found.tags) == 25


def test_first_page_of_the_document_is_the_first_page_of_the_cards(page):
    found = page()
    inline = [a["id"] for t, a in found.tags if t == "details"]
    assert inline == [Page(card).tags[0][1]["id"] for card in found.cards()]


def test_limit_bounds_the_clusters_on_the_page_and_is_told(page):
    found = page(limit=1, language="en")
    assert len(found.cards()) == 1
    assert "The page holds the 1 largest of 3 clusters" in found.text


def test_no_clusters_are_told_in_words(page, result):
    summary = replace(result.summary, clusters=0, clustered=0, matches={})
    found = page(type(result)(summary, []), language="en")
    assert "No two articles carry the same text." in found.text
    assert found.island("index") == []


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_page_speaks_the_language_asked_for(page, language, direction):
    found = page(language=language)
    (html,) = [attributes for tag, attributes in found.tags if tag == "html"]
    assert (html["lang"], html["dir"]) == (language, direction)
    assert load_messages(language)["title"] in found.text


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [({"ar": 3, "en": 2}, "ar"), ({"ar": 1, "de": 5}, "en"), ({"ar-EG": 1}, "ar"), ({}, "en")],
)
def test_page_speaks_the_language_of_most_articles_otherwise(languages, chosen):
    assert choose_language(languages) == chosen


def test_card_shows_verdict_evidence_quotes_timeline_and_links(page):
    text = Page(page(language="en").cards()[0]).text
    for shown in (
        "صحيفة الميناء", "confidence 95%", "Notice in the text", "Published first",
        "names another source", "نُشر هذا المقال أولاً في صحيفة الميناء", "+2 d 1 h",
        "90% of it shared", "through noor-2", "has text in", "wire-9", "Original", "No credit",
    ):  # fmt: skip
        assert shown in text, shown


def test_earliest_article_is_not_called_the_origin(page, result, unstated):
    text = page(type(result)(result.summary, [unstated]), language="en").text
    assert "Earliest known: Hill Post" in text
    assert "Who is first where nobody states an origin" in text
    assert "Who republishes whom" not in text


def test_reasons_of_provenance_have_words_in_both_languages():
    values = [value for name, value in vars(reasons).items() if name.isupper()]
    known = {value for value in values if isinstance(value, str)}
    assert known
    for language in ("ar", "en"):
        assert set(load_messages(language)["reasons"]) == known


def test_every_kind_of_evidence_has_words():
    trusts = {trust.value for trust in Trust} | set(FIRST)
    for language in ("ar", "en"):
        assert trusts <= set(load_messages(language)["trusts"])


def test_links_to_one_article_are_counted_not_repeated(page, result):
    cluster = result.found[0]
    (link,) = cluster.links
    links = tuple(replace(link, member=member.id) for member in cluster.members)
    shown = type(result)(result.summary, [replace(cluster, links=links)])
    text = Page(page(shown, language="en").cards()[0]).text
    assert "4 of these articles: has text in wire-9" in text
    assert text.count("has text in") == 1


def test_links_to_what_is_not_on_the_page_are_text(page, result):
    first, second, *_ = result.found
    (link,) = first.links
    links = (link, replace(link, cluster_id="c-none", other="wire-8"))
    many = [replace(first, cluster_id=f"m{n}", links=links) for n in range(60)]
    for clusters, listed in (([*many, second], 1), (many, 0)):
        found = page(type(result)(result.summary, clusters), language="en")
        anchors = {entry[-1] for entry in found.island("index")}
        for shown in (found, *map(Page, found.cards()[:60])):
            targets = [a["href"] for t, a in shown.tags if t == "a"]
            assert {target.removeprefix("#") for target in targets} <= anchors
            assert len(targets) == listed * sum(t == "details" for t, _ in shown.tags)
            assert "has text in wire-9" in shown.text
            assert "has text in wire-8" in shown.text


def test_a_quote_is_shown_once_however_many_claims_it_carries(page, result):
    cluster = result.found[0]
    twice = replace(cluster.members[1], attributions=cluster.members[1].attributions * 2)
    members = (cluster.members[0], twice, *cluster.members[2:])
    plain = replace(cluster.provenance, evidence=())
    shown = [replace(cluster, members=members, provenance=plain)]
    text = Page(page(type(result)(result.summary, shown)).cards()[0]).text
    assert text.count("نُشر هذا المقال أولاً") == 1


def test_titles_and_names_stand_isolated_in_their_own_direction(page):
    found = page(language="en")
    isolated = [a for t, a in found.tags if t == "bdi"]
    assert isolated
    assert {a.get("dir", "auto") for a in isolated} == {"auto", "ltr"}


def test_outlet_keys_are_shown_by_the_names_given(page):
    found = page(
        language="en", name_outlet=lambda key, _: {"northwire": "Northwire Agency"}.get(key, key)
    )
    assert "Northwire Agency" in found.text


def test_every_relation_and_credit_has_words():
    for strings in (load_messages("ar"), load_messages("en")):
        assert set(strings["relation_names"]) == {relation.value for relation in Relation}
        assert set(strings["credits"]) == {credit.value for credit in Credit}


def test_island_can_not_end_its_element():
    escaped = escape_island(b'["</script><!--&"]')
    assert not set("<>&") & set(escaped)
    assert json.loads(escaped) == ["</script><!--&"]


def test_script_knows_the_same_page_and_chunk_as_the_writer():
    from dedupe.report import as_html

    script = (TEMPLATES / "report.js").read_text()
    assert f"const PAGE = {as_html._FIRST_PAGE};" in script
    assert "</script" not in script
