"""Language files (TOML) -> compiled rules; anything wrong is said with file, rule and remedy.

Rules are data, so that who knows a language's press can add it without reading the engine. The
format is described in `docs/add-a-language.md`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dedupe.attribution.agencies import compact
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_words import NAME_KEYS, NameWords
from dedupe.attribution.rule_values import (
    Table,
    check_letters,
    check_name,
    check_pattern,
    check_word,
)
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
_TRUSTS = frozenset({"notice", "agency_credit", "rights", "source_line"})
_RULE_KEYS = frozenset({"id", "kind", "patterns", "split", "where", "window", "fills", "trust",
                        "confidence", "names", "only", "not_before", "mixed", "self",
                        "positive", "negative"})  # fmt: skip
_FURNITURE_KEYS = frozenset({"id", "lines", "starts", "positive", "negative"})
_TOP = ("language", "name", "words", "names", "rule", "furniture")
_LIST_NAME = re.compile("[a-z_]+")
_LISTS = ("agencies", "services", "syndicators", "press_release_wires", "label_agencies")


def _plain(words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The words for an article that are spelt out, no patterns."""
    return tuple(word for word in words.get("article", ()) if word.replace(" ", "").isalpha())


class _File:
    """Reads one file; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: set[str] = set()

    def read(self) -> Language:
        try:
            data = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RuleInvalid(self._path.name, "-", str(error)) from error
        file = Table(self._path.name, "-", data)
        for key in ("language", "name"):
            if not isinstance(data.get(key), str) or not data[key].strip():
                raise file.fail('say language = "xx" and name = "..." at the top')
        file.check_keys({*_TOP, *_LISTS, *TABLES})
        code, words, names = data["language"], self._words(file), file.table("names")
        names.check_keys(NAME_KEYS)
        listed = {key: names.phrases(key, check_letters) for key in NAME_KEYS}
        return Language(
            code,
            data["name"],
            NameWords(**listed, nouns=_plain(words)),
            tuple(self._rule(code, entry, words) for entry in file.tables("rule")),
            tuple(self._furniture(code, entry, words) for entry in file.tables("furniture")),
            **{key: file.phrases(key, check_name) for key in _LISTS},
            lists=self._lists(file),
        )

    def _words(self, file: Table) -> dict[str, tuple[str, ...]]:
        """Lists that patterns call by their names."""
        table = file.table("words")
        for key in table.values:
            if not _LIST_NAME.fullmatch(key):
                raise table.fail(f"{key!r}: a list that patterns call is named by a-z and _")
            if table.values[key] == []:
                raise table.fail(f"{key} is empty: give it words, or take it out")
        return {key: table.phrases(key, check_pattern) for key in table.values}

    def _lists(self, file: Table) -> dict[str, tuple[str, ...]]:
        """Lists of the tables for what no rule reads, all under their own names."""
        lists: dict[str, tuple[str, ...]] = {}
        for name, keys in TABLES.items():
            table = file.table(name)
            table.check_keys(keys)
            lists |= {key: table.phrases(key, check_word) for key in table.values}
        return lists

    def _identify(self, entry: Table) -> str:
        identity = entry.values.get("id")
        if not isinstance(identity, str) or not identity.strip():
            raise entry.fail(f'a rule needs id = "...": {str(entry.values)[:80]}')
        if identity in self._ids:
            raise entry.fail("this id is used twice")
        self._ids.add(identity)
        return identity

    def _compile(
        self, entry: Table, key: str, words: Mapping[str, Sequence[str]], *, split: bool = False
    ) -> tuple[Pattern, ...]:
        compiled = []
        for source in entry.phrases(key, check_pattern):
            try:
                pattern = compile_pattern(source, words, split=split)
            except SyntaxInvalid as error:
                raise entry.fail(f"{source!r}: {error}") from error
            except RecursionError as error:
                reason = "a list of [words] holds itself; write its words out"
                raise entry.fail(f"{source!r}: {reason}") from error
            if not pattern.anchors:
                raise entry.fail(f"{source!r}: has no word long enough to be looked for")
            compiled.append(pattern)
        return tuple(compiled)

    def _rule(self, code: str, entry: Table, words: Mapping[str, Sequence[str]]) -> Rule:
        rule = self._identify(entry)
        entry.check_keys(_RULE_KEYS)
        kind = AttributionKind(entry.choice("kind", None, [kind.value for kind in _TRUST]))
        trust, confidence = _TRUST[kind]
        trust = Trust(entry.choice("trust", trust.value, _TRUSTS))
        split = entry.flag("split", default=False)
        positive, negative = entry.examples("positive"), entry.phrases("negative", check_pattern)
        if not positive or not negative:
            raise entry.fail("needs at least one positive and one negative example")
        patterns = self._compile(entry, "patterns", words, split=split)
        if not patterns:
            raise entry.fail('needs patterns = ["..."]')
        return Rule(
            rule,
            code,
            kind,
            trust,
            entry.share("confidence", confidence),
            patterns,
            entry.choices("where", ("line", "sentence", "bracket", "segment"), _PLACES),
            entry.choice("window", "any", _WINDOWS),
            entry.choice("fills", "", _FILLS),
            entry.choice("names", "any", _NAMES),
            entry.flag("mixed", default=False),
            entry.flag("self", default=True),
            tuple(dict.fromkeys(map(compact, entry.phrases("only", check_name)))),
            self._not_before(entry, words),
            positive,
            negative,
        )

    def _not_before(self, entry: Table, words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """Words, or `<list>` for those of a list under [words], as folded text spells them."""
        spelt: list[str] = []
        for word in entry.phrases("not_before", check_pattern):
            if word[:1] != "<":
                spelt.append(word)
            elif word[1:-1] in words:
                spelt += words[word[1:-1]]
            else:
                raise entry.fail(f"not_before has no word list {word}; add it under [words]")
        return tuple(dict.fromkeys(map(fold_text, spelt)))

    def _furniture(
        self, code: str, entry: Table, words: Mapping[str, Sequence[str]]
    ) -> FurnitureRule:
        rule = self._identify(entry)
        entry.check_keys(_FURNITURE_KEYS)
        lines, starts = (self._compile(entry, key, words) for key in ("lines", "starts"))
        if not lines and not starts:
            raise entry.fail('needs lines = ["..."] or starts = ["..."]')
        examples = (entry.phrases(key, check_pattern) for key in ("positive", "negative"))
        return FurnitureRule(rule, code, lines, starts, *examples)


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
        "not_before": tuple(data["not_before"]),
        "positive": tuple(data["positive"]),
        "negative": tuple(data["negative"]),
    }
    return Rule(**values)


def _restore_furniture(data: Mapping[str, Any]) -> FurnitureRule:
    lines, starts = (tuple(map(_restore_pattern, data[key])) for key in ("lines", "starts"))
    examples = tuple(data["positive"]), tuple(data["negative"])
    return FurnitureRule(data["id"], data["language"], lines, starts, *examples)
