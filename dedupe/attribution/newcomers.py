"""A name that no list holds, where only a credit can stand -> what its own letters say it is.

Outlets and agencies are named in a few ways everywhere: by letters of their name, by a noun
("agency", "news", "نيوز") of its own or written onto the name, by their address. A layout that
only credits have (`datelines`, `signoffs`) and a name of such a make need no list.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dedupe.attribution.agencies import compact
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_ends import DOMAIN_NAME
from dedupe.attribution.names import NameReader

__all__ = [
    "PRESS_NOUNS",
    "is_acronym",
    "is_address",
    "is_call_sign",
    "is_date",
    "is_named_agency",
    "is_nothing",
    "is_office",
    "is_outlet",
    "is_press_agency",
    "is_titled",
    "is_wire_like",
]


def _any(phrases: str) -> str:
    """Phrases set apart by ; as alternatives, folded."""
    return "|".join(re.escape(fold_text(phrase.strip())) for phrase in phrases.split(";"))


_NOUNS = """
وكالة; خبرگزاری; خبر رساں; نیوز ایجنسی; news agency; press agency; photo agency; newswire;
news service; agencia; agência; agence; agenzia; agentur; nachrichtenagentur; agencja; haber ajansı;
ajansı; агентство; агенция; агенція; kantor berita; persbureau; न्यूज एजेंसी; न्यूज़ एजेंसी;
समाचार एजेंसी; סוכנות; πρακτορείο; tisková agentura; hírügynökség; agenția; nyhetsbyrå; nyhetsbyrån
"""
_NOUNS_BEFORE = """
agence de presse; agencia de noticias; agência de notícias; agenzia di stampa; وكالة أنباء;
وكالة الأنباء; خبرگزاری; خبر رساں ایجنسی; kantor berita; persbureau; סוכנות הידיעות;
информационное агентство; информагентство; agencja informacyjna; agencja prasowa
"""
_NOUNS_BEHIND = """
news agency; press agency; nachrichtenagentur; haber ajansı; نیوز ایجنسی; समाचार एजेंसी;
न्यूज एजेंसी; न्यूज़ एजेंसी; 通讯社; 通訊社; newswire
"""
PRESS_NOUNS = tuple(
    noun.strip() for nouns in (_NOUNS_BEFORE, _NOUNS_BEHIND) for noun in nouns.split(";")
)
"""What only agencies for news are called by, wherever they are."""
_PRESS_NAME = re.compile(
    rf"(?:{_any(_NOUNS_BEFORE)}) (?P<behind>\S.*)|(?P<before>.*\S) ?(?:{_any(_NOUNS_BEHIND)})"
)
_NO_NAME = re.compile(
    r"\W*(?:the|a|an|la|le|l|el|die|der|een|de|o|as|el|una|un|eine|एक|ایک|one|to)?\W*"
)
_AGENCY_NOUN = re.compile(rf"(?<!\w)(?:{_any(_NOUNS)})(?!\w)|通讯社|通訊社|通信社|통신사|통신$")
_CALLED_URDU = """
اے; بی; سی; ڈی; ای; ایف; جی; ایچ; آئی; جے; کے; ایل; ایم; این; او; پی; کیو; آر; ایس; ٹی; یو; وی;
ایکس; وائی; زیڈ
"""
_CALLED_ARABIC = (
    "بي; سي; دي; اي; إيه; اف; إف; جي; اتش; آي; كي; ان; إن; ام; إم; ال; إل; تي; يو; في; اس; إس; آر"
)
_CALLED_HINDI = """
ए; बी; सी; डी; ई; एफ; जी; एच; आई; जे; के; एल; एम; एन; ओ; पी; क्यू; आर; एस; टी; यू; वी; डब्ल्यू; एक्स; वाई; जेड
"""
_CALLED = [_any(letters) for letters in (_CALLED_URDU, _CALLED_ARABIC, _CALLED_HINDI)]
_SPELT = re.compile(
    "|".join([r"\w(?:[ .]{1,2}\w){1,4}\.?", *(f"(?:{c})(?: (?:{c})){{1,4}}" for c in _CALLED)])
)
"""Letters of an alphabet without capitals one by one, or what they are called: کے این ایس."""
_CAMEL = re.compile(r"[^\W\d_]*[a-zа-яёіїєґ][A-ZА-ЯЁІЇЄҐ][^\W_]*|[A-ZА-ЯЁІЇЄҐ]{2,}[a-zа-яё][^\W_]*")
_CALL_SIGN = re.compile(r"[KW][A-Z]{2,3}(?:-TV|-FM|-AM|-DT)?")
_MOST_LETTERS, _LEAST_LETTERS = 10, 3
_DATE_WORDS, _MOST_WORDS = 4, 5
_SMALL_WORD, _PARTICLES = 3, ("della", "delle", "degli", "dello", "dell'")
_DATED = "de del di da of the le il lo en am den der th st nd rd г года р року m م هـ ھ ء yılı"
_IN_DATES = frozenset(map(fold_text, _DATED.split()))
_MEANT_OTHERWISE = """
USA US UK UAE EU UN GB EUA EEUU UE ONU UNO RDC DRC PRC ROC RSA DR GMT CET CEST EST EDT PST PDT UTC
IST LIVE VIDEO VIDEOS UPDATE UPDATES UPDATED UPD PHOTO PHOTOS FOTO FOTOS EXCLUSIVE BREAKING OPINION
ANALYSIS ANALYSE ANALISIS REVIEW PREVIEW INTERVIEW WATCH AUDIO PODCAST PICTURES GALLERY POLL QUIZ
FEATURE NEWS CORRECTED CORRECTION REFILE UPDATE1 WRAPUP URGENT FLASH ALERT NOTE ADVERTISEMENT AD ADV
SPONSORED END ENDS FIN FIM FINE ENDE KONIEC RED КОНЕЦ ФОТО ВИДЕО США ЕС ООН РФ СССР КНР СНГ ВСУ МИД
ФСБ МВД МЧС COVID COVID-19 AIDS HIV CEO CFO PDF URL FAQ DIY TBA RIP ISIS NATO FBI CIA NASA WHO FIFA
UEFA NBA NFL NHL MLB IOC IMF WTO ILO OECD OPEC ASEAN BRICS G7 G20 AM PM PT CT BST WIB WITA WIT SGT
MYT HKT JST KST L-R R-L LR RL
"""
_NO_ACRONYMS = frozenset(map(compact, _MEANT_OTHERWISE.split()))
_ENDINGS = re.compile(
    r"\w{2,}(?:news|nieuws|nyheter|nyheder|nytt|presse?|media|medien|times|zeitung|blatt|krant|blad"
    r"|radio|haber|uutiset|prensa|noticias|diario|jornal|wire|post|info|tribune|новости|новини"
    r"|пресс|прес|информ|інформ|медиа|медіа|инфо|інфо|радио|радіо)"
)
_WIRE_ENDINGS = re.compile(
    r"\w{2,}(?:press|presse|wire|news|prensa|inform|пресс|прес|информ|інформ|borsa|agency)"
)
_OFFICE = re.compile(
    r"(?<!\w)(?:reporters?|editors?|correspondent|writer|staff|journalist|columnist|contributor"
    r"|intern|desk|redactora?|periodista|corresponsal|reportera?|journaliste|redacteur|redactrice"
    r"|redakteurin|redakteur|redaktion|redaccion|redacao|redazione|redaction|redactie|redakcja"
    r"|giornalista|verslaggever|wartawan|bureau|team|photographer|bio|profile|manager|director)"
    r"(?!\w)"
)


def is_office(name: str) -> bool:
    """Whether a name as written is a person's post: "Senior Reporter", "Our newsroom team"."""
    return _OFFICE.search(fold_text(name)) is not None


