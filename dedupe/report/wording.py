"""Language -> the words of the pages, and how a number, a time and a count are said in it.

One TOML file a language in `messages/`, the same keys in each (the tests compare them). What stands
in a sentence is isolated: a name of a right-to-left script leaves the words around it in place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from markupsafe import Markup, escape

from dedupe.report.display import isolate, to_utc
from dedupe.report.reportable import UiLanguage

__all__ = ["LANGUAGES", "Wording", "load_messages", "plural_form"]

LANGUAGES: tuple[UiLanguage, ...] = get_args(UiLanguage)


def _english_form(count: int) -> str:
    return "one" if count == 1 else "other"


def _arabic_form(count: int) -> str:
    """CLDR's rule for whole numbers."""
    if count <= 2:
        return ("zero", "one", "two")[count]
    rest = count % 100
    if rest <= 2:
        return "other"
    return "few" if rest <= 10 else "many"


_FORMS: Mapping[UiLanguage, Callable[[int], str]] = {"ar": _arabic_form, "en": _english_form}


def plural_form(language: UiLanguage, count: int) -> str:
    """Give the CLDR plural category of a whole number."""
    return _FORMS[language](count)


@cache
def load_messages(language: UiLanguage) -> dict[str, Any]:
    """Read the words in one language."""
    path = files("dedupe.report") / "messages" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Wording:
    """What the templates say in one language; its methods are their filters."""

    def __init__(self, language: UiLanguage) -> None:
        self.language = language
        self.messages = load_messages(language)

    def tell(self, text: str, **values: object) -> Markup:
        """Fill a sentence for an element: every value is escaped and stands in <bdi>."""
        shown = {name: _set_apart(value) for name, value in values.items()}
        return Markup(escape(text)).format(**shown)  # noqa: S704 - escaped here

    def fill(self, text: str, **values: object) -> str:
        """Fill a sentence for an attribute or a title: every value is isolated by characters."""
        return text.format(**{name: isolate(_plain(value)) for name, value in values.items()})

    def count(self, forms: Mapping[str, str], count: int) -> Markup:
        """Say how many in the form that the language has for the number."""
        return self.tell(self._form(forms, count), n=count)

    def count_plain(self, forms: Mapping[str, str], count: int) -> str:
        """Say how many, for an attribute."""
        return self.fill(self._form(forms, count), n=count)

    def _form(self, forms: Mapping[str, str], count: int) -> str:
        return forms.get(plural_form(self.language, count)) or forms["other"]

    def day(self, moment: datetime | None) -> str:
        """Name a day in UTC: 28 Nov 2026; empty for None."""
        return "" if moment is None else f"{self.short_day(moment)} {to_utc(moment).year}"

    def short_day(self, moment: datetime) -> str:
        """Name a day in UTC where the year is plain: 28 Nov."""
        at = to_utc(moment)
        return f"{at.day} {self.messages['months'][at.month - 1]}"

    def when(self, moment: datetime | None) -> Markup:
        """Give a <time> element in UTC to the minute; empty for None."""
        if moment is None:
            return Markup("")
        at = to_utc(moment)
        shown = f"{self.day(at)} {at:%H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", shown)


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _set_apart(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(_plain(value))
