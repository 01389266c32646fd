"""Findings of one article -> its attribution: which statement speaks, and what the others add.

The explicit statement wins over the implied one; others keep their place as claims. Names stay as
written. Nothing is guessed: a statement without a name gives a kind and no source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from dedupe.attribution.addresses import host_of
from dedupe.attribution.agencies import compact
from dedupe.attribution.extents import narrow
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.outlet_nouns import is_kind_noun
from dedupe.attribution.translations import as_translation
from dedupe.attribution.vocabulary import Vocabulary
from dedupe.models import (
    AGENCY_ROLES,
    Article,
    Attribution,
    AttributionKind,
    Claim,
    ClaimRole,
    Furniture,
    Trust,
)

__all__ = ["assemble", "page_names"]

# Which kind the article's is where several are stated. A translation's note says more about a text
# than "first appeared"; a feed's note more than the translator's credit beside it.
_ORDER = (
    AttributionKind.SYNDICATION_FEED,
    AttributionKind.TRANSLATION,
    AttributionKind.FIRST_APPEARED,
    AttributionKind.REPUBLICATION_NOTICE,
    AttributionKind.PRESS_RELEASE,
    AttributionKind.AGENCY_BYLINE,
    AttributionKind.SOURCE_LINE,
)
_RANK = {kind: rank for rank, kind in enumerate(_ORDER)}
Keys = Callable[[str, str | None], str | None]
"""`(name, address)` -> key of an outlet or None."""
KeysIn = Callable[[str, str], str | None]
"""`(language, name)` -> key of the one outlet of that name that writes in it, else None."""
IsWire = Callable[[str, str | None], bool]
_CARRYING = frozenset({AttributionKind.REPUBLICATION_NOTICE, AttributionKind.SOURCE_LINE})
_LONGEST_HOST = 300
_TIGHT_FROM = "\u2e80"  # letters from here on are of scripts that set no blanks
_ABBREVIATION = 6  # letters at most: what they mean, the list of agencies alone can tell
_LONGEST_NOUN = 24
_WORD_BEFORE = re.compile(r"([^\W\d_]{3,20}) $")
_PLACE_BEHIND = re.compile(r" ?\(([^()\n]{2,40})\)")
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "gov", "ac", "edu"])


_COPYRIGHT = re.compile(r"(?i)\W{0,3}(?:©|copyright\b|\(c\)|all rights reserved)")


def page_names(article: Article, keys: Keys) -> frozenset[str]:
    """Spellings of the page's own name: its outlet, its host, and the outlet it resolves to."""
    url = article.url or ""
    netloc = url.split("//", 1)[-1].split("/", 1)[0] if "//" in url else ""
    return _own_names(article.outlet or "", netloc[:_LONGEST_HOST], keys)


@lru_cache(maxsize=4096)
def _own_names(outlet: str, netloc: str, keys: Keys) -> frozenset[str]:
    names = set()
    host = host_of(f"//{netloc}") if netloc else None
    home = f"https://{host}/" if host else None
    if outlet:
        names |= {compact(outlet), "key:" + (keys(outlet, home) or "")}
    if host:
        labels = host.split(".")
        names |= {compact(host), compact(labels[0]), compact(labels[-2] if len(labels) > 1 else "")}
        if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
            names.add(compact(labels[-3]))
        names -= {compact(word) for word in _SECOND_LEVEL}
        names.add("key:" + (keys(host, home) or ""))
    return frozenset(names - {"", "key:"})


def _is_own(name: str | None, own: frozenset[str], key: str | None) -> bool:
    if not name or not own:
        return False
    return not own.isdisjoint(_spellings(name)) or (key is not None and "key:" + key in own)


@lru_cache(maxsize=16384)
def _spellings(name: str) -> tuple[str, str, str]:
    """How a name may be spelt that is a page's own: as it is, without "the", as a host."""
    spelt = compact(name)
    host = re.sub(r"^(?:https?:?/*)?(?:www)?|/$", "", spelt)
    return spelt, re.sub(r"^the", "", spelt), host


