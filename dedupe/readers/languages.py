"""A declared language -> its BCP 47 tag in the form that RFC 5646 asks for.

One language has many spellings (`eng`, `EN`, `en_gb`); a filter and a count need one. The primary
subtag is the two-letter code of ISO 639-1 where there is one, in small letters; scripts are written
`Latn`, regions `GB`, all else small.
"""

from __future__ import annotations

import re

__all__ = ["tell_language"]

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_SHORTER = (
    "aaraa abkab adpdz afraf akaak albsq alssq amham araar arbar argan armhy asmas avaav aveae "
    "aymay ayray azeaz azjaz bakba bambm baqeu belbe benbn bisbi bodbo bosbs brebr bulbg burmy "
    "catca cescs chach chece chizh chucu chvcv clssa cmnzh corkw cosco crecr cwdcr cymcy czecs "
    "danda deude divdv drhmn dutnl dzodz ekket ellel engen epoeo eskik estet euseu eweee faofo "
    "fasfa fijfj finfi frafr frefr fryfy fucff fulff gazom geoka gerde glagd glega glggl glvgv "
    "greel grngn guggn gujgu hatht hauha hebhe herhz hinhi hmoho hrvhr hunhu hyehy iboig iceis "
    "idoio iiiii ikeiu ikuiu ileie inaia indid ipkik islis itait javjv jpnja kalkl kankn kasks "
    "katka kaukr kazkk khkmn khmkm kikki kinrw kirky kmrku knckr kngkg komkv konkg korko kpvkv "
    "kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg lvslv macmk mahmh malml "
    "maomi marmr mayms mkdmk mlgmg mltmt molro monmn mrimi msams myamy nauna navnv nblnr ndend "
    "ndong nepne nldnl nnonn nobnb norno npine nyany ocioc ojgoj ojioj orior ormom oryor ossos "
    "panpa pbups perfa pesfa plipi pltmg polpl porpt prpgu pusps quequ quzqu rohrm ronro rumro "
    "runrn rusru sagsg sansa sccsr scrhr sinsi slksk slosk slvsl smese smosm snasn sndsd somso "
    "sotst spaes sqisq srcsc srdsc srpsr sswss sunsu swasw swesv swhsw tahty tamta tattt telte "
    "tgktg thath tibbo tirti tonto tsntn tsots tuktk turtr twiak uigug ukruk urdur uzbuz uznuz "
    "venve vievi volvo welcy wlnwa wolwo xhoxh yddyi yidyi yoryo zhaza zhozh zsmms zulzu zybza "
)
"""Codes of ISO 639-2 (both kinds) and 639-3 with that of 639-1: the language aliases of CLDR 49."""
_TWO = {pair[:3]: pair[3:] for pair in _SHORTER.split()}


def tell_language(value: str) -> str | None:
    """The tag of a language, None for what has not the form of one."""
    if not _TAG.fullmatch(value):
        return None
    first, *others = value.replace("_", "-").lower().split("-")
    single = next((place for place, part in enumerate(others) if len(part) == 1), len(others))
    shown = [_write(part) for part in others[:single]]  # behind a singleton all is small
    return "-".join([_TWO.get(first, first), *shown, *others[single:]])


def _write(part: str) -> str:
    """A script as `Latn`, a region as `GB`."""
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part
