"""A notice that also credits a translator -> it speaks of a translation.

"This article first appeared in X, translated by Ada Quill", "(… पर प्रकाशित। अनुवाद: …)": that says
more about the text than where it appeared.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dedupe.attribution.findings import Finding
from dedupe.attribution.folding import fold_text
from dedupe.attribution.phrases import spell_phrases
from dedupe.models import AttributionKind

__all__ = ["as_translation"]

_BEHIND = 60
_KINDS = (AttributionKind.FIRST_APPEARED, AttributionKind.REPUBLICATION_NOTICE)


def _any(phrases: str) -> str | None:
    return spell_phrases(phrases.split(";"), r"(?<!\w)")


_BY = """
translated by; translation by; traduit par; traduite par; traduction de; traduction par;
traducido por; traducida por; traducción de; traducción por; traduzido por; traduzida por;
tradução de; übersetzt von; übersetzung von; tradotto da; traduzione di;
traduzione a cura di; vertaald door; vertaling door; przełożył; przełożyła; tłumaczył;
tłumaczyła; diterjemahkan oleh; переклала; переклав; перевёл; перевела; çeviren
"""
_COLON = """
translation; translator; traduction; traducción; tradução; übersetzung; traduzione;
vertaling; tłumaczenie; przekład; перевод; переклад; çeviri; çeviren; terjemahan;
penerjemah; ترجمة; ترجمه; ترجمہ; مترجم; अनुवाद; अनुवादक; תרגום; מתרגם; 翻译; 譯者; 译者; 翻訳; 번역;
옮긴이
"""
_TRANSLATED = re.compile(rf"{_any(_BY)} \w|{_any(_COLON)} ?: ?\w")
_REMEMBERED = 4096
"""Notices of some 100 to 400 characters: an outlet words them alike."""


@lru_cache(maxsize=_REMEMBERED)
def _names_translator(notice: str) -> bool:
    return _TRANSLATED.search(fold_text(notice)) is not None


def as_translation(body: str, finding: Finding) -> Finding:
    """Give a statement that names a source and, on its line, a translator the kind it has."""
    if finding.kind not in _KINDS or finding.span is None or not finding.named:
        return finding
    start, end = finding.span
    line = body[end : end + _BEHIND].split("\n", 1)[0]
    if not _names_translator(body[start:end] + line):
        return finding
    return finding._replace(kind=AttributionKind.TRANSLATION)
