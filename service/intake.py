"""A JSON value that came over the network -> an Article.

Stricter than the readers of files: fields have one name each (and the two aliases of CONTRACTS),
a wrong type is refused, and what is not known is ignored and said. The rest, bounds and times and
ids, is the readers' own builder, which is fast enough for a stream (about 5 µs an article).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from dedupe.models import Article
from dedupe.readers.fields import ALIASES
from dedupe.readers.parts import ARTICLE_FIELDS, ReadOptions
from dedupe.readers.records import ArticleBuilder
from service.errors import Problem
from service.limits import Limits

__all__ = ["FIELDS", "Intake", "PageReader"]


class PageReader(Protocol):
    """Raw HTML -> the fields of an article; in processes that can be killed."""

    def read(self, markup: str, url: str | None) -> Mapping[str, object]:
        """Give the fields of `Article in` that the page tells; raises Refusal or Problem."""


_TEXT = frozenset({str})
_TIME = frozenset({str, int, float})
FIELDS: dict[str, frozenset[type]] = {
    "id": frozenset({str, int, float}),
    "outlet": _TEXT,
    "source": _TEXT,
    "url": _TEXT,
    "title": _TEXT,
    "body": _TEXT,
    "html": _TEXT,
    "lang": _TEXT,
    "authors": frozenset({str, list}),
    "author": frozenset({str, list}),
    "published": _TIME,
    "modified": _TIME,
    "seen": _TIME,
    "metadata": frozenset({dict}),
}
"""Every field of an article and the types it may have beside null."""

_ALIASES = {"source": "outlet", "author": "authors"}
_SPARES = (("html", "body"), *_ALIASES.items())
_MAX_FIELDS = 100
_MAX_NAME = 128
_MAX_TOLD = 20
_MAX_SHAPES = 1024
_EXACT = 2**53
"""Up to here every whole number is a float, as which larger ones come."""


class Intake:
    """Makes articles of records; remembers the key sets it has seen."""

    def __init__(self, limits: Limits, pages: PageReader | None = None) -> None:
        self.pages = pages
        options = ReadOptions(
            fields={name: name for name in ARTICLE_FIELDS}, max_body_bytes=limits.body_bytes
        )
        self._build = ArticleBuilder(options).build
        self._shapes: dict[tuple[str, ...], tuple[bool, tuple[str, ...]]] = {}

    def read(self, record: object) -> Article:
        """Make the article of one record; raises Problem or Refusal."""
        if type(record) is not dict:
            raise Problem("not-an-object", "the value is JSON but not an object")
        keys = tuple(record)
        aliased, warnings = self._shapes.get(keys) or self._learn(keys)
        for name, types in FIELDS.items():
            value = record.get(name)
            if value is not None and type(value) not in types:
                raise _wrong_type(name, value)
        doubled = _find_doubled(record)
        if aliased:
            record = _rename(record)
        if record.get("body") is None and record.get("html") is None:
            _check_body(keys)
        if type(record.get("authors")) is list:
            _check_authors(record["authors"])
        id_ = record.get("id")
        if isinstance(id_, (int, float)):
            record = {**record, "id": _name(id_)}
            warnings = (*warnings, "id: a number, kept as text")
        if self.is_page(record):
            record = self._read_page(record)
        article = self._build(record)
        warnings += doubled
        if warnings:
            article = replace(article, warnings=article.warnings + warnings)
        return article

    @staticmethod
    def is_page(record: object) -> bool:
        """Whether an article is to be read out of HTML, which takes a process for some time."""
        return isinstance(record, dict) and record.get("body") is None and bool(record.get("html"))

    def _learn(self, keys: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Note of a key set whether it holds an alias, and what to say of names not known."""
        if len(keys) > _MAX_FIELDS or any(len(key) > _MAX_NAME for key in keys):
            raise Problem(
                "fields-too-many", f"at most {_MAX_FIELDS} fields with names up to {_MAX_NAME}"
            )
        unknown = [key for key in keys if key not in FIELDS]
        told = [f"{_show(key)}: unknown field, ignored" for key in unknown[:_MAX_TOLD]]
        if len(unknown) > _MAX_TOLD:
            told.append(f"{len(unknown) - _MAX_TOLD} more unknown fields, ignored")
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        learned = any(alias in keys for alias in _ALIASES), tuple(told)
        self._shapes[keys] = learned
        return learned

    def _read_page(self, record: dict[str, object]) -> dict[str, object]:
        """Let what the record declares stand before what its page says."""
        if self.pages is None:
            raise Problem("html-unavailable", "this service takes text only: send body")
        url = record.get("url")
        page = self.pages.read(str(record["html"]), url if isinstance(url, str) else None)
        declared = {
            name: value for name, value in record.items() if value is not None and name != "html"
        }
        told, found = declared.get("metadata"), page.get("metadata")
        if isinstance(told, dict) and isinstance(found, dict):
            declared["metadata"] = {**found, **told}
        return {**page, **declared}


def _check_body(keys: tuple[str, ...]) -> None:
    """Raise Problem where a text came in a field that files may have, and requests not."""
    for key in keys:
        if key in ALIASES["body"] and key != "body":
            detail = f"{key} is no field of an article here: send the text as body"
            raise Problem("body-missing", detail, field=key)


def _find_doubled(record: dict[str, object]) -> tuple[str, ...]:
    """What to say of values that stand beside the one that is taken."""
    return tuple(
        f"{spare}: ignored beside {name}"
        for spare, name in _SPARES
        if record.get(spare) is not None and record.get(name) is not None
    )


def _wrong_type(name: str, value: object) -> Problem:
    wanted = {str: "text", int: "a number", list: "a list", dict: "an object"}
    types = " or ".join(word for kind, word in wanted.items() if kind in FIELDS[name])
    return Problem("field-invalid", f"{name}: {types} or null is wanted", field=name)


def _rename(record: dict[str, object]) -> dict[str, object]:
    """Move an alias to its field where that is empty."""
    renamed = dict(record)
    for alias, name in _ALIASES.items():
        value = renamed.pop(alias, None)
        if renamed.get(name) is None:
            renamed[name] = value
    return renamed


def _check_authors(value: object) -> None:
    if isinstance(value, list) and not all(type(item) is str for item in value):
        raise Problem("field-invalid", "authors: every one must be text", field="authors")


def _name(value: float) -> str:
    """A whole number as text; beyond 2^53 two ids could have become one on their way here."""
    if not float(value).is_integer():
        raise Problem("id-invalid", "the id is a number, but no whole one", field="id")
    if isinstance(value, float) and abs(value) > _EXACT:
        raise Problem("id-invalid", "the id is too large a number: send it as text", field="id")
    return str(int(value))


def _show(name: str) -> str:
    return name if name.isprintable() else ascii(name)
