"""Outlet name as written -> the folded form it is compared by, and what its generic nouns tell.

Names reach us with and without the definite noun ("وكالة", "صحيفة", "newspaper"), dotted or spaced
as abbreviations, in four spellings of hamza and two alphabets of the same letter. One bulk pass of
C-level string operations folds all of that away; nothing is looked up and nothing is decided here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from dedupe.models import OutletKind

__all__ = ["Reduced", "fold_name", "fold_names", "is_kind_noun", "reduce_name", "without_nation"]

# Dropped: accents, Arabic and Hebrew vowel signs, nuktas, tatweel, soft hyphen, joiners, bidi
# controls, variation selectors, and the apostrophes that one desk writes and the next leaves out.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff\u093c\u09bc\u0640\u00ad\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff'\u2018\u2019\u201b\u02bb-\u02bf\u0060\u2032"
    "\u05f3\u05f4]+"
)
# Not a letter or digit. Vowel signs of Indic and south-east Asian scripts are no `\w` but belong to
# their word, hence the blocks; U+3099 and U+309A are the voicing marks of decomposed kana.
_SEPARATORS = re.compile(
    "(?:[^\\w\\s\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3099\u309a]|_)+"
)
_BLANKS = re.compile(" {2,}")
_LETTER_RUN = re.compile(r"(?<!\S)\S(?: \S)+(?!\S)")  # never crosses a line
_LETTERS = {
    **dict.fromkeys("ىیېےۍ", "ي"),
    **dict.fromkeys("ةہھەۃ", "ه"),
    **dict.fromkeys("کڪګ", "ك"),
    **{digit: str(value) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩")},
    **{digit: str(value) for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")},
    **{digit: str(value) for value, digit in enumerate("०१२३४५६७८९")},
    **{"ٱ": "ا", "ں": "ن", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"},
    **{"ð": "d", "þ": "th", "&": " and "},
}
_LETTER_VARIANTS = re.compile(f"[{''.join(_LETTERS)}]")
_TRADEMARKS = re.compile("[™℠]")  # NFKD would spell them out
_SHORT_WORD, _SHORT_NAME = 2, 6
"""Words up to 2 letters that make up to 6 together are an abbreviation: "اف ب", "A. F. P."."""

_AGENCIES = frozenset({OutletKind.AGENCY, OutletKind.SYNDICATOR, OutletKind.PRESS_RELEASE_WIRE})
_NOUNS_BY_KIND: tuple[tuple[frozenset[OutletKind], str], ...] = (
    (
        _AGENCIES,
        "وكالة أنباء; وكالة; وكالة الأنباء; للأنباء; خدمة; خبرگزاری; آژانس خبری; خبر رساں ادارہ;"
        "خبر رساں ایجنسی; news agency; press agency; newswire; agencia de noticias; agencia;"
        "la agencia; agência de notícias; agência; agence de presse; agence; l’agence; agenzia;"
        "agenzia di stampa; l’agenzia; nachrichtenagentur; presseagentur; agentur; die agentur;"
        "информационное агентство; информагентство; агентство; новостное агентство; агенция;"
        "agencja; agencja prasowa; haber ajansı; ajansı; kantor berita; समाचार एजेंसी;"
        "סוכנות הידיעות",
    ),
    (
        frozenset({OutletKind.PUBLISHER}),
        "صحيفة; جريدة; مجلة; يومية; أسبوعية; روزنامه; روزنامہ; هفته‌نامه; newspaper; magazine;"
        "daily newspaper; diario; el diario; periódico; el periódico; revista; la revista; jornal;"
        "o jornal; journal; le journal; quotidien; le quotidien; giornale; il giornale; quotidiano;"
        "il quotidiano; rivista; zeitung; die zeitung; tageszeitung; zeitschrift; magazin;"
        "das magazin; газета; газеты; газете; журнал; журнала; журнале; gazeta; gazetesi; dergisi;"
        "koran; harian; majalah; अखबार; עיתון; dziennik; krant; avisen; tidningen",
    ),
    (
        frozenset({OutletKind.BROADCASTER}),
        "قناة; تلفزيون; فضائية; إذاعة; شبكة تلفزيون; شبکه; شبکه خبری; tv channel; news channel;"
        "television; телеканал; телеканала; канал; радиостанция; fernsehsender; sender; cadena;"
        "emissora; emittente; chaîne; la chaîne; kanalı; televizyonu; stasiun televisi",
    ),
    (
        frozenset(OutletKind),
        "موقع; الموقع; موقع إخباري; بوابة; شبكة; منصة; مدونة; سایت; وبسایت; وب‌سایت; پایگاه خبری;"
        "website; web site; news website; news site; news portal; site; online; blog; the blog;"
        "sitio; portal; portale; il sito; le site; die website; nachrichtenportal; сайт; портал;"
        "издание; интернет-издание; интернет-портал; блог; situs; laman; sitesi; أونلاين; أون لاين;"
        "الإلكترونية; الإلكتروني; الإخبارية; الإخباري; 微信公众号; 公众号",
    ),
)
_NATIONS = (
    "AE الإماراتية الإماراتي; BH البحرينية البحريني; DZ الجزائرية الجزائري; EG المصرية المصري;"
    "IQ العراقية العراقي; JO الأردنية الأردني; KW الكويتية الكويتي; LB اللبنانية اللبناني;"
    "LY الليبية الليبي; MA المغربية المغربي; MR الموريتانية الموريتاني; OM العمانية العماني;"
    "PS الفلسطينية الفلسطيني; QA القطرية القطري; SA السعودية السعودي; SD السودانية السوداني;"
    "SY السورية السوري; TN التونسية التونسي; YE اليمنية اليمني; US الأمريكية الأمريكي الأميركية"
    " الأميركي; GB البريطانية البريطاني اللندنية الإنجليزية; FR الفرنسية الفرنسي; DE الألمانية"
    " الألماني; IL الإسرائيلية الإسرائيلي العبرية العبري; TR التركية التركي; IR الإيرانية الإيراني;"
    "RU الروسية الروسي; CN الصينية الصيني; ES الإسبانية الإسباني; IT الإيطالية الإيطالي;"
    "JP اليابانية الياباني; IN الهندية الهندي; PK الباكستانية الباكستاني; KR الكورية"
)
_ARTICLE = "the"
_NOUN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Reduced:
    """A folded name without some generic nouns around it.

    `kinds` are the kinds those nouns speak of (None: only "the" was taken off).
    """

    form: str
    kinds: frozenset[OutletKind] | None


def fold_names(names: Iterable[str]) -> list[str]:
    """Fold names in one pass over their joined text (one by one takes three times as long)."""
    text = _TRADEMARKS.sub("", "\n".join([" ".join(name.split()) for name in names]))
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _DROPPED.sub("", unicodedata.normalize("NFKD", text))
    text = _LETTER_VARIANTS.sub(lambda letter: _LETTERS[letter[0]], text)
    text = _BLANKS.sub(" ", _SEPARATORS.sub(" ", text))
    text = _LETTER_RUN.sub(lambda run: run[0].replace(" ", ""), unicodedata.normalize("NFC", text))
    return [_join_short(name.strip()) for name in text.split("\n")]


def fold_name(name: str) -> str:
    """Fold a name: case, width, accents, hamza and Persian forms, marks, quotes, stops.

    Letters that stand alone are an abbreviation and are joined (أ.ف.ب = ا ف ب = اف ب -> افب);
    other words stay apart by one blank. Folding twice changes nothing.
    """
    return fold_names([name])[0]


def _join_short(name: str) -> str:
    if len(name) > _SHORT_NAME * 2 or " " not in name:
        return name
    words = name.split(" ")
    if max(map(len, words)) <= _SHORT_WORD and sum(map(len, words)) <= _SHORT_NAME:
        return "".join(words)
    return name


@cache
def _nouns() -> dict[str, frozenset[OutletKind]]:
    nouns: dict[str, frozenset[OutletKind]] = {}
    for kinds, listed in _NOUNS_BY_KIND:
        nouns.update(dict.fromkeys(fold_names(listed.split(";")), kinds))
    return nouns


@cache
def _nations() -> dict[str, str]:
    rows = [row.split() for row in _NATIONS.split(";")]
    return {word: row[0] for row in rows for word in fold_names(row[1:])}


def reduce_name(folded: str) -> list[Reduced]:
    """Take the generic nouns off both ends of a folded name one by one, as long as some is left.

    Returns one entry for each noun taken off, the barest form last; none where there is no noun.
    """
    words = folded.split(" ")
    kinds: frozenset[OutletKind] | None = None
    steps: list[Reduced] = []
    while (cut := _find_noun(words)) is not None:
        words, said = cut
        if said is not None:
            kinds = said if kinds is None else kinds & said
        steps.append(Reduced(" ".join(words), kinds))
    return steps


def is_kind_noun(word: str) -> bool:
    """Whether a word before a name tells what kind of outlet is meant: "قناة", "newspaper"."""
    kinds = _nouns().get(fold_name(word))
    return kinds is not None and len(kinds) < len(OutletKind)


def _find_noun(words: list[str]) -> tuple[list[str], frozenset[OutletKind] | None] | None:
    """Return the words without the noun at either end, and the kinds it speaks of."""
    if len(words) > 1 and words[0] == _ARTICLE:
        return words[1:], None
    nouns, sizes = _nouns(), range(min(_NOUN_WORDS, len(words) - 1), 0, -1)
    for size in sizes:
        if (kinds := nouns.get(" ".join(words[:size]))) is not None:
            return words[size:], kinds
    for size in sizes:
        if (kinds := nouns.get(" ".join(words[-size:]))) is not None:
            return words[:-size], kinds
    return None


def without_nation(form: str) -> tuple[str, str] | None:
    """Split "الشرق القطرية" into the name and the country its last word tells, if it tells one."""
    name, _, last = form.rpartition(" ")
    country = _nations().get(last)
    return (name, country) if name and country else None
