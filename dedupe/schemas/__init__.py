"""Name of a shape -> its published JSON Schema (draft 2020-12).

The files beside this module are the published truth; each refers to others by URN. `load_schema`
returns one that stands alone: whatever it refers to is embedded under `$defs` with its own `$id`
(the draft's "compound schema document"), so no validator needs a registry or a network.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, cast

from dedupe.errors import SchemaUnknown

__all__ = ["SCHEMA_NAMES", "load_schema"]

SCHEMA_NAMES = (
    "article",
    "attribution",
    "candidate",
    "claim",
    "cluster",
    "comparison",
    "composite",
    "fingerprint",
    "match",
    "member",
    "provenance",
    "reject",
    "report",
    "summary",
)
_REFERENCE = re.compile(r'"\$ref": "urn:isnad:schema:([a-z]+)"')


def load_schema(name: str) -> dict[str, Any]:
    """Read the schema of this name, with all it refers to embedded.

    Raises `SchemaUnknown` for a name that is not in `SCHEMA_NAMES`.
    """
    if name not in SCHEMA_NAMES:
        raise SchemaUnknown(name, SCHEMA_NAMES)
    schema = _parse(name)
    embedded = {other: _parse(other) for other in sorted(_find_references(name) - {name})}
    return {**schema, "$defs": embedded} if embedded else schema


def _find_references(name: str) -> set[str]:
    found: set[str] = set()
    pending = [name]
    while pending:
        new = set(_REFERENCE.findall(_read(pending.pop()))) - found
        found |= new
        pending += new
    return found


def _parse(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(_read(name)))


@cache
def _read(name: str) -> str:
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
