"""The machine-readable statements of an HTML page -> record fields and metadata.

Only what `docs` of the metadata convention name is kept; everything is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dedupe.readers.blocks import Node
from dedupe.readers.dates import parse_time
from dedupe.readers.metadata import bound_metadata

__all__ = ["read_head_facts"]

_META = frozenset(
    {
        *("syndication-source", "original-source", "source", "article-source", "provider"),
        *("dc.source", "dcterms.source", "dcterms.publisher", "dcterms.rightsholder"),
        *("is-wirestory", "article:publisher", "article:author", "robots", "author"),
    }
)
_WANTED = _META | {
    *("og:title", "og:url", "og:site_name", "og:locale", "content-language"),
    *("article:published_time", "article:modified_time"),
}
_JSON_LD = frozenset(
    {
        *("@type", "isBasedOn", "isBasedOnUrl", "sourceOrganization", "provider", "publisher"),
        *("creditText", "copyrightHolder", "copyrightNotice", "license", "author"),
        *("translationOfWork", "dateline", "mainEntityOfPage", "url"),
    }
)
_TRACKERS = (
    "republication-pixel",
    "republication-tracker-tool",
    "counter.theconversation.com",
    "analytics.apnewsregistry.com",
)
_MAX_ITEMS = 20
_MAX_VALUE = 2_000
_MAX_SCRIPT = 1 << 20
_MAX_NODES = 2_000
_OPENED = re.compile(r"(?://|/\*)?[ \t]{0,9}<!(?:\[CDATA\[|--)[ \t]{0,9}(?:\*/)?")
_CLOSED = re.compile(r"(?://|/\*)?[ \t]{0,9}(?:\]\]|--)>[ \t]{0,9}(?:\*/)?$")
"""What pages put around JSON to hide it from parsers of XML or of before scripts."""


def read_head_facts(tree: Node) -> dict[str, Any]:
    """title, url, outlet, lang, authors, published, modified and metadata, where stated."""
    properties = _properties(tree)
    articles = list(_articles(tree))
    metadata = _metadata(tree, properties, articles)
    return {
        "title": _one(properties, "og:title"),
        "url": _one(properties, "og:url") or metadata.get("canonical"),
        "outlet": metadata.get("site_name") or _publisher(articles),
        "lang": _lang(tree, properties),
        "authors": _authors(articles),
        "published": _time(articles, properties, "datePublished", "article:published_time"),
        "modified": _time(articles, properties, "dateModified", "article:modified_time"),
        "metadata": metadata,
    }


def _properties(tree: Node) -> dict[str, list[str]]:
    """`<meta>` by lower-case name or property, in order, bounded."""
    properties: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if not name and (meta.get("http-equiv") or "").lower() == "content-language":
            name = "content-language"
        content = (meta.get("content") or "").strip()[:_MAX_VALUE]
        if name in _WANTED and content:
            values = properties.setdefault(name, [])
            if len(values) < _MAX_ITEMS:
                values.append(content)
    return properties


def _one(properties: Mapping[str, list[str]], name: str) -> str | None:
    return next(iter(properties.get(name, ())), None)


def _metadata(
    tree: Node,
    properties: Mapping[str, list[str]],
    articles: list[Mapping[str, Any]],
) -> dict[str, object]:
    """The metadata convention's keys, empty ones left out."""
    links = [link for link in tree.iter("link") if "canonical" in _rel(link)]
    sources = [image.get("src") or "" for image in tree.iter("img")]
    found = {
        "canonical": next((link.get("href") for link in links if link.get("href")), None),
        "site_name": _one(properties, "og:site_name"),
        "meta": {name: properties[name] for name in sorted(_META) if properties.get(name)},
        "json_ld": [
            {key: value for key, value in article.items() if key in _JSON_LD}
            for article in articles
        ],
        "trackers": [src[:_MAX_VALUE] for src in sources if _is_tracker(src)][:_MAX_ITEMS],
        "item_license": [
            anchor.get("href")[:_MAX_VALUE]
            for anchor in tree.iter("a")
            if "item-license" in _rel(anchor) and anchor.get("href")
        ][:_MAX_ITEMS],
    }
    return bound_metadata({key: value for key, value in found.items() if value}, [])


