"""Article and attribution <-> the bytes a run keeps of them until its report.

What a report shows of an article is needed for clustered articles only and late; a JSON array in
the spool costs a fraction of keeping objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from dedupe.errors import RecordDamaged
from dedupe.models import (
    Article,
    Attribution,
    AttributionKind,
    Claim,
    ClaimRole,
    Furniture,
    Trust,
)
from dedupe.slotted import constructor_of

__all__ = [
    "Record",
    "decode_record",
    "decode_title",
    "digest_address",
    "digest_text",
    "encode_record",
    "hash_address",
    "hash_rest",
    "hash_text",
    "read_attribution",
]

_NO_REST = frozenset({"body", "seen_here"})
_BEGUN = hashlib.sha256()
"""Copied, it is a state in half the time of a new one: OpenSSL looks the method up for each."""
_TITLE = 3
"""Place of the title in a record."""
_TITLE_LIMIT = 10_000
"""Code points of a title that a run keeps: longer ones are hostile, not headlines."""


def digest_text(text: str) -> bytes:
    """First 8 bytes of SHA-256: `hash_text` as it stands in a little-endian array."""
    state = _BEGUN.copy()
    state.update(text.encode("utf-8", "surrogatepass"))
    return state.digest()[:8]


def hash_text(text: str) -> int:
    """First 8 bytes of SHA-256 as an integer: the identity of ids and addresses in arrays."""
    return int.from_bytes(digest_text(text), "little")


def digest_address(outlet: str | None, url: str | None) -> bytes:
    """`hash_address` as it stands in a little-endian array."""
    return digest_text(f"{outlet or ''}\x1f{url}") if url else bytes(8)


def hash_address(outlet: str | None, url: str | None) -> int:
    """Identity of an outlet's page; 0 without a URL."""
    return int.from_bytes(digest_address(outlet, url), "little")


def hash_rest(article: Article) -> bytes:
    """32 bytes over all but the body: decides between records of one text.

    So the order of arrival never does; nor does the time of it, which no sender stated.
    """
    if article.seen_here:
        article = replace(article, seen=None)
    values = [getattr(article, name) for name in article.__slots__ if name not in _NO_REST]
    return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Record:
    """What a run keeps of an article."""

    id: str
    outlet: str | None
    url: str | None
    title: str
    published: datetime | None
    modified: datetime | None
    seen: datetime | None
    words: int
    attribution: Attribution | None


_new_record = constructor_of(Record)
_new_attribution, _new_claim = constructor_of(Attribution), constructor_of(Claim)


def encode_record(article: Article, words: int, attribution: Attribution | None) -> bytes:
    """One JSON array; `words` are those left after notices and furniture are cut."""
    return orjson.dumps(
        (
            article.id,
            article.outlet,
            article.url,
            article.title[:_TITLE_LIMIT],
            article.published,
            article.modified,
            article.seen,
            words,
            attribution,
        )
    )


def decode_record(data: bytes | memoryview, words: int | None = None) -> Record:
    """The record in one JSON array of `encode_record`; raises RecordDamaged where it is none.

    `words` are those that are left by now, where that is known.
    """
    try:
        id_, outlet, url, title, published, modified, seen, told, attribution = orjson.loads(data)
        return _new_record(
            id_,
            outlet,
            url,
            title,
            _time(published),
            _time(modified),
            _time(seen),
            told if words is None else words,
            None if attribution is None else read_attribution(attribution),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordDamaged from error


def decode_title(data: bytes | memoryview) -> str:
    """The title alone; raises RecordDamaged as `decode_record`, but looks at nothing else."""
    try:
        return str(orjson.loads(data)[_TITLE])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise RecordDamaged from error


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def read_attribution(data: Mapping[str, Any]) -> Attribution:
    """An attribution from its JSON object."""
    values = dict(data)
    values["kind"] = AttributionKind(values["kind"])
    for name in ("via", "authors", "agencies"):
        values[name] = tuple(values[name])
    values["claims"] = tuple(_claim(claim) for claim in values["claims"])
    values["furniture"] = tuple(Furniture(**item) for item in values["furniture"])
    return _new_attribution(**values)


def _claim(data: Mapping[str, Any]) -> Claim:
    values = dict(data)
    values["kind"] = AttributionKind(values["kind"])
    values["role"] = ClaimRole(values["role"])
    values["trust"] = Trust(values["trust"])
    return _new_claim(**values)
