"""A notice that also credits a translator -> it speaks of a translation.

"This article first appeared in X, translated by Ada Quill", "(… पर प्रकाशित। अनुवाद: …)": that says
more about the text than where it appeared.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dedupe.attribution.findings import Finding
from dedupe.attribution.folding import fold_text
from dedupe.models import AttributionKind

__all__ = ["as_translation"]

_BEHIND = 60
_KINDS = (AttributionKind.FIRST_APPEARED, AttributionKind.REPUBLICATION_NOTICE)


def _any(phrases: str) -> str:
    return "|".join(re.escape(fold_text(phrase.strip())) for phrase in phrases.split(";"))


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
_TRANSLATED = re.compile(rf"(?<!\w)(?:(?:{_any(_BY)}) \w|(?:{_any(_COLON)}) ?: ?\w)")


def as_translation(body: str, finding: Finding) -> Finding:
    """Give a statement that names a source and, on its line, a translator the kind it has."""
    if finding.kind not in _KINDS or finding.span is None or not finding.named:
        return finding
    start, end = finding.span
    line = body[end : end + _BEHIND].split("\n", 1)[0]
    if _TRANSLATED.search(fold_text(body[start:end] + line)) is None:
        return finding
    return replace(finding, kind=AttributionKind.TRANSLATION)
