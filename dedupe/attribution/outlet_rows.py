"""Outlet file (TOML) -> Outlets as frozen records, every cell checked.

One string of rows per kind and country: as a table for each outlet the file takes nine times as
long to parse. What is wrong is said with the outlet's key, so that an editor finds the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dedupe.errors import InputMissing, InputUnreadable, RuleInvalid
from dedupe.models import OutletKind

__all__ = ["Outlet", "read_outlets"]

_COLUMNS = "key | languages | domains | family | English name | name | aliases"
_UNKNOWN_COUNTRY = "ZZ"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}(?:/[\w-]+)?\Z"
)
_COUNTRY_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
"""
_LANGUAGE_CODES = """
    aa af am ar as az ba be bg bm bn bo br bs ca cs cy da de dv dz el en eo es et eu fa ff fi fo
    fr fy ga gd gl gu ha he hi hr ht hu hy id ig is it iu ja jv ka kk kl km kn ko ku ky lb lo lt
    lv mg mi mk ml mn mr ms mt my nb ne nl nn no ny om or pa pl ps pt qu rm rn ro ru rw sa sd si
    sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tn to tr ts tt ug uk ur uz ve vi wo xh
    yi yo zh zu ckb fil gsw tet
"""
_COUNTRIES = frozenset(_COUNTRY_CODES.split())
_LANGUAGES = frozenset(_LANGUAGE_CODES.split())


@dataclass(frozen=True, slots=True)
class Outlet:
    """An organisation that publishes, distributes or carries news.

    `name` is in the outlet's own script. `country` is the ISO 3166 alpha-2 code of its seat or
    None, `languages` are ISO 639 codes, the main one first. `domains` are host names, or host and
    first path segment. `aliases` are all its names as written, `name` and `english` among them;
    those in `ambiguous` mean other things too and need an agency context or the address.
    """

    key: str
    name: str
    english: str
    kind: OutletKind
    country: str | None
    languages: tuple[str, ...]
    domains: tuple[str, ...]
    family: str | None
    aliases: tuple[str, ...]
    ambiguous: tuple[str, ...]

    def name_in(self, language: str) -> str:
        """Give the name to show to a reader of a language: English, Arabic, else its own."""
        if language == "en":
            return self.english
        arabic = (name for name in self.aliases if any("\u0620" <= c <= "\u064a" for c in name))
        return next(arabic, self.name) if language == "ar" else self.name


def read_outlets(path: Path) -> list[Outlet]:
    """Read and check an outlet file, in the order of the file.

    Raises InputMissing, InputUnreadable, and RuleInvalid for what is not TOML, an unknown kind,
    country or language, a bad key, family or domain, a row without a name and a key given twice.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputMissing(str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnreadable(str(path), str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise RuleInvalid(path.name, "TOML", str(error)) from None
    outlets: dict[str, Outlet] = {}
    for kind, country, row in _split_rows(tables, path.name):
        outlet = _read_row(row, kind, country, path.name)
        if outlet.key in outlets:
            raise RuleInvalid(path.name, outlet.key, "the key is given twice")
        outlets[outlet.key] = outlet
    return list(outlets.values())


def _split_rows(tables: Mapping[str, object], file: str) -> list[tuple[OutletKind, str, str]]:
    kinds = {kind.value: kind for kind in OutletKind}
    found = []
    for value, countries in tables.items():
        if value not in kinds or not isinstance(countries, dict):
            raise RuleInvalid(file, value, f"no such kind; known: {', '.join(kinds)}")
        for country, rows in countries.items():
            if country not in _COUNTRIES and country != _UNKNOWN_COUNTRY:
                raise RuleInvalid(file, f"{value}.{country}", "not an ISO 3166 alpha-2 code")
            if not isinstance(rows, str):
                raise RuleInvalid(file, f"{value}.{country}", f"wanted rows of {_COLUMNS}")
            lines = (row.strip() for row in rows.splitlines())
            found += [(kinds[value], country, row) for row in lines if row and row[0] != "#"]
    return found


def _read_row(row: str, kind: OutletKind, country: str, file: str) -> Outlet:
    cells = [cell.strip() for cell in row.split("|")]
    key = cells[0]
    if not 6 <= len(cells) <= 7 or not _KEY.match(key) or not cells[5]:
        raise RuleInvalid(file, key, f"wanted {_COLUMNS}; the key is of a-z, 0-9 and _")
    languages, domains, family = tuple(cells[1].split()), tuple(cells[2].split()), cells[3]
    if not languages or not _LANGUAGES.issuperset(languages):
        raise RuleInvalid(file, key, f"unknown language code in {cells[1]!r}")
    if family and not _KEY.match(family):
        raise RuleInvalid(file, key, f"the family {family!r} is not of a-z, 0-9 and _")
    for domain in domains:
        if not _DOMAIN.match(domain):
            raise RuleInvalid(file, key, f"{domain!r} is not a domain in lower-case ASCII")
    marked = [cells[5], cells[4] or cells[5], *(cells[6].split(";") if len(cells) == 7 else ())]
    names = [name for name in map(str.strip, marked) if name]
    plain = [name.removeprefix("?") for name in names]
    return Outlet(
        key=key,
        name=plain[0],
        english=plain[1],
        kind=kind,
        country=country if country != _UNKNOWN_COUNTRY else None,
        languages=languages,
        domains=domains,
        family=family or None,
        aliases=tuple(dict.fromkeys(plain)),
        ambiguous=tuple(dict.fromkeys(name[1:] for name in names if name[0] == "?")),
    )
