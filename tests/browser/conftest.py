"""One real service with the demonstration corpus and one real Chromium for the session.

Debian's Chromium, no download: where it is missing the tests skip, and fail under CI.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.visiting import Visit
from fakes.served import Served, serve_seeds
from playwright.sync_api import Browser, sync_playwright


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        missing = "needs chromium: `make test` installs it (requirements/debian-test.txt)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # Chromium's own sandbox cannot start as root in a container; all that is opened is our own.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[Served]:
    with serve_seeds(tmp_path_factory.mktemp("browser"), seeds) as served:
        yield served


Open = Callable[..., "contextmanager[Visit]"]


@pytest.fixture
def visit(chromium: Browser, service: Served) -> Iterator[Callable[..., Visit]]:
    """`visit(language="en", theme="light", width=1280, **options)` -> a fresh browser window."""
    opened: list[Visit] = []

    def start(
        language: str = "en", theme: str = "light", width: int = 1280, **options: object
    ) -> Visit:
        context = chromium.new_context(
            locale=language,
            color_scheme=theme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        opened.append(Visit(context.new_page(), service.url))
        return opened[-1]

    yield start
    for each in opened:
        each.page.context.close()
