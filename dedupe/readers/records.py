"""A mapping of any origin -> an `Article`, or a `Refusal` that says why not.

Every reader ends here, so that the same article has the same meaning in every format. The body is
never altered. This is the hot path of a run over JSON Lines: see `docs/add-a-reader.md` for what
an article costs here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import orjson

from dedupe.models import Article, article_id
from dedupe.readers.dates import parse_time
from dedupe.readers.fields import Shape, dig, resolve
from dedupe.readers.metadata import bound_metadata
from dedupe.readers.page import read_page
from dedupe.readers.parts import ARTICLE_FIELDS, ReadOptions, Refusal

__all__ = ["MAX_ID", "ArticleBuilder"]

MAX_ID = 512
MAX_OUTLET = 512
MAX_URL = 8192
MAX_TITLE = 10_000
MAX_AUTHORS = 100
MAX_AUTHOR = 1_000
"""Bounds in code points of what is not the body: longer values are noise or an attack."""

_MAX_SHAPES = 1024
_LANG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", re.ASCII)
_OBJECT_NAMES = ("name", "title", "domain", "host", "url", "id", "$oid", "$date")


class ArticleBuilder:
    """Builds the articles of one input; keeps what it learns about the records' keys."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._fields = options.fields
        self._deep = tuple(path for path in options.fields.values() if "." in path)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        # The encoded length is only measured where it could be too much: 4 bytes a code point.
        self._surely_small = options.max_body_bytes // 4

    def build(self, record: Mapping[str, object]) -> Article:
        """The article of one record.

        Raises:
            Refusal: `body_missing`, `body_empty`, `body_too_large`, `nul` or `id_invalid`.
            DependencyMissing: the record holds `html` only and the extra `html` is not installed.
        """
        if self._deep:
            record = {**record, **{path: dig(record, path) for path in self._deep}}
        shape = self._shapes.get(tuple(record)) or self._learn(tuple(record))
        body = _first(record, shape.body)
        if body is None and shape.html:
            return self._build_from_page(record, shape)
        if type(body) is not str:
            raise Refusal("body_missing", _missing_body(body))
        if not body or body.isspace():
            raise Refusal("body_empty", "the body holds no text")
        if "\0" in body:
            raise Refusal("nul", "the body holds U+0000")
        if len(body) > self._surely_small:
            _check_size(body, self._options.max_body_bytes)
        return self._assemble(record, shape, body)

    def _assemble(self, record: Mapping[str, object], shape: Shape, body: str) -> Article:
        """The article around an accepted body; runs once an article, hence the tests in place."""
        warnings: list[str] = []
        identity = _first(record, shape.id) if shape.id else None
        outlet = _first(record, shape.outlet) if shape.outlet else None
        if outlet is not None:
            outlet = _outlet(outlet, warnings)
        outlet = outlet or self._options.outlet
        url = _first(record, shape.url) if shape.url else None
        if url is not None:
            url = _url(url, warnings)
        title = _first(record, shape.title) if shape.title else None
        title = "" if title is None else _text(title, "title", MAX_TITLE, warnings) or ""
        lang = _first(record, shape.lang) if shape.lang else None
        if lang is not None:
            lang = _lang(lang, warnings)
        metadata = _first(record, shape.metadata) if shape.metadata else None
        return Article(
            article_id(outlet, url, title, body) if identity is None else _identity(identity),
            outlet,
            url,
            title,
            body,
            lang or self._options.lang,
            _authors(_first(record, shape.authors), warnings) if shape.authors else (),
            _time(record, shape.published, "published", warnings) if shape.published else None,
            _time(record, shape.modified, "modified", warnings) if shape.modified else None,
            _time(record, shape.seen, "seen", warnings) if shape.seen else None,
            {} if metadata is None else bound_metadata(metadata, warnings),
            tuple(warnings),
        )

    def _learn(self, keys: tuple[str, ...]) -> Shape:
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        shape = self._shapes[keys] = resolve(keys, self._fields)
        return shape

    def _build_from_page(self, record: Mapping[str, object], shape: Shape) -> Article:
        """What the record declares stands before what its page says."""
        markup = _first(record, shape.html)
        if markup is None:
            raise Refusal("body_missing", _missing_body(None))
        if type(markup) is not str:
            raise Refusal("body_missing", f"the page is {_kind(markup)}, not text")
        _check_size(markup, self._options.max_body_bytes)
        declared = {name: _first(record, getattr(shape, name)) for name in ARTICLE_FIELDS}
        url = declared["url"]
        page = read_page(markup, url if isinstance(url, str) else None)
        merged = {**page, **{name: value for name, value in declared.items() if value is not None}}
        if isinstance(declared["metadata"], Mapping):
            merged["metadata"] = {**page["metadata"], **declared["metadata"]}
        del merged["html"]
        return ArticleBuilder(replace(self._options, fields={})).build(merged)


