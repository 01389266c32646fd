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


_ABSENT = object()
"""A key that no record has."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys of one key set carry which field.

    `candidates` holds, in the order of `parts.ARTICLE_FIELDS`, the keys of each field, best first;
    `firsts` the best of each, or a key that no record has; `spares` what to try where it is null.
    """

    candidates: tuple[tuple[str, ...], ...]
    firsts: tuple[object, ...]
    spares: tuple[tuple[int, tuple[str, ...]], ...]

    def fill(self, values: list[object], record: Mapping[str, object]) -> None:
        """Replace what is null in `values` by the next best key's value."""
        for at, keys in self.spares:
            if values[at] is None:
                values[at] = next(filter(_is_given, map(record.get, keys)), None)

    def carries(self, name: str) -> bool:
        """Whether any key carries the field."""
        return bool(self.candidates[ARTICLE_FIELDS.index(name)])

    @property
    def keys(self) -> frozenset[str]:
        """Every key that carries something."""
        return frozenset(key for keys in self.candidates for key in keys)


def _is_given(value: object) -> bool:
    return value is not None


def squash(key: str) -> str:
    """A key without case and punctuation: `dc:Date_Published` -> `dcdatepublished`."""
    return "".join(filter(str.isalnum, key)).lower()


def resolve(keys: Iterable[str], fields: Mapping[str, str]) -> Shape:
    """The shape of one key set; a field that `fields` names takes that key and no alias."""
    spellings: dict[str, list[str]] = {}
    for key in keys:
        spellings.setdefault(squash(key), []).append(key)
    candidates: list[tuple[str, ...]] = []
    for name in ARTICLE_FIELDS:
        aliases = (spellings.get(alias, ()) for alias in ALIASES[name])
        known = [key for keys_of in aliases for key in sorted(keys_of, key=_plainness)]
        candidates.append((fields[name],) if name in fields else tuple(known))
    firsts = tuple(found[0] if found else _ABSENT for found in candidates)
    spares = tuple((at, found[1:]) for at, found in enumerate(candidates) if len(found) > 1)
    return Shape(tuple(candidates), firsts, spares)


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
            raise FieldUnknown(column, known, "there is no column")
    shape = resolve(columns, fields)
    if not shape.carries("body") and not shape.carries("html"):
        raise FieldUnknown("body", known, "there is no column")
    return shape
