"""Every page in a real browser: both languages, both themes, a phone, the keyboard, no script."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGES = (
    "/",
    "/clusters",
    "/clusters?credit=uncredited&sort=spread",
    "/outlets",
    "/check",
    "/compare",
    "/compare?left=en-oyster-calder&right=en-oyster-wharf",
    "/compare?left=ar-weather-0911-suhail&right=en-match-caldervale-1024-pennant",
    "/articles/000_12631ab96fb70234",
    "/articles/ar-library-turath/explain",
)


def open_all(window):
    """All kinds of pages, with those whose address is only known from a list."""
    window.go("/clusters")
    cluster = window.page.locator("main a[href^='/clusters/']").first.get_attribute("href")
    window.go("/outlets")
    outlet = window.page.locator("main a[href^='/outlets/']").first.get_attribute("href")
    for path in (*PAGES, cluster, outlet):
        window.go(path)
        yield path


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ar", "dark")])
def test_every_page_is_quiet_and_accessible(visit, language, theme):
    window = visit(language, theme)
    for path in open_all(window):
        root = window.page.locator("html")
        assert root.get_attribute("lang") == language, path
        assert root.get_attribute("dir") == {"en": "ltr", "ar": "rtl"}[language], path
        assert window.page.locator("h1").count() == 1, path
        window.check_access()
        window.check_inert()
    window.go("/articles/nothing", 404)
    window.problems = [told for told in window.problems if "404" not in told]
    window.check_access()
    window.check()


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("ar", "light")])
def test_every_page_fits_a_phone(visit, language, theme):
    window = visit(language, theme, 390)
    for _ in open_all(window):
        window.check_width()
        window.check_access("color-contrast", "scrollable-region-focusable")
    window.check()


def test_keyboard_reaches_the_content_first(visit):
    window = visit()
    window.go("/clusters")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.className") == "skip"
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.id") == "content"
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.closest('main') !== null")


def test_language_and_colours_are_kept(visit):
    window = visit()
    window.go("/")
    window.follow(window.page.locator(".tools a[hreflang]"))
    assert window.page.locator("html").get_attribute("dir") == "rtl"
    window.follow(window.page.locator("form[action='/theme'] button"))
    window.go("/outlets")
    assert window.page.locator("html").get_attribute("lang") == "ar"
    assert window.page.locator("html").get_attribute("data-theme") == "light"
    window.check()


def test_following_a_passage_lands_beside_it(visit):
    window = visit()
    window.go("/compare?left=en-oyster-calder&right=en-oyster-wharf")
    window.page.locator("#left-3").click()
    assert window.page.evaluate("document.activeElement.id") == "right-3"
    assert window.page.locator(".passage-link.lit").count() == 2
    window.check()


def test_text_is_checked_without_a_script(visit, seeds: Path):
    window = visit(java_script_enabled=False)
    window.go("/check")
    text = next(iter(seeds.glob("*.txt"))).read_text("utf-8")
    window.page.fill("#text", text)
    window.follow(window.page.locator("#check button.main"))
    assert window.page.locator("main a[href='/articles/000_12631ab96fb70234']").count() >= 1
    assert window.page.locator("mark.claim").count() >= 1


def test_dropped_file_is_checked_at_once(visit, seeds: Path):
    window = visit("ar")
    window.go("/check")
    text = next(iter(seeds.glob("*.txt"))).read_text("utf-8")
    page = (
        f"<html><body><article><p>{'</p><p>'.join(text.splitlines())}</p></article></body></html>"
    )
    dropped = window.page.evaluate_handle(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "page.html", { type: "text/html" }));
          return data;
        }""",
        page,
    )
    with window.page.expect_navigation():
        window.page.dispatch_event("main", "drop", {"dataTransfer": dropped})
    assert window.page.locator("main a[href='/articles/000_12631ab96fb70234']").count() >= 1
    window.check_access()
    window.check()
