"""Overview, clusters, a cluster, outlets: what they show of what, in both languages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web.conftest import HTML

from dedupe.answers import ClusterQuery
from dedupe.archive import Archive, open_archive
from dedupe.models import Article
from dedupe.report.reportable import UiLanguage
from dedupe.report.wording import LANGUAGES, load_messages
from service.app import create_app
from service.settings import load_settings

STORY = (
    "The old bridge over the estuary was closed this morning after divers had found a crack in "
    "one of its pillars, the council said, and traffic will be led over the northern road until "
    "engineers know more, which may take until the end of the week or longer than that."
)
HOSTILE = "<script>alert(1)</script>\"' onload=x {{ 7*7 }} javascript:x \u202egnp.exe"


class Tags(HTMLParser):
    """The elements of a page, as a browser would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def first_cluster(browser: FlaskClient) -> str:
    found = re.search(r'href="(/clusters/c[0-9a-f]{16})"', browser.get("/clusters").text)
    assert found
    return found[1]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[FlaskClient, Archive]]:
    """A client of an archive of its own, empty at first."""
    archive = open_archive(tmp_path / "isnad.sqlite", lambda: datetime.now(UTC))
    client = create_app(load_settings({}), archive).test_client()
    client.environ_base |= {"HTTP_ACCEPT": HTML["Accept"]}
    yield client, archive
    archive.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/clusters", "/outlets", "CLUSTER", "OUTLET"])
def test_every_page_is_shown_in_every_language(
    browser: FlaskClient, path: str, language: str
) -> None:
    if path == "CLUSTER":
        path = first_cluster(browser)
    elif path == "OUTLET":
        path = re.findall(
            r'<th scope="row"><a href="(/outlets/[^"]+)"', browser.get("/outlets").text
        )[0]
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.text.count("<h1") == answer.text.count("<main") == 1
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'aria-labelledby="([^"]+)"|\bfor="([^"]+)"', answer.text):
        assert max(target) in ids


def test_the_overview_counts_what_the_archive_holds(browser: FlaskClient) -> None:
    text = browser.get("/").text
    summary = browser.application.extensions["isnad"].archive.summary()
    assert f"<dd>{summary.articles}</dd>" in text
    assert f"<dd>{summary.clusters}</dd>" in text
    assert f'data-after="{summary.sequence}"' in text


def test_empty_archives_say_what_to_do(own: tuple[FlaskClient, Archive]) -> None:
    client, _ = own
    words = load_messages("en")
    assert words["overview"]["empty_how"] in client.get("/").text
    assert words["clusters_page"]["empty_archive"] in client.get("/clusters").text
    assert words["outlets_page"]["empty_how"] in client.get("/outlets").text


def test_clusters_are_found_by_the_filters_of_the_api(browser: FlaskClient) -> None:
    archive = browser.application.extensions["isnad"].archive

    def ids(text: str) -> list[str]:
        return re.findall(r'class="headline" href="/clusters/(c[0-9a-f]{16})"', text)

    for query, path in (
        (ClusterQuery(limit=25), "/clusters?title=&outlet=&credit="),
        (ClusterQuery(limit=25, title="reef"), "/clusters?title=reef"),
        (
            ClusterQuery(limit=25, outlet="Suhail TV", sort="newest"),
            "/clusters?outlet=Suhail+TV&sort=newest",
        ),
        (
            ClusterQuery(limit=25, since=datetime(2026, 10, 1, tzinfo=UTC)),
            "/clusters?since=2026-10-01",
        ),
    ):
        wanted = [row.cluster_id for row in archive.clusters(query).rows]
        assert ids(browser.get(path).text) == wanted
    assert load_messages("en")["none_found"] in browser.get("/clusters?title=xyzzy").text


def test_every_page_of_clusters_leads_to_the_next_one(browser: FlaskClient) -> None:
    seen: list[str] = []
    path = "/clusters?sort=newest"
    while path:
        text = browser.get(path).text
        seen += re.findall(r'class="headline" href="([^"]+)"', text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen))
    assert len(seen) == browser.application.extensions["isnad"].archive.summary().clusters


@pytest.mark.parametrize("query", ["since=yesterday", "min_size=1", "sort=x", "credit=x", "lang=!"])
def test_a_filter_that_cannot_be_read_is_named(browser: FlaskClient, query: str) -> None:
    answer = browser.get(f"/clusters?{query}")
    assert answer.status_code == 400
    assert load_messages("en")["clusters_page"]["wrong"] in answer.text
    assert browser.get("/clusters?cursor=x").status_code == 400