def assemble(
    article: Article,
    body: str,
    findings: Iterable[Finding],
    furniture: Sequence[Furniture],
    keys: Keys,
    is_wire: IsWire,
    keys_in: KeysIn,
    vocabulary: Vocabulary,
) -> Attribution | None:
    """Build the attribution of one article; None if nothing was found.

    `body` is the text that the spans of findings are in, which the article need not hold.
    `keys(name, url)` resolves a name to the key of an outlet, or None; `is_wire(name, url)` says
    whether one that is no listed name of an agency means one all the same.
    """
    own = page_names(article, keys)
    kept = []
    for finding in findings:
        sources = finding.names(ClaimRole.SOURCE)
        itself = bool(sources) and all(
            _is_own(n.name or n.url, own, keys(n.name, n.url) if n.name else None) for n in sources
        )
        is_agency = any(n.role is ClaimRole.AGENCY for n in finding.named)
        if itself and (_owns(body, finding) if is_agency else not finding.explicit):
            continue  # a site's bare credit to itself, or its own copyright, states nothing
        kept.append(finding)
    if not kept and not furniture:
        return None
    kept = [as_translation(body, finding, vocabulary) for finding in _without_weaker(kept)]
    kept = [_as_written(body, _credit_wire(finding, is_wire)) for finding in kept]
    kept.sort(key=_precedence)
    kept = _as_chain(kept, own, keys)
    claims = [claim for finding in kept for claim in _claims(body, finding, keys)]
    claims = [_in_language(claim, article.lang, keys_in) for claim in claims]
    if not kept:
        return Attribution(article.id, AttributionKind.NONE, furniture=tuple(_unique(furniture)))
    speaking = kept[0]
    source, url = _source(kept)
    via = _all(kept, ClaimRole.VIA, {source})
    if source is None and via and speaking.kind is AttributionKind.SOURCE_LINE:
        source, via = via[0], via[1:]  # "Via: X" alone names where it was found
    if source is None and speaking.kind is AttributionKind.SYNDICATION_FEED:
        source = next((n.name for n in _credited(kept) if not n.generic), None)
    return Attribution(
        id=article.id,
        kind=speaking.kind,
        original_source=source,
        source_url=url,
        republisher=_first(kept, ClaimRole.REPUBLISHER),
        via=via,
        authors=_all(kept, ClaimRole.AUTHOR),
        agencies=_agencies(kept, body, keys),
        license=_first(kept, ClaimRole.LICENSE),
        self_reference=_is_own(source, own, keys(source, url) if source else None),
        confidence=speaking.confidence,
        claims=tuple(claims),
        furniture=tuple(_unique(furniture)),
    )


def _owns(body: str, finding: Finding) -> bool:
    """Whether a finding is a line of copyright: an agency's bylines count on its own site too."""
    quote = body[slice(*finding.span)] if finding.span is not None else ""
    return _COPYRIGHT.match(quote) is not None


def _precedence(finding: Finding) -> tuple[int, int, int, float, int]:
    unnamed = not any(n.role is ClaimRole.SOURCE for n in finding.named)
    place = finding.span[0] if finding.span else 1 << 30
    rank = _RANK[finding.kind]
    if finding.named and all(n.generic for n in finding.named):
        return (len(Trust), rank, 1, 0.0, place)  # says less than a source line with a name
    return (finding.trust.rank, rank, int(unnamed), -finding.confidence, place)


