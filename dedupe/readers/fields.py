"""The keys of a record -> which of them carries which article field.

Records of one file share few key sets, so the aliases are resolved once for each set of keys and
the rest is a dictionary look-up (0.3 µs a record against 2 µs for trying every alias each time).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dedupe.errors import FieldUnknown
from dedupe.readers.parts import ARTICLE_FIELDS

__all__ = ["ALIASES", "Shape", "check_columns", "dig", "resolve", "squash"]

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "guid", "articleid", "docid", "documentid", "storyid", "storiesid", "uuid"),
    "outlet": (
        *("outlet", "source", "publisher", "outletname", "sourcename", "publishername"),
        *("newspaper", "publication", "medianame", "site", "sitename", "domain", "sourcedomain"),
        *("sourcehostname", "hostname"),
    ),
    "url": ("url", "link", "articleurl", "storyurl", "canonicalurl", "permalink", "href"),
    "title": ("title", "headline", "articletitle", "newstitle"),
    "body": (
        *("body", "text", "content", "article", "maintext", "fulltext", "articlebody"),
        *("articletext", "bodytext", "plaintext", "story"),
    ),
    "html": ("html", "bodyhtml", "contenthtml", "rawhtml", "pagehtml"),
    "lang": ("lang", "language", "langcode", "languagecode", "inlanguage", "locale"),
    "authors": ("authors", "author", "byline", "creator"),
    "published": (
        *("published", "publishedat", "publisheddate", "date", "publishdate", "datepublished"),
        *("datepublish", "pubdate", "publicationdate", "publishedtime", "publishtime"),
        *("timestamp", "datetime", "createdat", "created"),
    ),
    "modified": (
        *("modified", "updated", "modifiedat", "updatedat", "datemodified", "datemodify"),
        *("lastmodified", "dateupdated"),
    ),
    "seen": (
        *("seen", "crawled", "fetched", "seenat", "firstseen", "crawledat", "fetchedat"),
        *("retrieved", "retrievedat", "scraped", "scrapedat", "datedownload", "crawldate"),
        *("indexeddate",),
    ),
    "metadata": ("metadata",),
}
"""Known spellings of every field, best first, as `squash` writes them: `pubDate`, `pub_date`,
`Pub Date` and `pub-date` are one. `docs/add-a-reader.md` shows them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys of one key set carry which field, best first; an empty tuple: none does."""

    id: tuple[str, ...]
    outlet: tuple[str, ...]
    url: tuple[str, ...]
    title: tuple[str, ...]
    body: tuple[str, ...]
    html: tuple[str, ...]
    lang: tuple[str, ...]
    authors: tuple[str, ...]
    published: tuple[str, ...]
    modified: tuple[str, ...]
    seen: tuple[str, ...]
    metadata: tuple[str, ...]


def squash(key: str) -> str:
    """A key without case and punctuation: `dc:Date_Published` -> `dcdatepublished`."""
    return "".join(filter(str.isalnum, key)).lower()


def resolve(keys: Iterable[str], fields: Mapping[str, str]) -> Shape:
    """The shape of one key set; a field that `fields` names takes that key and no alias."""
    spellings: dict[str, list[str]] = {}
    for key in keys:
        spellings.setdefault(squash(key), []).append(key)
    found: dict[str, tuple[str, ...]] = {}
    for name in ARTICLE_FIELDS:
        if name in fields:
            found[name] = (fields[name],)
            continue
        aliases = (spellings.get(alias, ()) for alias in ALIASES[name])
        found[name] = tuple(key for keys_of in aliases for key in sorted(keys_of, key=_plainness))
    return Shape(**found)


def _plainness(key: str) -> tuple[int, str]:
    """`id` before `_id` before `ID`: the shortest spelling is the plainest."""
    return (len(key), key.swapcase())


def dig(record: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, or None; a key that holds the dots itself goes first."""
    if path in record:
        return record[path]
    value: object = record
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def check_columns(columns: Sequence[str], fields: Mapping[str, str]) -> Shape:
    """The shape of a table, found before anything is read.

    Raises:
        FieldUnknown: a column that `fields` names is not there, or none carries a body or a page.
    """
    known = tuple(column[:80] for column in columns[:100])
    for column in fields.values():
        if column not in columns and column.partition(".")[0] not in columns:
            raise FieldUnknown(column, known)
    shape = resolve(columns, fields)
    if not shape.body and not shape.html:
        raise FieldUnknown("body", known)
    return shape
