"""Text that attacks the page it is shown on stays text: on every page, and in the report."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

SCRIPT = "</title></script></style></textarea><script>window.owned=1</script>"
HANDLER = "<img src=x onerror=window.owned=1><svg onload=window.owned=1>"
BIDI = "\u202egnp.exe \u2067isolated\u2066"
TEMPLATE = "{{ 7*7 }}{% raw %}${owned=1}"
MEGABYTE = "م" * 1_000_000
WORDS = (
    "A text of some length that two outlets carry word for word, so that it makes a cluster: the "
    "old mill at the river turns again after forty years and grinds the first flour of the season."
)
BODY = f"{WORDS}\n{SCRIPT}\n{HANDLER}\n{BIDI}\n{TEMPLATE}\n{WORDS}\n\x07\x1b[31m\u2028{WORDS}"
ARTICLES = [
    {"id": f"hostile {number} {name}"[:500], "outlet": name[:400], "title": name, "body": BODY,
     "url": "javascript:window.owned=1", "author": name[:300], "lang": "en",
     "published": f"2026-06-0{number}T00:00:00Z"}
    for number, name in enumerate((SCRIPT, HANDLER, BIDI + SCRIPT, TEMPLATE, MEGABYTE), 1)
]  # fmt: skip


@pytest.fixture(scope="module")
def attacked(service):
    hrefs = []
    for article in ARTICLES:
        status, _ = service.ask("POST", "/v1/articles", article)
        assert status == 201, article["id"]
        hrefs.append(f"/v1/articles/-?id={quote(article['id'], safe='')}")
    yield service
    for href in hrefs:
        service.ask("DELETE", href)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_hostile_articles_are_inert_on_every_page(visit, attacked, language):
    window = visit(language)
    ids = [quote(article["id"], safe="") for article in ARTICLES]
    window.go("/clusters?since=2026-06-01")
    cluster = window.page.locator("main a[href^='/clusters/']").first.get_attribute("href")
    window.check_inert()
    paths = [
        "/", "/clusters", "/outlets", cluster,
        *(f"/articles/-?id={id_}" for id_ in ids),
        f"/articles/-/explain?id={ids[0]}",
        f"/compare?left={ids[0]}&right={ids[1]}",
        f"/compare?left={ids[2]}&right={ids[4]}",
        f"/outlets/-?id={quote(ARTICLES[0]['outlet'], safe='')}",
        f"/clusters?title={quote(SCRIPT, safe='')}&outlet={quote(HANDLER, safe='')}",
        f"/compare?left={quote(SCRIPT, safe='')}&right=",
    ]  # fmt: skip
    for path in paths:
        window.go(path)
        window.check_inert()
        assert len(window.page.content()) < 1_000_000, path
    window.go("/check")
    window.page.fill("#text", BODY)
    window.page.fill("#url", "javascript:window.owned=1")
    window.follow(window.page.locator("#check button.main"))
    assert window.page.locator("table").count() == 1
    window.check_inert()
    window.check()


def test_hostile_articles_are_inert_in_the_standalone_report(visit, attacked, tmp_path: Path):
    status, report = attacked.ask("GET", "/v1/report", Accept="text/html")
    assert status == 200
    file = tmp_path / "report.html"
    file.write_bytes(report)
    window = visit()
    window.page.goto(file.as_uri())
    window.page.fill("#query", "hostile")
    expect(window.page.locator("#list > *")).to_have_count(1)
    window.page.locator("#list summary").first.click()
    window.check_inert()
    window.check()


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "dark", 1280), ("ar", "light", 390)]
)
def test_standalone_report_is_quiet_accessible_and_searched(
    visit, service, tmp_path: Path, language, theme, width
):
    status, report = service.ask(
        "GET", "/v1/report", Accept="text/html", **{"Accept-Language": language}
    )
    assert status == 200
    file = tmp_path / "report.html"
    file.write_bytes(report)
    window = visit(language, theme, width)
    window.page.goto(file.as_uri())
    window.page.locator("#list summary").first.click()
    window.check_access()
    window.check_inert()
    window.check_width()
    shown = window.page.locator("#list > details").count()
    assert shown == 25
    window.page.locator("#next").click()
    window.page.wait_for_function("document.querySelectorAll('#list > details').length !== 25")
    window.page.fill("#query", "oyster")
    window.page.wait_for_function("document.querySelectorAll('#list > details').length < 5")
    window.check()
