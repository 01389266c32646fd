"""Labelled data -> clusters whose origin is known, ready for a verdict.

Members are given, so that clustering plays no part. Claims come from the labels, from the
extractor, or are kept back; times are as written, or spoilt on purpose.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT
from benchmarks.quality.session import read_rows
from benchmarks.quality.synthetic import read_truth
from dedupe.attribution import load_extractor
from dedupe.attribution.outlets import load_outlets
from dedupe.models import (
    Article,
    Attribution,
    AttributionKind,
    Claim,
    ClaimRole,
    Match,
    Relation,
    Side,
    Trust,
)
from dedupe.provenance import Carrier, ResolvedOutlet

__all__ = ["Case", "demonstration", "known_outlet", "spoil", "synthetic"]

SEEDS = ROOT / "seeds"
_QUIET_KINDS = (AttributionKind.AGENCY_BYLINE, AttributionKind.SOURCE_LINE)


@dataclass(frozen=True)
class Case:
    """A cluster and where its text comes from: an article of it, or an outlet outside of it."""

    carriers: tuple[Carrier, ...]
    matches: tuple[Match, ...]
    article: str | None
    outlet: str | None
    credits: dict[str, str]


def known_outlet(name: str, url: str | None) -> ResolvedOutlet | None:
    """Resolve a name or a key with the outlets that ship with the package."""
    outlets = load_outlets()
    outlet = outlets[name] if name in outlets else outlets.resolve(name, url)
    return ResolvedOutlet(outlet.key, outlet.kind, outlet.family) if outlet else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _claim(kind: str, name: str | None, role: ClaimRole, trust: Trust | None = None) -> Claim:
    stated = AttributionKind(kind)
    if trust is None:
        trust = Trust.NOTICE
        if stated in _QUIET_KINDS:
            trust = Trust.SOURCE_LINE if stated is _QUIET_KINDS[1] else Trust.AGENCY_CREDIT
    sure = 0.6 if trust is Trust.SOURCE_LINE else 0.9
    outlet = load_outlets().resolve(name, None, agency_context=True) if name else None
    key = outlet.key if outlet else None
    return Claim(stated, name, None, role, None, None, name or "", "label", trust, sure, key)


def _labelled(row: dict[str, Any]) -> Attribution | None:
    """The attribution that a reader without mistakes would make of an article."""
    label, declared = row["attribution"], row["declared"]
    kind, source = label["kind"], label["original_source"]
    claims = [] if kind == "none" else [_claim(kind, source, ClaimRole.SOURCE)]
    role = ClaimRole.CONTRIBUTOR if "contribution" in row["tags"] else ClaimRole.AGENCY
    if role is ClaimRole.CONTRIBUTOR:
        claims = []
    claims += [_claim(kind, name, ClaimRole.VIA) for name in label["via"]]
    claims += [_claim(kind, name, role) for name in label["agencies"]]
    if declared:
        trust = Trust(declared["trust"])
        claims.append(_claim("source_line", declared["name"], ClaimRole.SOURCE, trust))
    if not claims:
        return None
    return Attribution(
        row["id"],
        AttributionKind(kind),
        original_source=source,
        self_reference=label["self_reference"],
        claims=tuple(claims),
    )


def demonstration(claims: str) -> list[Case]:
    """Stories of two articles or more of the demonstration corpus, with relations as labelled.

    `claims`: `labels`, `engine` or `silent`.
    """
    texts = {row["id"]: row for row in read_rows(SEEDS / "demo.jsonl")}
    stories: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_rows(SEEDS / "gold" / "articles.jsonl"):
        stories[row["story"]].append(row)
    pairs = list(read_rows(SEEDS / "gold" / "pairs.jsonl"))
    cases = []
    for rows in stories.values():
        if len(rows) < 2:
            continue
        carriers = tuple(_carrier(texts[row["id"]], row, claims) for row in rows)
        ids = {row["id"] for row in rows}
        matches = tuple(
            _match(p["left"], p["right"], p["relation"], p["container"], p["earlier"])
            for p in pairs
            if p["left"] in ids and p["right"] in ids and Relation(p["relation"]).unites
        )
        origin = rows[0]["origin"]
        credits = {row["id"]: row["credit"] for row in rows}
        cases.append(Case(carriers, matches, origin["article"], origin["outlet"], credits))
    return cases


def _carrier(text: dict[str, Any], row: dict[str, Any], claims: str) -> Carrier:
    attribution = _labelled(row) if claims == "labels" else None
    if claims == "engine":
        article = Article(
            text["id"], text["outlet"], text["url"], text["title"], text["body"], text["lang"],
            authors=tuple(text.get("authors", ())), metadata=text.get("metadata", {}),
        )  # fmt: skip
        (attribution,) = load_extractor().extract([article])
    return Carrier(
        text["id"], text["outlet"], text["url"], text["title"], _moment(text.get("published")),
        _moment(text.get("modified")), _moment(text.get("seen")), len(text["body"].split()),
        attribution,
    )  # fmt: skip


def _match(
    left: str, right: str, relation: str, container: Side | None, earlier: Side | None
) -> Match:
    return Match(left, right, Relation(relation), container, earlier, 0.9, 0.9, 0.9, 0.99)


def synthetic(folder: Path) -> list[Case]:
    """Planted clusters; copies with a disclaimer name the host of the true original."""
    truth = read_truth(folder / "truth.tsv")
    members: dict[str, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for row in read_rows(folder / "articles.jsonl"):
        cluster, kind = truth[row["id"]]
        if kind not in ("single", "hardneg"):
            members[cluster].append((row, kind))
    return [_plant(rows) for rows in members.values()]


def _plant(rows: Sequence[tuple[dict[str, Any], str]]) -> Case:
    original = next(row for row, kind in rows if kind == "orig")
    length = len(original["body"].split())
    carriers, matches = [], []
    for row, kind in rows:
        words = len(row["body"].split())
        attribution = None
        if "disclaimer" in kind:
            claim = _claim("republication_notice", original["source"], ClaimRole.SOURCE)
            attribution = Attribution(row["id"], claim.kind, claim.name, claims=(claim,))
        if kind in ("truncated", "embedded"):
            left, right = sorted((row["id"], original["id"]))
            longer = row["id"] if words > length else original["id"]
            side: Side = "left" if longer == left else "right"
            matches.append(_match(left, right, "excerpt", side, None))
        carriers.append(
            Carrier(
                row["id"],
                row["source"],
                row["url"],
                "",
                _moment(row["published"]),
                words=words,
                attribution=attribution,
            )
        )
    return Case(tuple(carriers), tuple(matches), original["id"], original["source"], {})


def _silence(case: Case, rng: random.Random) -> Case:
    return replace(case, carriers=tuple(replace(c, attribution=None) for c in case.carriers))


def _forget_times(case: Case, rng: random.Random) -> Case:
    carriers = (replace(c, published=None, seen=None) for c in case.carriers)
    return replace(case, carriers=tuple(carriers))


def _round_times(case: Case, rng: random.Random) -> Case:
    """Dates without a time of day, as many pages give them."""
    carriers = (
        replace(
            c, published=c.published.replace(hour=0, minute=0, second=0) if c.published else None
        )
        for c in case.carriers
    )
    return replace(case, carriers=tuple(carriers))


def _date_back(case: Case, rng: random.Random) -> Case:
    """One copy claims to be a day older than all; all were seen within minutes of publication."""
    copies = [c.id for c in case.carriers if c.id != case.article]
    liar = rng.choice(copies)
    first = min(c.published for c in case.carriers if c.published)
    carriers = []
    for carrier in case.carriers:
        seen = carrier.published and carrier.published + timedelta(seconds=rng.randrange(30, 600))
        said = first - timedelta(days=1) if carrier.id == liar else carrier.published
        carriers.append(replace(carrier, seen=seen, published=said))
    return replace(case, carriers=tuple(carriers))


def _lose_original(case: Case, rng: random.Random) -> Case:
    """The original is not in the corpus."""
    carriers = tuple(c for c in case.carriers if c.id != case.article)
    return replace(case, carriers=carriers, article=None)


def _mislead(case: Case, rng: random.Random) -> Case:
    """One claim in ten names another member's outlet."""
    names = [c.outlet for c in case.carriers if c.outlet]
    carriers = []
    for carrier in case.carriers:
        attribution = carrier.attribution
        if attribution is not None and rng.random() < 0.1:
            wrong = replace(attribution.claims[0], name=rng.choice(names), outlet=None)
            attribution = replace(attribution, original_source=wrong.name, claims=(wrong,))
        carriers.append(replace(carrier, attribution=attribution))
    return replace(case, carriers=tuple(carriers))


_SPOILERS: dict[str, Sequence[Callable[[Case, random.Random], Case]]] = {
    "as written": (),
    "silent": (_silence,),
    "silent, one copy back-dated, seen known": (_date_back, _silence),
    "silent, dates without time": (_round_times, _silence),
    "silent, no times": (_forget_times, _silence),
    "one copy back-dated, seen known": (_date_back,),
    "no times": (_forget_times,),
    "one claim in ten wrong": (_mislead,),
    "original outside": (_lose_original,),
    "original outside, silent": (_lose_original, _silence),
}


def spoil(cases: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    """The same clusters under conditions that are worse, each with its name."""
    for name, steps in _SPOILERS.items():
        rng = random.Random(name)
        spoilt = []
        for case in cases:
            worse = case
            for step in steps:
                worse = step(worse, rng)
            if len(worse.carriers) > 1:
                spoilt.append(worse)
        yield name, spoilt