def test_a_cluster_shows_each_member_and_the_quote_in_its_place(browser: FlaskClient) -> None:
    archive = browser.application.extensions["isnad"].archive
    cluster = archive.cluster(first_cluster(browser).rpartition("/")[2])
    text = browser.get(f"/clusters/{cluster.cluster_id}").text
    for member in cluster.members:
        assert f'href="/articles/{member.id}"' in text
    marked = re.findall(r"…[^<]+<mark>([^<]+)</mark>|<mark>([^<]+)</mark>[^<]+…", text)
    assert marked, "a quote with the text around it"
    assert browser.get("/clusters/c0000000000000000").status_code == 404


def test_members_are_filtered_by_credit(browser: FlaskClient) -> None:
    path = first_cluster(browser)
    archive = browser.application.extensions["isnad"].archive
    members = archive.cluster(path.rpartition("/")[2]).members
    kinds = {member.credit.value for member in members}
    assert len(kinds) > 1
    for kind in kinds:
        text = browser.get(f"{path}?credit={kind}").text.partition('id="members"')[2]
        for member in members:
            shown = f'href="/articles/{member.id}"' in text
            assert shown == (member.credit.value == kind)


def test_the_flow_of_judging_and_undoing(own: tuple[FlaskClient, Archive]) -> None:
    client, archive = own
    articles = [
        Article(
            name,
            f"Outlet {name}",
            None,
            "Bridge",
            STORY,
            published=datetime(2026, 5, day, tzinfo=UTC),
        )
        for day, name in enumerate("abc", 1)
    ]
    archive.ingest(articles)
    path = first_cluster(client)
    page = client.get(path).text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    sent = {"csrf": found[1], "kind": "cannot_link", "left": "a", "right": "c", "next": path}
    answer = client.post("/judgements", data=sent)
    assert (answer.status_code, answer.location) == (303, f"{path}?judged=1")
    page = client.get(answer.location).text
    assert load_messages("en")["cluster"]["kind_cannot_link"] in page
    assert 'href="/articles/c"' not in page.partition('id="members"')[2]
    answer = client.post("/judgements/1/withdraw", data={"csrf": found[1], "next": path})
    page = client.get(answer.location).text
    assert 'href="/articles/c"' in page.partition('id="members"')[2]
    pin = {"csrf": found[1], "kind": "pin_original", "left": "b", "next": path}
    page = client.get(client.post("/judgements", data=pin).location).text
    assert load_messages("en")["trusts"]["judgement"] in page


def test_judgements_that_cannot_be_taken_are_refused_with_a_page(
    own: tuple[FlaskClient, Archive],
) -> None:
    client, _ = own
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert found
    sent = {"csrf": found[1], "kind": "must_link", "left": "a", "right": "b"}
    assert client.post("/judgements", data={**sent, "csrf": ""}).status_code == 403
    assert client.post("/judgements", data=sent).status_code == 404
    assert client.post("/judgements", data={**sent, "kind": "x"}).status_code == 400
    assert client.post("/judgements", data={**sent, "right": "x" * 600}).status_code == 400
    assert client.post("/judgements/9/withdraw", data=sent).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_id_of_a_missing_article_is_told_beside_the_form(
    own: tuple[FlaskClient, Archive], language: UiLanguage
) -> None:
    client, archive = own
    archive.ingest([Article(name, f"Outlet {name}", None, "Bridge", STORY) for name in "ab"])
    path = first_cluster(client)
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(f"{path}?hl={language}").text)
    assert found
    said = load_messages(language)["problem"]["said"]
    sent = {"csrf": found[1], "kind": "must_link", "left": "a", "next": path, "note": "a <note>"}
    for right, status, key in (
        ('no"<b>', 404, "no-article"),
        ("", 400, "id-wanted"),
        ("a", 409, "judgement-invalid"),
    ):
        answer = client.post("/judgements", data={**sent, "right": right})
        assert answer.status_code == status
        fields = {attributes.get("id"): attributes for _, attributes in Tags(answer.text).found}
        assert fields["right"]["value"] == right
        assert fields["note"]["value"] == "a <note>"
        assert fields["right"]["aria-describedby"] == "right-wrong"
        assert f'role="alert">{said[key]}' in answer.text
    assert not archive.overview.judgements_about({"a"})
    assert 'id="right-wrong"' not in client.get(path).text
    no_cluster = client.post("/judgements", data={**sent, "left": "none", "right": "b"})
    assert no_cluster.status_code == 404


def test_a_merged_cluster_leads_to_the_one_that_has_its_articles(
    own: tuple[FlaskClient, Archive],
) -> None:
    client, archive = own
    archive.ingest(
        [Article("a", "One", None, "A", STORY), Article("b", "Two", None, "B", STORY[::-1])]
    )
    old = archive.article("b").cluster_id  # type: ignore[union-attr]
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert found
    client.post(
        "/judgements", data={"csrf": found[1], "kind": "must_link", "left": "a", "right": "b"}
    )
    new = archive.article("a").cluster_id  # type: ignore[union-attr]
    answer = client.get(f"/clusters/{old}")
    assert answer.location == f"/clusters/{new}?merged={old}"
    assert old in client.get(answer.location).text


