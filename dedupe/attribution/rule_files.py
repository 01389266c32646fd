"""Language files (TOML) -> compiled rules; anything wrong is said with file, rule and remedy.

Rules are data, so that who knows a language's press can add it without reading the engine. The
format is described in `docs/add-a-language.md`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dedupe.attribution.agencies import compact
from dedupe.attribution.name_words import NAME_KEYS, NameWords
from dedupe.attribution.rules import FurnitureRule, Language, Rule
from dedupe.attribution.stored import find_store, read_store, write_store
from dedupe.attribution.syntax import Pattern, SyntaxInvalid, compile_pattern
from dedupe.attribution.vocabulary import TABLES
from dedupe.errors import RuleInvalid
from dedupe.models import AttributionKind, Trust

__all__ = ["LANGUAGES", "load_language", "load_languages"]

LANGUAGES = Path(__file__).parent / "languages"
_PLACES = frozenset({"line", "sentence", "bracket", "segment", "inline"})
_FILLS = frozenset({"", "line", "unit"})
_NAMES = frozenset({"any", "known", "outlet", "partner", "masthead", "brief", "issuer", "titled"})
_NAMES |= {"linked", "placed", "ending"}
_WINDOWS = frozenset({"any", "head", "tail", "first"})
_TRUST = {
    AttributionKind.REPUBLICATION_NOTICE: (Trust.NOTICE, 0.95),
    AttributionKind.FIRST_APPEARED: (Trust.NOTICE, 0.95),
    AttributionKind.TRANSLATION: (Trust.NOTICE, 0.9),
    AttributionKind.SYNDICATION_FEED: (Trust.NOTICE, 0.9),
    AttributionKind.PRESS_RELEASE: (Trust.NOTICE, 0.9),
    AttributionKind.AGENCY_BYLINE: (Trust.AGENCY_CREDIT, 0.9),
    AttributionKind.SOURCE_LINE: (Trust.SOURCE_LINE, 0.6),
}
_RULE_KEYS = frozenset({"id", "kind", "patterns", "split", "where", "window", "fills", "trust",
                        "confidence", "names", "only", "mixed", "self", "positive",
                        "negative"})  # fmt: skip
_FURNITURE_KEYS = frozenset({"id", "lines", "starts", "positive", "negative"})
_LISTS = ("agencies", "services", "syndicators", "press_release_wires", "label_agencies")


def _plain(words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The words for an article that are spelt out, no patterns."""
    return tuple(word for word in words.get("article", ()) if word.replace(" ", "").isalpha())