def is_wire_like(name: str) -> bool:
    """Whether a name as written is one word such as agencies are called by: Quaypress."""
    return _WIRE_ENDINGS.fullmatch(fold_text(name)) is not None


@lru_cache(maxsize=4096)
def is_outlet(name: str, reader: NameReader) -> bool:
    """Whether a name as written is an outlet's: known, an address, made of outlets' words."""
    if reader.is_outlet_like(name):
        return True
    return any(_ENDINGS.fullmatch(word) for word in fold_text(name).split())


def is_press_agency(folded: str) -> bool:
    """Whether folded text is a name with "news agency" or the like in it, not the noun alone."""
    named = _PRESS_NAME.fullmatch(folded)
    if named is None or folded.count(" ") >= _MOST_WORDS:
        return False
    return _NO_NAME.fullmatch(named.group("behind") or named.group("before")) is None


def is_named_agency(name: str, reader: NameReader) -> bool:
    """Whether a name as written says that it is an agency's, or is one that is known."""
    return name in reader.agencies or _AGENCY_NOUN.search(fold_text(name)) is not None


def is_nothing(name: str) -> bool:
    """Whether a short word in a bracket is no outlet's: a country, "(LIVE)", "(UTC)"."""
    return "@" in name or compact(name) in _NO_ACRONYMS


def is_call_sign(name: str) -> bool:
    """Whether a name as written is a North American station's: KTVX, WJLA-TV."""
    return _CALL_SIGN.fullmatch(name) is not None


def is_acronym(name: str, least: int = _LEAST_LETTERS) -> bool:
    """Whether a name as written is made of initials: АЗЕРТАДЖ, ISBnews, و م أ, کے این ایس."""
    if is_nothing(name) or (" " in name.strip() and name.upper() != name.lower()):
        return False
    if name.upper() == name.lower():
        return _SPELT.fullmatch(fold_text(name)) is not None
    letters = [char for char in name if char.isalpha()]
    if not least <= len(letters) <= _MOST_LETTERS or not all(
        c.isalnum() or c in ".-" for c in name
    ):
        return False
    return name.isupper() or _CAMEL.fullmatch(name) is not None


def is_date(folded: str, reader: NameReader) -> bool:
    """Whether folded text is a day as datelines have it: "12", "june 3", "3 مايو 2024"."""
    words = re.findall(r"[^\W\d_]+", folded)
    if not any(char.isdigit() for char in folded) or len(words) > _DATE_WORDS:
        return False
    months = _month_words(reader.months)
    return all(word in _IN_DATES or word in reader.weekdays or word in months for word in words)


@lru_cache(maxsize=8)
def _month_words(months: frozenset[str]) -> frozenset[str]:
    """Words of the names of months, and what they are shortened to."""
    words = {word for month in months for word in month.split()}
    return frozenset(
        words | {word[:size] for word in words if word[:1] < "\u0530" for size in (3, 4)}
    )


def is_titled(name: str) -> bool:
    """Whether words with capitals make a name as written, but for small words between them."""
    words = name.split()
    while words and words[0].islower():
        words = words[1:]
    return bool(words) and not any(
        word.islower() and len(word) > _SMALL_WORD and word not in _PARTICLES for word in words
    )


def is_address(name: str) -> bool:
    """Whether a name is a host's: TEMPO.CO, www.nannews.ng."""
    if " " in name.strip() or ("." not in name and name.isascii()):
        return False
    return DOMAIN_NAME.fullmatch(fold_text(name)) is not None
