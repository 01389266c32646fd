"""Outlet name as written (and address) -> Outlet, or None when it cannot be told.

Exact lookup of the folded name first, because names are few and wrong credit is the costliest
error; then the address; then the nearest name by edit distance, with a threshold chosen by
measurement (docs/decisions/0004-outlet-resolution.md). What two outlets are called is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from dedupe.attribution.outlet_cases import declines, list_bare_names
from dedupe.attribution.outlet_hosts import registrable, split_url
from dedupe.attribution.outlet_index import index_domains, index_names, squeeze
from dedupe.attribution.outlet_names import fold_name
from dedupe.attribution.outlet_nouns import reduce_name, without_nation
from dedupe.attribution.outlet_places import read_places, split_place
from dedupe.attribution.outlet_rows import Outlet, read_outlets
from dedupe.attribution.slips import is_misspelt
from dedupe.errors import RuleInvalid
from dedupe.models import OutletKind

__all__ = ["AGENCY_KINDS", "Outlet", "Outlets", "load_outlets"]

AGENCY_KINDS = frozenset({OutletKind.AGENCY, OutletKind.SYNDICATOR, OutletKind.PRESS_RELEASE_WIRE})
NEAREST_CUTOFF = 0.84
"""Least similarity of a misspelt name: measured, see decision 0020."""
NEAREST_MARGIN = 0.08
"""Least lead over the next outlet: measured, see decision 0004."""
NEAREST_LENGTH = 6
"""Fewest letters of a name that may be misspelt: shorter ones differ by one letter anyway."""
_BARE_LENGTH = 7
"""The same of a name without the words that many have ("Gazeta")."""

_PATH = Path(__file__).with_name("outlets.toml")
_LONGEST_NAME = 200
_LONGEST_NEAR = 80  # no alias is as long; a hostile name would take 20 ms
_LONGEST_URL = 2048
_REMEMBERED = 16_384
_NEIGHBOURS = 8
_NAME_IS_ADDRESS = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?:[/?#]\S*)?\Z", re.I | re.A)
_DIGITS = re.compile(r"\d+")
_ARABIC_ARTICLE = re.compile(r"\bال(?=\w{3})")


@dataclass(frozen=True, slots=True)
class _Found:
    """What a name alone tells: one outlet, or the keys of those that it may mean."""

    outlet: Outlet | None
    rivals: tuple[str, ...] = ()


class Outlets:
    """All known outlets, with resolution of names and addresses to one of them.

    Built by `load_outlets`. Safe to share between threads; answers are remembered.
    """

    def __init__(self, outlets: Collection[Outlet], file: str) -> None:
        self._outlets = {outlet.key: outlet for outlet in outlets}
        names = index_names(outlets, file)
        self._sure, self._shared, self._forms = names.sure, names.shared, names.forms
        self._domains = index_domains(outlets, file)
        self._named = lru_cache(_REMEMBERED)(self._find_named)
        self._inflected = lru_cache(_REMEMBERED)(self._find_inflected)
        self._near = lru_cache(_REMEMBERED)(self.nearest)
        self._at = lru_cache(_REMEMBERED)(self._find_at)

    def __iter__(self) -> Iterator[Outlet]:
        """Outlets in the order of the file."""
        return iter(self._outlets.values())

    def __len__(self) -> int:
        """Count the outlets."""
        return len(self._outlets)

    def __contains__(self, key: object) -> bool:
        """Whether an outlet has this key."""
        return key in self._outlets

    def __getitem__(self, key: str) -> Outlet:
        """Return the outlet of a key; KeyError when there is none."""
        return self._outlets[key]

    def name_of(self, key: str, language: str | None = None) -> str:
        """Give the name to show for a key in a language, None in its own; other names stay."""
        return self[key].name_in(language or "") if key in self else key

    def family(self, key: str) -> str:
        """Key of the owner's family; the key itself where none is known or the key is unknown."""
        outlet = self._outlets.get(key)
        return outlet.family or key if outlet else key

    def fold(self, name: str) -> str:
        """Fold a name for comparison: spellings of one name fold alike; folding twice is folding.

        Generic nouns ("وكالة", "newspaper") are left out, but not where the name needs them: "وكالة
        أنباء البحرين" is an agency, "البحرين" is not.
        """
        form = fold_name(name)
        steps = [reduced.form for reduced in reduce_name(form)]
        known = next((step for step in (form, *steps) if self._knows(step)), None)
        if known is None:
            return steps[-1] if steps else form
        key = self._sure.get(squeeze(known))
        same = [step for step in steps if key and self._sure.get(squeeze(step)) == key]
        chosen = same[-1] if same else known
        return self._spellings.get(squeeze(chosen), chosen)

    def agency_names(self) -> Mapping[str, str]:
        """Folded alias -> key, for agencies, syndicators and press-release wires.

        For recognising a credit: ambiguous aliases are in it, and what several agencies are called
        ("APS") stands for the first of the file. `resolve` decides which one is meant.
        """
        return self._agency_names

    def resolve(
        self, name: str | None, url: str | None = None, *, agency_context: bool = False
    ) -> Outlet | None:
        """Resolve a name as written, its address, or both; None when unknown or ambiguous.

        `agency_context` says that the name stands where a credit stands (dateline, bracket, label
        or line of its own), where an ambiguous alias may be taken for the outlet. Names above 200
        and addresses above 2,048 code points are not looked at.
        """
        name = name if name and len(name) <= _LONGEST_NAME else ""
        found = self._named(name, agency_context)
        if found.outlet is None and name.endswith(")"):
            found = self._find_placed(name, agency_context) or found
        if found.outlet is not None:
            return found.outlet
        there = self._at(url) if url and len(url) <= _LONGEST_URL else None
        if found.rivals:
            return there if there is not None and there.key in found.rivals else None
        return there if there is not None else self._inflected(name) or self._near(name)

    def resolve_in(self, language: str, name: str) -> Outlet | None:
        """Resolve a name of several outlets to the one whose main language is that of the text."""
        rivals = self._named(name if len(name) <= _LONGEST_NAME else "", True).rivals
        there = [k for k in rivals if self._outlets[k].languages[0] == language]
        return self._outlets[there[0]] if len(there) == 1 else None

    def nearest(
        self, name: str, cutoff: float = NEAREST_CUTOFF, margin: float = NEAREST_MARGIN
    ) -> Outlet | None:
        """Return the outlet whose name is nearest to a misspelt one, or None.

        Similarity (0-1) is one minus the share of letters to insert, delete, replace or swap, on
        folded names without Arabic articles. None below `cutoff`, for short names and addresses,
        when the numbers in the names differ, when a word is another one rather than misspelt
        (`slips`), and when another outlet or an ambiguous alias is less than `margin` behind.
        """
        if _NAME_IS_ADDRESS.match(name.strip()):
            return None
        form = fold_name(name)
        barest = [reduced.form for reduced in reduce_name(form)][-1:]
        bare = {_strip_articles(query) for query in barest}
        bare = {query for query in bare if len(squeeze(query)) >= _BARE_LENGTH}
        queries = {_strip_articles(form), *bare}
        best: dict[str, float] = {}
        for query in queries:
            if not NEAREST_LENGTH <= len(squeeze(query)) <= _LONGEST_NEAR:
                continue
            for key, score in self._neighbours(query, cutoff - margin):
                best[key] = max(best.get(key, 0.0), score)
        if not best:
            return None
        (key, score), *others = sorted(best.items(), key=lambda item: -item[1])
        clear = score >= cutoff and all(score - other >= margin for _, other in others)
        return self._outlets[key] if key and clear else None

    def _neighbours(self, query: str, cutoff: float) -> Iterator[tuple[str, float]]:
        """Yield (key, similarity) of the names nearest to a query; key "" is an ambiguous alias."""
        near = process.extract(
            query,
            self._bare,
            scorer=OSA.normalized_similarity,
            limit=_NEIGHBOURS,
            score_cutoff=cutoff,
        )
        for choice, score, index in near:
            if _DIGITS.findall(choice) == _DIGITS.findall(query) and is_misspelt(
                query, choice, self._vocabulary
            ):
                yield self._key_of(index), score

    def _key_of(self, index: int) -> str:
        return self._sure.get(squeeze(self._forms[index]), "")

    @cached_property
    def _agency_names(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for outlet in self:
            if outlet.kind in AGENCY_KINDS:
                for alias in outlet.aliases:
                    names.setdefault(self.fold(alias), outlet.key)
        return MappingProxyType(names)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Name without blanks -> folded form, as the first in the file to be so called has it."""
        return {squeeze(form): form for form in reversed(self._forms)}

    @cached_property
    def _bare(self) -> list[str]:
        """Forms without articles, in the order of `_forms`; empty where too short to be near."""
        bare = map(_strip_articles, self._forms)
        return [form if len(squeeze(form)) >= NEAREST_LENGTH else "" for form in bare]

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        """Words that outlets are called by."""
        return frozenset(word for form in self._forms for word in _strip_articles(form).split(" "))

    def _knows(self, form: str) -> bool:
        squeezed = squeeze(form)
        return squeezed in self._sure or squeezed in self._shared

    def _find_named(self, name: str, agency_context: bool) -> _Found:
        form = fold_name(name)
        found = self._pick(form, None, agency_context)
        if found is not None or not form:
            return found or _Found(None)
        for reduced in reduce_name(form):
            found = self._pick(reduced.form, reduced.kinds, agency_context)
            if found is None and reduced.kinds is not None:
                found = self._pick_of_nation(reduced.form, reduced.kinds)
            if found is not None:
                return found
        if _NAME_IS_ADDRESS.match(name.strip()):
            return _Found(self._at(name.strip()))
        return _Found(None)

    def _pick(
        self, form: str, kinds: frozenset[OutletKind] | None, agency_context: bool
    ) -> _Found | None:
        """Look a form up; a noun before it ("صحيفة") is context and tells which kind is meant."""
        squeezed = squeeze(form)
        key = self._sure.get(squeezed)
        if key is not None:
            return _Found(self._outlets[key])
        keys = self._shared.get(squeezed)
        if keys is None:
            return None
        meant = [k for k in keys if kinds is None or self._outlets[k].kind in kinds]
        if len(meant) == 1 and (agency_context or kinds is not None):
            return _Found(self._outlets[meant[0]])
        return _Found(None, tuple(meant) or keys)

    def _pick_of_nation(self, form: str, kinds: frozenset[OutletKind]) -> _Found | None:
        """Resolve "صحيفة الشرق القطرية": the one of that name, kind and country."""
        split = without_nation(form)
        found = self._pick(split[0], kinds, agency_context=True) if split else None
        if split is None or found is None:
            return None
        keys = (found.outlet.key,) if found.outlet else found.rivals
        there = [self._outlets[key] for key in keys if self._outlets[key].country == split[1]]
        return _Found(there[0]) if len(there) == 1 else _Found(None, keys)

    def _find_placed(self, name: str, agency_context: bool) -> _Found | None:
        """Resolve "The Nation (Pakistan)": the one of that name which is from there."""
        placed = split_place(name)
        if placed is None:
            return None
        found = self._find_named(placed[0], agency_context)
        countries = self._places.get(placed[1])
        keys = (found.outlet.key,) if found.outlet else found.rivals
        if countries is None or not keys:
            return found
        there = [key for key in keys if self._outlets[key].country in countries]
        return _Found(self._outlets[there[0]]) if len(there) == 1 else _Found(None, keys)

    @cached_property
    def _places(self) -> Mapping[str, set[str]]:
        return read_places(self)

    def _find_inflected(self, name: str) -> Outlet | None:
        """Find the one outlet whose name this is in another case: `outlet_cases`."""
        keys = {
            key
            for language, words in list_bare_names(name, self._vocabulary)
            if (key := self._sure.get("".join(words))) is not None
            if declines(language, words, self._outlets[key].languages)
        }
        return self._outlets[keys.pop()] if len(keys) == 1 else None

    def _find_at(self, url: str) -> Outlet | None:
        """Find the outlet of an address: longest host first, down to the registrable domain."""
        host, segment = split_url(url)
        domain = registrable(host)
        if domain is None:
            return None
        while len(host) >= len(domain):
            key = self._domains.get(f"{host}/{segment}") or self._domains.get(host)
            if key is not None:
                return self._outlets[key]
            host = host.partition(".")[2]
        return None


def _strip_articles(form: str) -> str:
    return _ARABIC_ARTICLE.sub("", form)


def _refuse_public_suffixes(outlets: Outlets, file: str) -> None:
    for outlet in outlets:
        for domain in outlet.domains:
            if registrable(domain.partition("/")[0]) is None:
                raise RuleInvalid(file, outlet.key, f"{domain} is no domain that can be registered")


@cache
def load_outlets(path: Path | None = None) -> Outlets:
    """Load and check an outlet file (the shipped one by default); remembered per path.

    Raises InputMissing, InputUnreadable, and RuleInvalid for anything `read_outlets` refuses, an
    alias of two outlets that is not marked ambiguous in both, and a domain of two outlets. A file
    of yours also has its domains held against the public-suffix list; for the shipped one the tests
    do that, because reading the list takes longer than all the rest.
    """
    source = path or _PATH
    outlets = Outlets(read_outlets(source), source.name)
    if path is not None:
        _refuse_public_suffixes(outlets, source.name)
    return outlets
