"""A table of a language file -> values of the kind each key takes, or a complaint with a remedy.

TOML takes what was not meant: a word where a list of words belongs is read letter by letter, and
`"false"` is true. Nothing is guessed here: what is not of its kind is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dedupe.attribution.agencies import compact
from dedupe.attribution.folding import fold_text
from dedupe.attribution.rules import EXAMPLE_KEYS
from dedupe.errors import RuleInvalid
from dedupe.models import AttributionKind

__all__ = ["Table", "check_letters", "check_name", "check_pattern", "check_plain", "check_word"]

_NOTATION = re.compile(r"[<>{}\[\]]|\([^()]*\|")
_VARIABLE = re.compile(r"@(?!month\b)[a-z]+")
_EXAMPLE_LISTS = frozenset({"via", "authors", "agencies"})
_AGES, _STOPS, _LETTERS = "ages", frozenset({"stop_at", "inviting"}), "subject_marks"

Check = Callable[[str, str], str]
"""Key and phrase -> what is wrong with it, "" if nothing is."""


def check_pattern(key: str, phrase: str) -> str:
    """Whether something is left of a phrase once it is folded."""
    return "" if fold_text(phrase) else f"{phrase!r} in {key} has no letters or marks; take it out"


def check_plain(key: str, phrase: str) -> str:
    """Whether a phrase is spelt out, without the notation of patterns."""
    if _NOTATION.search(phrase):
        return (
            f"{phrase!r} in {key} is a pattern, but these lists take plain phrases: "
            "write each wording as one of its own, without (a|b), [a], <list> and {slot}"
        )
    return check_pattern(key, phrase)


def check_name(key: str, phrase: str) -> str:
    """Whether an agency's name has letters to be known by."""
    if not compact(phrase):
        return f"{key} takes names: {phrase!r} has no letters; take it out"
    return check_plain(key, phrase)


def check_letters(key: str, phrase: str) -> str:
    """Whether a phrase of [names] is plain; `@month` is all that stands for others there."""
    if key in _STOPS and (variable := _VARIABLE.search(phrase)):
        return f"{phrase!r} in {key}: no {variable.group()}; there is @month"
    return check_plain(key, phrase)


def check_word(key: str, phrase: str) -> str:
    """Whether a phrase of a table for what no rule reads has something besides `*` and `#`."""
    if not fold_text(phrase).strip("*# "):
        return f"{phrase!r} in {key} has no letters or marks; take it out"
    if key == _LETTERS and len(fold_text(phrase)) > 1:
        return f"{phrase!r} in {key}: each is one character; longer ones go to subject_endings"
    if key == _AGES and "*" in phrase.partition("#")[0] and "#" in phrase:
        return f"{phrase!r} in {key}: * stands only behind #; before it write each word out"
    return check_plain(key, phrase)