def _without_weaker(findings: Sequence[Finding]) -> list[Finding]:
    """Drop a finding where a surer one reads the same words: the more specific rule is right."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.confidence, -len(f.named), f.span or (0, 0))):
        if not any(_same_words(finding, other) for other in kept):
            kept.append(finding)
    return kept


def _same_words(weaker: Finding, surer: Finding) -> bool:
    if weaker.span is None or surer.span is None:
        return False
    if weaker.span[0] >= surer.span[1] or surer.span[0] >= weaker.span[1]:
        return False
    if weaker.rule == surer.rule:
        return set(weaker.named) <= set(surer.named)
    issuer = weaker.names(ClaimRole.SOURCE) and not surer.names(ClaimRole.SOURCE)
    if weaker.kind is AttributionKind.PRESS_RELEASE and issuer:
        return False
    return weaker.kind is surer.kind or (
        weaker.confidence < surer.confidence and abs(weaker.span[0] - surer.span[0]) <= 8
    )


def _source(kept: Sequence[Finding]) -> tuple[str | None, str | None]:
    """The name that the speaking statement gives, else the next one that has a name."""
    source = url = None
    for finding in kept:
        if finding.kind is not kept[0].kind and source is None and _silences(kept[0]):
            break
        for named in finding.names(ClaimRole.SOURCE):
            if source is None and named.name:
                source, url = named.name, url or named.url
            elif url is None and named.url:
                url = named.url
    return source, url


def _as_chain(kept: list[Finding], own: frozenset[str], keys: Keys) -> list[Finding]:
    """Whom a text came from after it had first appeared elsewhere: an intermediary, no source.

    "First published in A. Republished from B." is one chain, A over B. Agencies stay what they are.
    """
    first = next((n.name for f in kept[:1] for n in f.names(ClaimRole.SOURCE) if n.name), None)
    if first is None or kept[0].kind is not AttributionKind.FIRST_APPEARED:
        return kept
    meant = {*_spellings(first), keys(first, None)} - {None}

    def passed(named: Named, *, sure: bool) -> Named:
        name = named.name or host_of(named.url or "")
        if named.role is not ClaimRole.SOURCE or named.generic or not name:
            return named
        key = keys(name, named.url)
        if not meant.isdisjoint((*_spellings(name), key)) or _is_own(name, own, key):
            return named
        if compact(first) in compact(name) or compact(name) in compact(first):
            return named
        # "Source: the Office of Statistics" is where the figures are from
        told = sure or key is not None or named.url is not None
        return named._replace(role=ClaimRole.VIA, name=name) if told else named

    chain = kept[:1]
    for finding in kept[1:]:
        carries = finding.span is not None and finding.kind in _CARRYING
        named = finding.named
        if carries and not finding.names(ClaimRole.AGENCY):
            sure = finding.kind is AttributionKind.REPUBLICATION_NOTICE
            named = tuple(passed(one, sure=sure) for one in named)
        chain.append(finding._replace(named=named))
    return chain


def _silences(finding: Finding) -> bool:
    """Whether a statement without a name leaves the article without a source: "AP contributed"."""
    return (
        finding.kind is AttributionKind.AGENCY_BYLINE
        and bool(finding.names(ClaimRole.CONTRIBUTOR))
        and not finding.names(ClaimRole.SOURCE)
    )


def _first(kept: Sequence[Finding], role: ClaimRole) -> str | None:
    return next((n.name for f in kept for n in f.names(role) if n.name), None)


def _all(
    kept: Sequence[Finding],
    role: ClaimRole,
    without: set[str | None] | frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    names = (n.name for f in kept for n in f.names(role))
    return tuple(dict.fromkeys(n for n in names if n and n not in without))


def _agencies(kept: Sequence[Finding], body: str, keys: Keys) -> tuple[str, ...]:
    """Agencies as written, each once: "The Xyz Press" far above "PARIS (XYZ) -" is one."""
    given: dict[str, tuple[str, Finding]] = {}
    for finding, name in ((f, n.name) for f in kept for n in f.named if n.role in AGENCY_ROLES):
        if not name:
            continue
        spelt = compact(name).removeprefix("the")
        known = given.get(spelt)
        if known is not None:
            given[spelt] = max(known[0], name, key=len), known[1]
            continue
        same = (s for s, other in given.items() if _is_again(body, keys, other, (name, finding)))
        again = next(same, spelt)
        if again not in given or _start(finding) < _start(given[again][1]):
            given[again] = name, finding  # the byline is how the page calls it
    return tuple(name for name, _ in given.values())


def _start(finding: Finding) -> int:
    return finding.span[0] if finding.span else 0


def _is_again(
    body: str, keys: Keys, earlier: tuple[str, Finding], later: tuple[str, Finding]
) -> bool:
    """Whether two names are one agency's, and stand neither in one line nor in two neighbours."""
    key, (short, full) = keys(earlier[0], None), sorted((earlier[0], later[0]), key=len)
    spans = sorted(finding.span for _, finding in (earlier, later) if finding.span)
    between = body[spans[0][1] : spans[1][0]] if len(spans) > 1 else ""
    if short[0] >= _TIGHT_FROM and full.startswith(short):
        return "\n" in between  # 時事通信, and in the line below 【ロンドン時事】
    same = key is not None and key == keys(later[0], None)
    return same and "\n" in between and bool(between.strip())