def test_hostile_text_is_text(own: tuple[FlaskClient, Archive]) -> None:
    client, archive = own
    archive.ingest(
        [
            Article(f"{HOSTILE}{n}", f"{HOSTILE}{n}", None, HOSTILE * (20_000 * n + 1), STORY)
            for n in range(3)
        ]
    )
    (row,) = archive.clusters(ClusterQuery()).rows
    outlet = archive.outlets().rows[0].key
    for path in (
        "/",
        "/clusters",
        f"/clusters/{row.cluster_id}",
        "/outlets",
        f"/outlets/-?id={outlet}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert len(answer.data) < 200_000
        tags = Tags(answer.text).found
        assert not [tag for tag, attributes in tags if any(name[:2] == "on" for name in attributes)]
        assert {tag for tag, _ in tags if tag in ("script", "iframe", "img", "style")} <= {"script"}
        assert all(attributes.get("src") for tag, attributes in tags if tag == "script")
        for _, attributes in tags:
            assert not re.match(r"[a-z]+:|//", attributes.get("href") or "")
        shown = re.sub(r'<input type="hidden"[^>]*>', "", answer.text)
        assert "\u202e" not in shown


def test_uncredited_articles_are_exported_as_csv(browser: FlaskClient) -> None:
    archive = browser.application.extensions["isnad"].archive
    for row in archive.outlets(limit=100).rows:
        wanted = [each.id for each in archive.overview.all_uncredited(row.key)]
        if wanted:
            break
    (address,) = re.findall(
        r'href="([^"]+uncredited\.csv[^"]*)"',
        browser.get("/outlets/-", query_string={"id": row.key}).text,
    )
    answer = browser.get(address.replace("&amp;", "&"))
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert [cells[0] for cells in rows[1:]] == wanted
    assert browser.get("/outlets/nobody-at-all").status_code == 404


def test_the_network_is_filtered_by_outlet_and_by_how_much(browser: FlaskClient) -> None:
    def drawn(path: str) -> int:
        return browser.get(path).text.count("<circle") + browser.get(path).text.count("<title")

    assert 0 < drawn("/outlets?around=reuters") < drawn("/outlets")
    assert (
        load_messages("en")["outlets_page"]["no_network"] in browser.get("/outlets?least=999").text
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credit_that_is_none_is_named_on_the_page_of_a_cluster(
    browser: FlaskClient, language: UiLanguage
) -> None:
    answer = browser.get(f"{first_cluster(browser)}?credit=zz&hl={language}")
    words = load_messages(language)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert f"{words['clusters_page']['wrong']} <strong>{words['credit']}</strong>" in answer.text
    assert words["cluster"]["none_such"] in answer.text


PARAMETERS = {
    "/": ("hl",),
    "/clusters": (
        "title", "outlet", "lang", "since", "until", "min_size", "credit", "sort", "cursor", "hl",
    ),
    "CLUSTER": ("credit", "page", "judged", "withdrawn", "merged", "id", "hl"),
    "/outlets": ("cursor", "drawn", "least", "around", "hl"),
    "OUTLET": ("side", "cursor", "id", "hl"),
    "OUTLET/uncredited.csv": ("side", "cursor", "id"),
    "ARTICLE": ("id", "hl"),
    "ARTICLE/explain": ("id", "hl"),
    "ARTICLE/revisions": ("id", "old", "new", "hl"),
    "/compare?left=x&right=y": ("left", "right", "hl"),
    "/check": ("hl",),
    "/login": ("next", "hl"),
}  # fmt: skip
ODD = [
    "", "zz", "-1", "0", "99999999999999999999999", "9" * 5000, "1.5", "%00", "a%00b", "%ff",
    "%ED%A0%80", "x" * 3000, "{{7*7}}", "%3Cb%3E", "WyJ4Il0", "W10", "9999-12-31", "0001-01-01",
    "9999-12-31T23:59:59-14:00", "%E2%80%AE", "١",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PARAMETERS)
def test_no_parameter_of_a_page_is_an_error_of_the_service(
    browser: FlaskClient, pattern: str
) -> None:
    path = pattern
    for name, listed in (("CLUSTER", "/clusters"), ("OUTLET", "/outlets")):
        found = re.search(rf'href="({listed}/[^"?]+)"', browser.get(listed).text)
        assert found
        path = path.replace(name, found[1])
    found = re.search(r'href="(/articles/[^"?/]+)"', browser.get(first_cluster(browser)).text)
    assert found
    path = path.replace("ARTICLE", found[1])
    mark = "&" if "?" in path else "?"
    for name in PARAMETERS[pattern]:
        for value in ODD:
            answer = browser.get(f"{path}{mark}{name}={value}")
            assert answer.status_code < 500, (name, value)
