"""Labels of pictures, figures, maps and tables: such a line says nothing of the article."""

from __future__ import annotations

import re
from functools import cached_property

from dedupe.attribution.folding import fold_text
from dedupe.attribution.phrases import any_phrase, spell_phrases
from dedupe.attribution.rules import NameWords

__all__ = ["POINTED", "SHOWN", "STOCKED", "TAGGED", "Captions", "label_above"]

_LONGEST, _NEAR = 250, 40  # prose may begin with "Photo by" too
POINTED = re.compile(r"[^\n=()。]{3,80}=[^\n=()。]{2,40}\([^()\n]{1,24}\)(?=\n|\Z)")
"""A Japanese caption: what it shows, "=", when and where, and in the bracket whose it is."""
SHOWN = re.compile(
    r"[^\n=()。]{3,80}=[^\n=()。]{0,30}\d{1,2}日[^\n=()。]{1,24}(?=\n|\Z)"
    r"|(?:图为|圖為|图:|圖:|资料图|資料圖|資料照)[^\n]{3,200}\([^()\n]{2,16}\)(?=\n)"
    r"|[^\n]{0,40}(?:(?:ファイル|資料)写真|写真は|撮影された写真)[^\n]{0,120}\([^()\n]{2,16}\)(?=\n)"
    r"|(?:in this |an? )?(?:file(?: (?:photo|picture|image))?|archivo|archives?|archiv)"
    r" ?[-:] ?[^\n]{3,400}(?=\n)"
    r"|(?:read (?:more|also|next)|also read|see also|related|lire aussi|a lire aussi"
    r"|lea tambien|lee tambien|leia (?:mais|tambem)|lesen sie auch|mehr zum thema|leggi anche"
    r"|lees ook|czytaj (?:tez|wiecej|takze)|читайте также|читаите также|baca juga|اقرا ايضا"
    r"|بخوانيد) ?: ?[^\n]{3,200}(?=\n)"
)
"""A picture's own words with an agency last ("New bridge = 3日、共同", "FILE - The bridge (AP)"),
and a link to another article: "Read more: Costs double (Reuters)"."""
STOCKED = re.compile(
    r"\n\W{0,3}(?:via )?(?:getty(?: images)?|shutterstock|istock|alamy(?: stock photo)?|imago"
    r"|picture alliance|epa|file photo|photo)\W{0,3}(?=\n)"
)
"""Below an agency's line: both credit a picture, "Xyz / Getty Images" once its mark is lost."""
_NUMBERED_WITHIN = 24
_NUMBERED = re.compile(r" ?(?:no\.? ?)?\d{1,3}(?:[.-]\d{1,2})? ?[.:)|-]{1,2} ?")
_TAGS = """
tag; tags; keyword; keywords; topics; topic; related topics; category; categories; labels;
filed under; more on; schlagwörter; schlagworte; stichwörter; themen; etiquetas; temas;
palabras clave; mots-clés; mots clés; sujets; marcadores; palavras-chave; assuntos;
argomenti; parole chiave; trefwoorden; onderwerpen; tagi; słowa kluczowe; tematy; etiketler;
etiket; anahtar kelimeler; topik; kata kunci; теги; тэги; метки; темы; ключевые слова;
мітки; теми; ключові слова; الوسوم; وسوم; الكلمات المفتاحية; كلمات مفتاحية; كلمات دلالية;
الكلمات الدلالية; التصنيفات; الأقسام; برچسب‌ها; برچسب ها; کلیدواژه‌ها; کلید واژه ها; ٹیگز;
ٹیگ; टैग; टैग्स; תגיות; תגים; מילות מפתח; 标签; 標籤; 关键词; 關鍵字; タグ; キーワード; 태그; 키워드
"""
TAGGED = re.compile(
    rf"\W{{0,3}}(?:{'|'.join(re.escape(fold_text(tag.strip())) for tag in _TAGS.split(';'))}) ?:"
)
"""A line of tags: an agency among them is what the article is about."""
_CREDITS = re.compile(r"\W{1,5}(?:credits?|creditos?|crediti|kredit|quellenangabe|bron)\W{1,4}")
"""A label that pictures and texts share: "Credit: this article first appeared on X"."""
_LABEL, _LABEL_WORDS = 40, 5  # a label on a line of its own is shorter than this
_QUALIFIED = r"(?: \(?[^\W_]+\)?){0,2}"  # "Photo courtesy:", "Figure 2:", "الشكل (2):"


def label_above(text: str, start: int) -> str:
    """The line above the one that begins at `start` if it is as short as a label, else "".

    "Image copyright / AFP / Image caption" credits the picture.
    """
    end = max(text.rfind("\n", 0, start), 0)
    above = text[max(text.rfind("\n", 0, end), 0) + 1 : end].strip(" *:")
    label = len(above) <= _LABEL and above.count(" ") < _LABEL_WORDS
    return above if label and above[-1:] not in (".", "!", "?", "。", "…") else ""


class Captions:
    """Tells with the words of one language whether a place in a folded text is a caption's."""

    def __init__(self, words: NameWords) -> None:
        self._words = words

    def govern(self, text: str, start: int) -> bool:
        """Whether a label before `start`, on its line, says what the words at `start` speak of.

        "Photo: Jane Roe. This story first appeared in X" speaks of the text again.
        """
        line = text.rfind("\n", 0, start)
        if line < 0 or self._labels is None:
            return False
        if start - line < _NUMBERED_WITHIN and self._numbers(text[line + 1 : start]):
            return True
        opening, near = self._labels
        labelled = start - line < _LONGEST and opening.match(text, line, start)
        if not labelled and not near.search(text, max(line, start - _NEAR), start):
            return False
        again = self._text is not None and self._text.match(text, start)
        before = text[line:start]
        told = before.rstrip(" (")[-1:] in (".", "!", "?", "。") or _CREDITS.fullmatch(before)
        return not (again and told)

    def _numbers(self, before: str) -> bool:
        """Whether a figure's number stands before: "Table 1. Source: X"."""
        found = self._figures.match(before) if self._figures is not None else None
        return found is not None and _NUMBERED.fullmatch(before, found.end()) is not None

    @cached_property
    def _figures(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.figures, r"\W{0,3}")

    @cached_property
    def _labels(self) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
        """A label at a line's beginning, and one with a colon that ends the text."""
        labels = (*self._words.captions, *self._words.picture)
        opening, near = spell_phrases(labels, r"\n\W{0,4}"), spell_phrases(labels, r"(?<!\w)")
        if opening is None or near is None:
            return None
        by = "|".join(re.escape(fold_text(word)) for word in self._words.caption_by)
        return (
            re.compile(rf"{opening}(?:{_QUALIFIED} ?[:=׃]| (?:{by}) )"),
            re.compile(rf"{near}{_QUALIFIED} ?[:=׃] ?\Z"),
        )

    @cached_property
    def _text(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.texts, r"(?<!\w)")