class Table:
    """One table of a language file; every complaint names the file, and the table or rule."""

    def __init__(self, file: str, name: str, values: object, remedy: str = "") -> None:
        """Take what stands under `name`; `remedy` is how it is written if it is no table."""
        self.file, self.name = file, name
        if not isinstance(values, Mapping):
            raise self.fail(remedy or f"is no table: write {name} on a line of its own")
        self.values: Mapping[str, Any] = values

    def fail(self, reason: str) -> RuleInvalid:
        """Make the complaint."""
        return RuleInvalid(self.file, self.name, reason)

    def check_keys(self, known: Iterable[str]) -> None:
        """Refuse what none of these keys is."""
        unknown = sorted(set(self.values) - set(known))
        if unknown:
            raise self.fail(f"unknown {', '.join(unknown)}; there are {', '.join(sorted(known))}")

    def table(self, key: str) -> Table:
        """Read a table, an empty one if it is not there."""
        remedy = f"is no table: write [{key}], with one bracket, and the lists below it"
        return Table(self.file, f"[{key}]", self.values.get(key, {}), remedy)

    def tables(self, key: str) -> list[Table]:
        """Read all tables of one kind, named by their ids."""
        remedy = f"write [[{key}]], with two brackets, before each one"
        given = self.values.get(key, [])
        if not isinstance(given, list):
            raise RuleInvalid(self.file, f"[{key}]", remedy)
        return [Table(self.file, _identity(values), values, remedy) for values in given]

    def phrases(self, key: str, check: Check = check_plain) -> tuple[str, ...]:
        """Read a list of phrases, an empty one if it is not there."""
        given = self.values.get(key, [])
        kind = "names" if check is check_name else "phrases"
        if not isinstance(given, list):
            raise self.fail(f'{key} takes {kind} in a list: {key} = ["..."]')
        for phrase in given:
            if not isinstance(phrase, str) or not phrase.strip():
                raise self.fail(
                    f'{key} takes {kind}, none of them empty: {key} = ["..."], not {phrase!r}'
                )
            wrong = check(key, phrase)
            if wrong:
                raise self.fail(wrong)
        return tuple(given)

    def text(self, key: str) -> str:
        """Read a phrase that has to be there."""
        given = self.values.get(key)
        if not isinstance(given, str) or not given.strip():
            raise self.fail(f'needs {key} = "..."')
        return given

    def flag(self, key: str, *, default: bool) -> bool:
        """Read a yes or no."""
        given = self.values.get(key, default)
        if not isinstance(given, bool):
            raise self.fail(f"{key} = {given!r}; write true or false, without quotes")
        return given

    def share(self, key: str, default: float) -> float:
        """Read a number from 0 to 1."""
        given = self.values.get(key, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
            raise self.fail(f"{key} = {given!r}; write a number from 0 to 1, without quotes")
        return float(given)

    def choice(self, key: str, default: str | None, known: Iterable[str]) -> str:
        """Read one of the known values."""
        given = self.values.get(key, default)
        if given is None:
            raise self.fail(f"needs {key} = one of {', '.join(sorted(known))}")
        if not isinstance(given, str) or given not in known:
            shown = ", ".join(value or '""' for value in sorted(known))
            raise self.fail(f"{key} = {given!r}; use one of {shown}")
        return given

    def choices(self, key: str, default: Sequence[str], known: Iterable[str]) -> frozenset[str]:
        """Read some of the known values, one at least."""
        given = self.values.get(key, list(default))
        if not isinstance(given, list) or not given:
            raise self.fail(f'{key} takes a list: {key} = ["{default[0]}"], not {given!r}')
        for value in given:
            if not isinstance(value, str) or value not in known:
                raise self.fail(f"{key} = {value!r}; use one of {', '.join(sorted(known))}")
        return frozenset(given)

    def examples(self, key: str) -> tuple[Mapping[str, Any], ...]:
        """Read texts with what is to be found in them; a text alone is one with nothing said."""
        given = self.values.get(key, [])
        if not isinstance(given, list):
            raise self.fail(f'{key} takes examples in a list: {key} = ["..."]')
        return tuple(self._example(key, example) for example in given)

    def _example(self, key: str, given: object) -> Mapping[str, Any]:
        values = {"text": given} if isinstance(given, str) else given
        remedy = f'{key} takes texts or {{ text = "...", source = "..." }}, not {given!r}'
        example = Table(self.file, self.name, values, remedy)
        example.check_keys(EXAMPLE_KEYS)
        example.text("text")
        for name, value in example.values.items():
            if name in _EXAMPLE_LISTS:
                example.phrases(name, check_pattern)
            elif name == "kind":
                example.choice(name, None, [kind.value for kind in AttributionKind])
            elif not isinstance(value, str):
                raise self.fail(f'{name} of an example takes a text: {name} = "...", not {value!r}')
        return example.values


def _identity(values: object) -> str:
    identity = values.get("id") if isinstance(values, Mapping) else None
    return identity if isinstance(identity, str) and identity.strip() else "?"