class _File:
    """Reads one file; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: set[str] = set()

    def fail(self, rule: str, reason: str) -> RuleInvalid:
        return RuleInvalid(self._path.name, rule, reason)

    def read(self) -> Language:
        try:
            data = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise self.fail("-", str(error)) from error
        code, name = data.get("language"), data.get("name")
        if not isinstance(code, str) or not isinstance(name, str):
            raise self.fail("-", 'say language = "xx" and name = "..." at the top')
        self._keys(
            "-",
            data,
            {
                "language",
                "name",
                "words",
                "names",
                "rule",
                "furniture",
                "agencies",
                "services",
                "syndicators",
                "label_agencies",
                "press_release_wires",
                *TABLES,
            },
        )
        words = data.get("words", {})
        names = data.get("names", {})
        self._keys("[names]", names, set(NAME_KEYS))
        return Language(
            code,
            name,
            NameWords(**{key: tuple(names.get(key, ())) for key in NAME_KEYS}, nouns=_plain(words)),
            tuple(self._rule(code, entry, words) for entry in data.get("rule", ())),
            tuple(self._furniture(code, entry, words) for entry in data.get("furniture", ())),
            tuple(data.get("agencies", ())),
            tuple(data.get("services", ())),
            tuple(data.get("syndicators", ())),
            tuple(data.get("press_release_wires", ())),
            tuple(data.get("label_agencies", ())),
            self._lists(data),
        )

    def _lists(self, data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        """Lists of the tables for what no rule reads, all under their own names."""
        lists: dict[str, tuple[str, ...]] = {}
        for table, keys in TABLES.items():
            given = data.get(table, {})
            self._keys(f"[{table}]", given, keys)
            for key, phrases in given.items():
                if not isinstance(phrases, list) or not all(
                    isinstance(phrase, str) and phrase.strip() for phrase in phrases
                ):
                    raise self.fail(f"[{table}]", f'{key} takes phrases: {key} = ["..."]')
                lists[key] = tuple(phrases)
        return lists

    def _keys(self, rule: str, entry: Mapping[str, Any], known: set[str] | frozenset[str]) -> None:
        unknown = sorted(set(entry) - known)
        if unknown:
            raise self.fail(
                rule, f"unknown {', '.join(unknown)}; there are {', '.join(sorted(known))}"
            )

    def _identity(self, entry: Mapping[str, Any]) -> str:
        identity = entry.get("id")
        if not isinstance(identity, str) or not identity:
            raise self.fail("?", f'a rule needs id = "...": {str(entry)[:80]}')
        if identity in self._ids:
            raise self.fail(identity, "this id is used twice")
        self._ids.add(identity)
        return identity

    def _compile(
        self, rule: str, patterns: Sequence[str], words: Mapping[str, Any], *, split: bool
    ) -> tuple[Pattern, ...]:
        compiled = []
        for source in patterns:
            try:
                pattern = compile_pattern(source, words, split=split)
            except SyntaxInvalid as error:
                raise self.fail(rule, f"{source!r}: {error}") from error
            if not pattern.anchors:
                raise self.fail(rule, f"{source!r}: has no word long enough to be looked for")
            compiled.append(pattern)
        return tuple(compiled)

    def _choice(self, rule: str, key: str, value: str, known: frozenset[str]) -> str:
        if value not in known:
            raise self.fail(rule, f"{key} = {value!r}; use one of {', '.join(sorted(known))}")
        return value

    def _rule(self, code: str, entry: Mapping[str, Any], words: Mapping[str, Any]) -> Rule:
        rule = self._identity(entry)
        self._keys(rule, entry, _RULE_KEYS)
        try:
            kind = AttributionKind(entry.get("kind"))
            trust, confidence = _TRUST[kind]
            trust = Trust(entry.get("trust", trust))
        except (ValueError, KeyError) as error:
            raise self.fail(rule, f"kind or trust is not known: {error}") from error
        where = frozenset(entry.get("where", ("line", "sentence", "bracket", "segment")))
        for place in where:
            self._choice(rule, "where", place, _PLACES)
        split = bool(entry.get("split", False))
        positive = tuple(
            {"text": example} if isinstance(example, str) else example
            for example in entry.get("positive", ())
        )
        negative = tuple(entry.get("negative", ()))
        if not positive or not negative:
            raise self.fail(rule, "needs at least one positive and one negative example")
        return Rule(
            rule,
            code,
            kind,
            trust,
            float(entry.get("confidence", confidence)),
            self._compile(rule, entry.get("patterns", ()), words, split=split),
            where,
            self._choice(rule, "window", entry.get("window", "any"), _WINDOWS),
            self._choice(rule, "fills", entry.get("fills", ""), _FILLS),
            self._choice(rule, "names", entry.get("names", "any"), _NAMES),
            bool(entry.get("mixed", False)),
            bool(entry.get("self", True)),
            self._only(rule, entry.get("only", ())),
            positive,
            negative,
        )

    def _only(self, rule: str, names: object) -> tuple[str, ...]:
        if not isinstance(names, list | tuple) or not all(
            isinstance(name, str) and compact(name) for name in names
        ):
            raise self.fail(rule, 'only takes names: only = ["Xinhua", "新华社"]')
        return tuple(dict.fromkeys(map(compact, names)))

    def _furniture(
        self, code: str, entry: Mapping[str, Any], words: Mapping[str, Any]
    ) -> FurnitureRule:
        rule = self._identity(entry)
        self._keys(rule, entry, _FURNITURE_KEYS)
        return FurnitureRule(
            rule,
            code,
            self._compile(rule, entry.get("lines", ()), words, split=False),
            self._compile(rule, entry.get("starts", ()), words, split=False),
            tuple(entry.get("positive", ())),
            tuple(entry.get("negative", ())),
        )


def load_language(path: Path) -> Language:
    """Read one language file. Raises `RuleInvalid` for the first thing that is wrong in it."""
    return _File(path).read()


def load_languages(folder: Path = LANGUAGES) -> tuple[Language, ...]:
    """Read all language files of a folder, in the order of their names.

    What they compile to is kept beside the bytecode (`stored`). Raises `RuleInvalid`.
    """
    files = sorted(folder.glob("*.toml"))
    store = find_store(files)
    kept = read_store(store) if store is not None else None
    if kept is not None:
        return tuple(map(_restore_language, kept))
    languages = tuple(map(load_language, files))
    if store is not None:
        write_store(store, languages)
    return languages


def _restore_language(data: Mapping[str, Any]) -> Language:
    names = NameWords(**{key: tuple(value) for key, value in data["names"].items()})
    rules = tuple(map(_restore_rule, data["rules"]))
    furniture = tuple(map(_restore_furniture, data["furniture"]))
    agencies = {key: tuple(data[key]) for key in _LISTS}
    own = {key: tuple(phrases) for key, phrases in data["lists"].items()}
    return Language(data["code"], data["name"], names, rules, furniture, **agencies, lists=own)


def _restore_pattern(data: Mapping[str, Any]) -> Pattern:
    return Pattern(
        data["source"],
        data["expression"],
        tuple(data["slots"]),
        tuple(data["anchors"]),
        data["leads"],
        data["split"],
        tuple(data["needs"]),
        data["initials"],
        tuple(data["lead"]),
        data["marks"],
        tuple(map(tuple, data["needles"])),
    )


def _restore_rule(data: dict[str, Any]) -> Rule:
    values = data | {
        "kind": AttributionKind(data["kind"]),
        "trust": Trust(data["trust"]),
        "patterns": tuple(map(_restore_pattern, data["patterns"])),
        "where": frozenset(data["where"]),
        "only": tuple(data["only"]),
        "positive": tuple(data["positive"]),
        "negative": tuple(data["negative"]),
    }
    return Rule(**values)


def _restore_furniture(data: Mapping[str, Any]) -> FurnitureRule:
    lines, starts = (tuple(map(_restore_pattern, data[key])) for key in ("lines", "starts"))
    examples = tuple(data["positive"]), tuple(data["negative"])
    return FurnitureRule(data["id"], data["language"], lines, starts, *examples)