def _first(record: Mapping[str, object], keys: tuple[str, ...]) -> object:
    for key in keys:
        value = record.get(key)
        if value is not None:
            return value
    return None


def _missing_body(body: object) -> str:
    return "no body, text or html" if body is None else f"the body is {_kind(body)}, not text"


def _kind(value: object) -> str:
    """A word for a JSON type; the value itself is never shown, it may be anything."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, (list, tuple)) else "of another type"


def _check_size(text: str, limit: int) -> None:
    if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
        raise Refusal("body_too_large", f"the text is longer than {limit:,} bytes of UTF-8")


def _identity(value: object) -> str:
    """The declared id as text: 1 to `MAX_ID` code points, or a whole number."""
    if isinstance(value, Mapping):
        value = value.get("$oid")
    if type(value) is int:
        value = str(value)
    if type(value) is not str:
        raise Refusal("id_invalid", f"the id is {_kind(value)}, not text or a whole number")
    if not 0 < len(value) <= MAX_ID:
        raise Refusal("id_invalid", f"the id has {len(value):,} characters; 1 to {MAX_ID} allowed")
    if "\0" in value:
        raise Refusal("nul", "the id holds U+0000")
    return value


def _text(value: object, name: str, longest: int, warnings: list[str]) -> str | None:
    """A short text without U+0000 (databases refuse it), cut at its bound; else a warning."""
    if type(value) is not str:
        if type(value) not in (int, float):
            warnings.append(f"{name}: {_kind(value)}, not text")
            return None
        value = str(value)
    if "\0" in value:
        warnings.append(f"{name}: U+0000 removed")
        value = value.replace("\0", "")
    if len(value) > longest:
        warnings.append(f"{name}: cut at {longest:,} characters")
        value = value[:longest]
    return value


def _outlet(value: object, warnings: list[str]) -> str | None:
    """A name, an object with a name, or an address, of which the host without `www.` is taken."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in _OBJECT_NAMES if value.get(key)), "")
    name = _text(value, "outlet", MAX_OUTLET, warnings)
    if name and name.startswith(("http://", "https://")):
        try:
            return (urlsplit(name).hostname or "").removeprefix("www.") or None
        except ValueError:
            return None
    return name.strip() or None if name else None


def _url(value: object, warnings: list[str]) -> str | None:
    """The address as written; one that is no web address could run where a report shows it."""
    if type(value) is not str or len(value) > MAX_URL:
        warnings.append("url: not text or too long, dropped")
        return None
    url = value.strip()
    if url.startswith(("https://", "http://")) and url.isprintable():
        return url
    if not url:
        return None
    scheme = _SCHEME.match(url)
    if not url.isprintable() or (scheme and scheme[0].lower() not in ("http:", "https:")):
        warnings.append("url: not a web address, dropped")
        return None
    return url


def _lang(value: object, warnings: list[str]) -> str | None:
    """A BCP 47 tag with `-`; a language's name ("Arabic") is not one."""
    if type(value) is not str or not _LANG.fullmatch(value):
        if value != "":
            warnings.append("lang: not a BCP 47 tag, dropped")
        return None
    return value.replace("_", "-")


def _authors(value: object, warnings: list[str]) -> tuple[str, ...]:
    """Names from a text (`;` separates, or a JSON list), an object with a name, a list of both."""
    if isinstance(value, str) and value.startswith("["):
        value = _json_list(value)
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    names: list[str] = []
    for item in values[:MAX_AUTHORS]:
        item_name = _author(item)
        if item_name is None:
            if item is not None:
                warnings.append(f"authors: {_kind(item)} left out")
            continue
        names += (part.strip()[:MAX_AUTHOR] for part in item_name.split(";"))
    return tuple(dict.fromkeys(filter(None, names)))[:MAX_AUTHORS]


def _json_list(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _author(item: object) -> str | None:
    if isinstance(item, Mapping):
        item = item.get("name")
    return item.replace("\0", "") if isinstance(item, str) else None


def _time(
    record: Mapping[str, object], keys: tuple[str, ...], name: str, warnings: list[str]
) -> datetime | None:
    """The first declared time; one that is not understood is a warning, never a guess."""
    value = _first(record, keys)
    if isinstance(value, Mapping):
        value = value.get("$date")
    if value is None or value == "":
        return None
    moment = parse_time(value)
    if moment is None:
        warnings.append(f"{name}: not a time that can be true: {str(value)[:40]!r}")
    return moment
