"""The demonstration corpus -> a picture of each page, in both languages and themes.

    make screenshots

One is WebP of a window 1,200 pixels wide, cut at 1,500: what somebody sees before scrolling far.
All together stay under 1.5 MB, and the command fails where they do not.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from pathlib import Path

from fakes.served import ROOT, serve_seeds
from playwright.sync_api import Page, sync_playwright

FOLDER = ROOT / "docs" / "screenshots"
WIDTH, HEIGHT, QUALITY = 1200, 1500, 62
MOST_BYTES = 1_500_000
LOOKS = (("en", "light"), ("ar", "dark"))
PAGES = {
    "overview": {"en": "/", "ar": "/"},
    "clusters": {"en": "/clusters", "ar": "/clusters"},
    "cluster": {"en": "/articles/en-oyster-wharf", "ar": "/articles/ar-port-mizan"},
    "compare": {
        "en": "/compare?left=en-oyster-calder&right=en-oyster-wharf",
        "ar": "/compare?left=ar-weather-0911-suhail&right=ar-weather-0929-suhail",
    },
    "article": {"en": "/articles/en-oyster-wharf", "ar": "/articles/000_12631ab96fb70234"},
    "explain": {
        "en": "/articles/en-oyster-wharf/explain",
        "ar": "/articles/ar-library-turath/explain",
    },
    "outlets": {"en": "/outlets", "ar": "/outlets"},
    "check": {"en": "/check", "ar": "/check"},
    "report": {"en": "/report", "ar": "/report"},
}
"""What is opened for each; a cluster is that of an article, a check is of the seed document."""


def open_page(page: Page, url: str, name: str, path: str, seeds: Path) -> None:
    """Bring a page into the window."""
    page.goto(url + ("/" if name == "report" else path))
    if name == "cluster":
        page.locator("main a.button[href^='/clusters/']").click()
    elif name == "check":
        page.fill("#text", next(iter(seeds.glob("*.txt"))).read_text("utf-8"))
        page.locator("#check button.main").click()
    elif name == "report":
        page.goto(url + "/v1/report")
        page.wait_for_selector(".controls:not([hidden])")
        page.locator("#list summary").first.click()


def take(page: Page) -> bytes:
    """Picture what is in the window and below it."""
    page.wait_for_load_state("load")  # a click may have left for another page
    page.wait_for_selector("main, #list")
    high = page.evaluate("document.documentElement.scrollHeight")
    session = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(HEIGHT, high), "scale": 0.75}
    shot = session.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True},
    )
    return base64.b64decode(shot["data"])


def main() -> int:
    """Take all pictures anew."""
    seeds = ROOT / "seeds"
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("chromium is missing: apt install chromium\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    total = 0
    with (
        tempfile.TemporaryDirectory(prefix="isnad-screenshots-") as folder,
        serve_seeds(Path(folder), seeds) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language, theme in LOOKS:
            context = browser.new_context(
                locale=language,
                color_scheme=theme,  # type: ignore[arg-type]
                viewport={"width": WIDTH, "height": 900},
                reduced_motion="reduce",
                extra_http_headers={"Accept": "text/html"},
            )
            page = context.new_page()
            for name, paths in PAGES.items():
                open_page(page, service.url, name, paths[language], seeds)
                data = take(page)
                total += len(data)
                (FOLDER / f"{name}-{language}-{theme}.webp").write_bytes(data)
                sys.stdout.write(f"{name}-{language}-{theme}: {len(data) // 1000} kB\n")
            context.close()
        browser.close()
    sys.stdout.write(f"all: {total // 1000} kB\n")
    return int(total > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
