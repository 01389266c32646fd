"""Raw HTML of a request -> the fields of its article, by processes that can be killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dedupe.errors import DependencyMissing
from dedupe.readers.page_pool import PagePool, PagesBusy
from service.errors import Problem

__all__ = ["Pages", "open_pages"]


class PageSettings(Protocol):
    """What is asked of the settings."""

    @property
    def page_workers(self) -> int:
        """Processes that read pages; 0 for none."""

    @property
    def page_timeout_s(self) -> float:
        """Seconds for one page."""

    @property
    def page_memory_bytes(self) -> int:
        """Memory one page may take."""


class Pages:
    """The pool as `service.intake.PageReader`: its errors are problems."""

    def __init__(self, pool: PagePool) -> None:
        self._pool = pool

    def read(self, markup: str, url: str | None) -> Mapping[str, object]:
        """Give the fields of the article on a page; raises Refusal and Problem."""
        try:
            return self._pool.read(markup, url)
        except PagesBusy as busy:
            raise Problem("busy", str(busy), headers={"Retry-After": "5"}) from None
        except DependencyMissing:
            raise Problem("html-unavailable", "this service takes text only: send body") from None

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


def open_pages(settings: PageSettings) -> Pages | None:
    """Give the reader of pages, or None where none is wanted."""
    if not settings.page_workers:
        return None
    return Pages(
        PagePool(settings.page_workers, settings.page_timeout_s, settings.page_memory_bytes)
    )
