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
from dedupe.attribution.vocabulary import NOTHING, Vocabulary, of_words
from dedupe.models import AttributionKind

__all__ = ["as_translation"]

_BEHIND = 60
_KINDS = (AttributionKind.FIRST_APPEARED, AttributionKind.REPUBLICATION_NOTICE)


@of_words
def _translated(words: Vocabulary) -> re.Pattern[str]:
    by = spell_phrases(words.written("translated_by"), r"(?<!\w)") or NOTHING
    label = spell_phrases(words.written("translation"), r"(?<!\w)") or NOTHING
    return re.compile(rf"{by} \w|{label} ?: ?\w")


_REMEMBERED = 4096
"""Notices of some 100 to 400 characters: an outlet words them alike."""


@lru_cache(maxsize=_REMEMBERED)
def _names_translator(notice: str, words: Vocabulary) -> bool:
    return _translated(words).search(fold_text(notice)) is not None


def as_translation(body: str, finding: Finding, words: Vocabulary) -> Finding:
    """Give a statement that names a source and, on its line, a translator the kind it has."""
    if finding.kind not in _KINDS or finding.span is None or not finding.named:
        return finding
    start, end = finding.span
    line = body[end : end + _BEHIND].split("\n", 1)[0]
    if not _names_translator(body[start:end] + line, words):
        return finding
    return finding._replace(kind=AttributionKind.TRANSLATION)
