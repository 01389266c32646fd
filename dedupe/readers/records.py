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
from typing import TypeVar
from urllib.parse import urlsplit

import orjson

from dedupe.models import Article, article_id
from dedupe.readers.dates import parse_time
from dedupe.readers.fields import Shape, dig, resolve
from dedupe.readers.languages import tell_language
from dedupe.readers.metadata import bound_metadata
from dedupe.readers.page_pool import read_apart
from dedupe.readers.parts import ARTICLE_FIELDS, ReadOptions, Refusal
from dedupe.slotted import constructor_of

__all__ = ["MAX_ID", "ArticleBuilder"]

MAX_ID = 512
MAX_OUTLET = 512
MAX_URL = 8192
MAX_TITLE = 10_000
MAX_AUTHORS = 100
MAX_AUTHOR = 1_000
"""Bounds in code points of what is not the body: longer values are noise or an attack."""

_MAX_KEPT = 1024
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # marks of direction are common
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", re.ASCII)
_find_nul = re.compile("\0").search
"""0.5 µs an article faster than `in`, which has no quick way for U+0000 in wide strings."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_WEB = ("https://", "http://")
_OBJECT_NAMES = ("name", "title", "domain", "host", "url", "id", "$oid", "$date")


class ArticleBuilder:
    """Builds the articles of one input; keeps what it learns about the records' keys."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._fields = options.fields
        self._deep = tuple(path for path in options.fields.values() if "." in path)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._outlets: dict[object, str] = {}
        self._langs: dict[object, str] = {}
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
        values: list[object] = list(map(record.get, shape.firsts))  # type: ignore[arg-type]
        if shape.spares:
            shape.fill(values, record)
        body, html = values[4], values[5]
        if type(body) is not str:
            if body is None and html is not None:
                return self._build_from_page(html, values)
            raise Refusal("body_missing", _missing_body(body))
        if not body or body.isspace():
            raise Refusal("body_empty", "the body holds no text")
        if _find_nul(body):
            raise Refusal("nul", "the body holds U+0000")
        if len(body) > self._surely_small:
            _check_size(body, self._options.max_body_bytes)
        return self.assemble(values, body)

    def shape_of(self, keys: tuple[str, ...]) -> Shape:
        """Which keys of a record carry what."""
        return self._shapes.get(keys) or self._learn(keys)

    def assemble(self, values: list[object], body: str) -> Article:
        """The article around an accepted body; runs once an article, hence the tests in place.

        `values` are those of `ARTICLE_FIELDS`. Raises `Refusal` as `build` does, for the id.
        """
        id_, outlet, url, title, _, _, lang, authors, published, modified, seen, metadata = values
        warnings: list[str] = []
        if type(title) is not str or len(title) > MAX_TITLE or "\0" in title:
            title = "" if title is None else _text(title, "title", MAX_TITLE, warnings) or ""
        address = None if url is None else _url(url, warnings)
        known = self._outlets.get(outlet) if type(outlet) is str else None
        outlet = known or self._outlet(outlet, warnings)
        spoken = self._langs.get(lang) if type(lang) is str else None
        return _new_article(
            article_id(outlet, address, title, body) if id_ is None else _identity(id_),
            outlet,
            address,
            title,
            body,
            spoken or self._lang(lang, warnings),
            () if authors is None else _authors(authors, warnings),
            None if published is None else _time(published, "published", warnings),
            None if modified is None else _time(modified, "modified", warnings),
            None if seen is None else _time(seen, "seen", warnings),
            {} if metadata is None else bound_metadata(metadata, warnings),
            tuple(warnings),
        )

    def _outlet(self, value: object, warnings: list[str]) -> str | None:
        """The declared outlet, else that of the options; a corpus has few, so they are kept."""
        outlet = None if value is None else _outlet(value, warnings)
        if outlet and type(value) is str and not warnings:
            _keep(self._outlets, value, outlet)
        return outlet or self._options.outlet

    def _lang(self, value: object, warnings: list[str]) -> str | None:
        """The declared language, else that of the options."""
        lang = None if value is None else _lang(value, warnings)
        if lang:
            _keep(self._langs, value, lang)
        return lang or self._options.lang

    def _learn(self, keys: tuple[str, ...]) -> Shape:
        return _keep(self._shapes, keys, resolve(keys, self._fields))

    def _build_from_page(self, markup: object, values: list[object]) -> Article:
        """What the record declares stands before what its page says."""
        if type(markup) is not str:
            raise Refusal("body_missing", f"the page is {_kind(markup)}, not text")
        _check_size(markup, self._options.max_body_bytes)
        declared = {
            name: value
            for name, value in zip(ARTICLE_FIELDS, values, strict=True)
            if value is not None and name != "html"
        }
        url = declared.get("url")
        page = read_apart(
            markup, url if isinstance(url, str) else None, self._options.page_timeout_s
        )
        told, found = declared.get("metadata"), page.get("metadata")
        if isinstance(told, Mapping) and isinstance(found, Mapping):
            declared["metadata"] = {**found, **told}
        return ArticleBuilder(replace(self._options, fields={})).build({**page, **declared})


_new_article = constructor_of(Article)


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    """Remember, forgetting everything when hostile input makes it too much."""
    if len(kept) >= _MAX_KEPT:
        kept.clear()
    kept[key] = value
    return value


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
    if type(value) is not str:
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
    if value.startswith(_WEB) and value.isprintable() and value[-1] != " ":
        return value
    url = value.strip()
    scheme = _SCHEME.match(url)
    strange = scheme and scheme[0].lower() not in ("http:", "https:")
    if _CONTROL.search(url) or strange or (not scheme and " " in url):
        warnings.append("url: not a web address, dropped")
        return None
    return url or None


def _lang(value: object, warnings: list[str]) -> str | None:
    """A BCP 47 tag; a language's name ("Arabic") is not one."""
    tag = tell_language(value) if type(value) is str else None
    if tag is None and value != "":
        warnings.append("lang: not a BCP 47 tag, dropped")
    return tag


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


def _time(value: object, name: str, warnings: list[str]) -> datetime | None:
    """A declared time; one that is not understood is a warning, never a guess."""
    moment = parse_time(value)
    if moment is None and isinstance(value, Mapping):
        moment = parse_time(value.get("$date"))
    if moment is None and value != "":
        warnings.append(f"{name}: not a time that can be true: {str(value)[:40]!r}")
    return moment