def _credited(kept: Sequence[Finding]) -> list[Named]:
    """Agencies in any role, in the order of their statements."""
    return [n for finding in kept for n in finding.named if n.role in AGENCY_ROLES]


def _claims(body: str, finding: Finding, keys: Keys) -> list[Claim]:
    start, end = _extent(body, finding)
    quote = finding.quote if start is None else body[start:end]
    named = finding.named or (Named(ClaimRole.SOURCE, None),)
    return [
        Claim(finding.kind, n.name, n.url, n.role, start, end, quote, finding.rule, finding.trust,
              finding.confidence, _find_key(n, quote, keys))
        for n in named
    ]  # fmt: skip


def _in_language(claim: Claim, language: str | None, keys_in: KeysIn) -> Claim:
    """Tell agencies of one abbreviation apart by the language of the text, else of the notice."""
    spoken = (language or claim.rule).partition(".")[0].partition("-")[0].lower()
    if (
        claim.outlet is not None
        or not claim.name
        or claim.kind is not AttributionKind.AGENCY_BYLINE
    ):
        return claim
    key = keys_in(spoken, claim.name)
    return replace(claim, outlet=key) if key is not None else claim


def _find_key(named: Named, quote: str, keys: Keys) -> str | None:
    """The outlet of a name by what stands around it too: قناة الجزيرة, The Independent (Nigeria).

    A noun before it and a country behind it tell outlets of one name apart; neither is the name's.
    """
    if not named.name:
        return None
    at = quote.find(named.name)
    if at >= 0:
        noun = None
        if quote[at - 1 : at] in (" ", "\n"):
            noun = _WORD_BEFORE.search(quote, max(0, at - _LONGEST_NOUN), at)
        if noun is not None and is_kind_noun(noun[1]):
            meant = keys(f"{noun[1]} {named.name}", named.url)
            if meant is not None:
                return meant
        place = _PLACE_BEHIND.match(quote, at + len(named.name))
        if place is not None:
            return keys(f"{named.name} ({place[1]})", named.url)
    return keys(named.name, named.url)


def _credit_wire(finding: Finding, is_wire: IsWire) -> Finding:
    """Make a label before an agency's name, written out or misspelt, an agency's credit."""
    if finding.kind is not AttributionKind.SOURCE_LINE or finding.span is None:
        return finding
    sources = finding.names(ClaimRole.SOURCE)
    name = sources[0].name if sources else None
    if not name or finding.names(ClaimRole.AGENCY) or len(compact(name)) <= _ABBREVIATION:
        return finding
    if not name[0].isalnum() or not is_wire(name, sources[0].url):  # "Source / © X": a picture's
        return finding
    named = (*finding.named, Named(ClaimRole.AGENCY, name))
    return finding._replace(kind=AttributionKind.AGENCY_BYLINE, named=named)


def _as_written(body: str, finding: Finding) -> Finding:
    """Give names the spelling of the text where that spells letters in parts."""
    quote = body[slice(*finding.span)] if finding.span is not None else ""
    if quote.isascii() or unicodedata.is_normalized("NFC", quote):
        return finding
    named = tuple(n._replace(name=_spelt_as(quote, n.name)) for n in finding.named)
    return finding._replace(named=named)


def _spelt_as(quote: str, name: str | None) -> str | None:
    if name is None or name in quote:
        return name
    spelt = (unicodedata.normalize(form, name) for form in ("NFD", "NFKD"))
    return next((written for written in spelt if written in quote), name)


def _extent(body: str, finding: Finding) -> tuple[int, int] | tuple[None, None]:
    if finding.span is None:
        return None, None
    return narrow(body, *finding.span, next((n.name for n in finding.named if n.name), None))


def _unique(furniture: Sequence[Furniture]) -> list[Furniture]:
    spans = {(f.start, f.end): f for f in reversed(furniture)}
    return [spans[key] for key in sorted(spans)]