def _rel(element: Node) -> list[str]:
    return (element.get("rel") or "").lower().split()


def _is_tracker(src: str) -> bool:
    return any(trace in src for trace in _TRACKERS)


def _articles(tree: Node) -> Iterator[Mapping[str, Any]]:
    """The article-like objects of the page's JSON-LD, at most 20, with whom they point to."""
    nodes = [item for value in _scripts(tree) for item in _flatten(value, 3)][:_MAX_NODES]
    named = {
        item["@id"]: item
        for item in nodes
        if isinstance(item.get("@id"), str) and (item.get("name") or item.get("url"))
    }
    articles = [item for item in nodes if _is_article(item)]
    for item in articles[:_MAX_ITEMS]:
        yield {key: _follow(value, named) for key, value in item.items()}


def _follow(value: object, named: Mapping[str, Mapping[str, Any]]) -> object:
    """A reference to another object of the page -> its name and address; other values stay.

    One that leads nowhere and is no address names nothing.
    """
    if isinstance(value, list):
        return [_follow(item, named) for item in value[:_MAX_ITEMS]]
    if not isinstance(value, Mapping) or set(value) - {"@id", "@type"}:
        return value
    key = value.get("@id")
    if not isinstance(key, str):
        return value
    meant = {field: named[key][field] for field in ("@type", "name", "url") if field in named[key]
             } if key in named else {}  # fmt: skip
    return {**value, **meant} if meant or "://" in key else None


def _scripts(tree: Node) -> Iterator[object]:
    """The values of the page's JSON-LD scripts; those that are none are passed over."""
    for script in tree.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() != "application/ld+json":
            continue
        text = _unwrap((script.text or "").strip())
        try:
            yield orjson.loads(text) if len(text) <= _MAX_SCRIPT else None
        except orjson.JSONDecodeError:
            continue


def _unwrap(script: str) -> str:
    """JSON without what hides it."""
    opened = _OPENED.match(script)
    if opened is None:
        return script
    closed = _CLOSED.search(script, max(opened.end(), len(script) - 40))
    return script[opened.end() : closed.start() if closed else None].strip()


def _flatten(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """Objects, members of lists and of `@graph`."""
    if isinstance(value, Mapping):
        yield value
        value = value.get("@graph")
    if isinstance(value, list) and depth:
        for item in value[:200]:
            yield from _flatten(item, depth - 1)


def _is_article(item: Mapping[str, Any]) -> bool:
    kinds = item.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    names = [kind for kind in kinds if isinstance(kind, str)]
    return any(name.endswith(("Article", "Posting", "Report")) for name in names)


def _publisher(articles: list[Mapping[str, Any]]) -> str | None:
    for article in articles:
        for name in _names(article.get("publisher")):
            return name
    return None


def _authors(articles: list[Mapping[str, Any]]) -> list[str]:
    for article in articles:
        if names := list(_names(article.get("author") or article.get("creator"))):
            return names
    return []


def _names(value: object) -> Iterator[str]:
    """A name, an object with a name, or a list of either."""
    for item in (value if isinstance(value, list) else [value])[:_MAX_ITEMS]:
        name = item.get("name") if isinstance(item, Mapping) else item
        if isinstance(name, str) and name.strip() and "://" not in name:
            yield name.strip()[:_MAX_VALUE]


def _lang(tree: Node, properties: Mapping[str, list[str]]) -> str | None:
    declared = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    found = declared or _one(properties, "content-language") or _one(properties, "og:locale")
    return found.split(",")[0].strip() if found else None


def _time(
    articles: list[Mapping[str, Any]], properties: Mapping[str, list[str]], key: str, name: str
) -> object:
    """The first stated time that is one."""
    stated = [article.get(key) for article in articles] + list(properties.get(name, ()))
    return next((parse_time(value) for value in stated if parse_time(value)), None)
