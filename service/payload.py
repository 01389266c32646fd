"""Article <-> the bytes that travel through the queue: JSON, never pickled."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

import orjson

from dedupe.models import Article
from dedupe.report.encode import encode_json

__all__ = ["PayloadUnreadable", "name_article", "read_payload", "write_payload"]

_NAMES = {field.name for field in fields(Article)}
_TIMES = ("published", "modified", "seen")


class PayloadUnreadable(Exception):
    """The bytes are not an article as `write_payload` writes one."""


def write_payload(article: Article) -> bytes:
    """One JSON object with the fields of an article."""
    return encode_json(article)


def read_payload(data: bytes) -> Article:
    """Read the article back; raises PayloadUnreadable."""
    if not data:
        raise PayloadUnreadable("an entry without an article")
    try:
        values = orjson.loads(data)
        if not isinstance(values, dict) or not values.keys() <= _NAMES:
            raise PayloadUnreadable("not an article")
        for name in _TIMES:
            if values.get(name) is not None:
                values[name] = datetime.fromisoformat(values[name])
        for name in ("authors", "warnings"):
            values[name] = tuple(values.get(name) or ())
        article = Article(**values)
    except (ValueError, TypeError) as error:
        raise PayloadUnreadable(f"{type(error).__name__}: {error}"[:300]) from error
    if not isinstance(article.body, str) or not isinstance(article.id, str):
        raise PayloadUnreadable("id and body are text")
    return article


def name_article(data: bytes) -> str | None:
    """The id of the article in a payload; None where it is none."""
    try:
        return read_payload(data).id
    except PayloadUnreadable:
        return None
