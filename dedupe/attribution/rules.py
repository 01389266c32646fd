"""What a language file holds once it is read: rules, furniture, lists of words and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dedupe.attribution.name_words import NameWords
from dedupe.attribution.syntax import Pattern
from dedupe.models import AttributionKind, Trust

__all__ = ["EXAMPLE_KEYS", "FurnitureRule", "Language", "Rule"]

EXAMPLE_KEYS = frozenset({"text", "kind", "source", "url", "republisher", "via", "authors",
                          "agencies", "license", "host"})  # fmt: skip
"""What a positive example of a rule may say."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One family of wordings. See `docs/add-a-language.md` for what each field does.

    `only` are the names it may give first, spelt by `agencies.compact`; empty = any. `not_before`
    are folded words none of which may stand right behind a match.
    """

    id: str
    language: str
    kind: AttributionKind
    trust: Trust
    confidence: float
    patterns: tuple[Pattern, ...]
    where: frozenset[str]
    window: str
    fills: str
    names: str
    mixed: bool
    self_credit: bool
    only: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    positive: tuple[Mapping[str, Any], ...] = ()
    negative: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FurnitureRule:
    """Phrases of a page that are not the article's text.

    `lines` are patterns a line consists of, alone or one after the other; a line that begins with
    one of `starts` is furniture as a whole.
    """

    id: str
    language: str
    lines: tuple[Pattern, ...]
    starts: tuple[Pattern, ...]
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One language file. `lists` are those of the tables for what no rule reads (`vocabulary`)."""

    code: str
    name: str
    names: NameWords
    rules: tuple[Rule, ...]
    furniture: tuple[FurnitureRule, ...]
    agencies: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    syndicators: tuple[str, ...] = ()
    press_release_wires: tuple[str, ...] = ()
    label_agencies: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
