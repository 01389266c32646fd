"""Hand-made results: small, in Arabic and English, with every relation, credit and trust."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from dedupe.models import (
    AttributionKind,
    Claim,
    ClaimRole,
    Cluster,
    ClusterLink,
    Contradiction,
    Credit,
    Evidence,
    Member,
    Provenance,
    Relation,
    Summary,
    Trust,
)
from dedupe.report import ReportOptions, write_report
from dedupe.schemas import load_schema

START = datetime(2026, 3, 4, 8, 15, tzinfo=UTC)


SUMMARY = Summary(
    articles=120,
    rejected=2,
    repeated=1,
    revisions=3,
    warnings=1,
    languages={"ar": 80, "en": 40},
    candidates=900,
    verified=500,
    matches={"identical": 5, "edited": 7},
    clusters=3,
    clustered=9,
    capped_keys=4,
    skipped_keys=1,
    seconds={"read": 0.5, "verify": 1.25},
    config_id="0123456789abcdef",
)


@dataclass(frozen=True)
class Result:
    summary: Summary
    found: Sequence[Cluster]

    def clusters(self) -> Iterator[Cluster]:
        yield from self.found


def make_claim(name: str | None, quote: str, **changes: object) -> Claim:
    claim = Claim(
        AttributionKind.REPUBLICATION_NOTICE, name, None, ClaimRole.SOURCE, 900, 900 + len(quote),
        quote, "ar.republished_from", Trust.NOTICE, 0.97, None,
    )  # fmt: skip
    return replace(claim, **changes)


def make_member(name: str, outlet: str | None, title: str, **changes: object) -> Member:
    member = Member(
        name, outlet, title, START, None, Relation.EDITED, None, 0.81, 0.9, 0.88,
        Credit.UNCREDITED,
    )  # fmt: skip
    return replace(member, **changes)


def make_original(name: str, outlet: str | None, title: str, **changes: object) -> Member:
    alone = dict.fromkeys(("relation", "similarity", "containment_left", "containment_right"))
    return make_member(name, outlet, title, credit=Credit.ORIGINAL, **{**alone, **changes})


def make_arabic_cluster() -> Cluster:
    title = "البلدية تفتتح جسر المشاة الجديد وسط المدينة بعد ثلاث سنوات من العمل"
    quote = "نُشر هذا المقال أولاً في صحيفة الميناء ويعاد نشره بإذن منها"
    members = (
        make_original("minaa-1", "صحيفة الميناء", title),
        make_member(
            "gate-7", "بوابة الساحل", "افتتاح جسر المشاة الجديد وسط المدينة",
            published=START + timedelta(hours=3), credit=Credit.CREDITED,
            attributions=(make_claim("صحيفة الميناء", quote, outlet="minaa"),),
        ),
        make_member(
            "noor-2", "شبكة نور", title, published=START + timedelta(hours=5),
            relation=Relation.IDENTICAL, similarity=1.0, containment_left=1.0,
            containment_right=1.0,
        ),
        make_member(
            "fajr-4", "الفجر 24", "جسر مشاة جديد", published=START + timedelta(days=2, hours=1),
            relation=Relation.EXCERPT, via="noor-2", similarity=0.41, containment_left=0.99,
            containment_right=0.42, credit=Credit.UNCLEAR,
        ),
    )  # fmt: skip
    verdict = Provenance(
        "minaa-1", "minaa", 0.95, ("minaa", "بوابة الساحل"), 1,
        (
            Evidence("notice", "gate-7", "صحيفة الميناء", "minaa", quote, 0.97),
            Evidence("published", "minaa-1", None, None, "2026-03-04T08:15:00Z", 0.4),
        ),
        (Contradiction("fajr-4", "وكالة السهل", None, "names another source"),),
    )  # fmt: skip
    links = (ClusterLink("c-en", Relation.EMBEDS, "noor-2", "wire-9", "other", 0.31),)
    return Cluster("c-ar", 4, members, verdict, links)


def make_english_cluster() -> Cluster:
    title = "Harbour ferries return to full timetable after storm repairs"
    agency = make_claim(
        "Northwire", "(Northwire)", role=ClaimRole.AGENCY, trust=Trust.AGENCY_CREDIT,
        kind=AttributionKind.AGENCY_BYLINE, rule="en.dateline", outlet="northwire",
    )  # fmt: skip
    members = (
        make_member(
            "daily-1", "The Daily Quay", title, credit=Credit.AGENCY, attributions=(agency,),
            relation=None, similarity=None, containment_left=None, containment_right=None,
        ),
        make_member("wire-9", "quaynews.example", title, published=None, seen=START),
        make_member("lake-3", None, "Ferries return", published=None),
    )  # fmt: skip
    verdict = Provenance(
        None, "northwire", 0.7, ("northwire",), 1,
        (Evidence("agency_credit", "daily-1", "Northwire", "northwire", "(Northwire)", 0.8),),
    )  # fmt: skip
    return Cluster("c-en", 3, members, verdict)


def make_unknown_cluster() -> Cluster:
    members = (
        make_original("x-1", "Valley Post", "Mixed title: خبر عاجل and more", published=None),
        make_member("x-2", "Hill Post", "Mixed title", published=None, credit=Credit.UNCLEAR),
    )
    return Cluster("c-unknown", 2, members, Provenance(None, None, 0.0, independent_origins=2))


@pytest.fixture
def unstated() -> Cluster:
    """A cluster of which only the order in time is known."""
    members = (
        make_original("e-1", "Hill Post", "Market opens late"),
        make_member("e-2", "Lake Post", "Market late", published=START + timedelta(hours=1)),
    )
    proof = Evidence("published", "e-1", "Hill Post", None, START.isoformat(), 0.8)
    verdict = Provenance("e-1", "Hill Post", 0.44, evidence=(proof,))
    return Cluster("c-earliest", 2, members, verdict)


@pytest.fixture
def result() -> Result:
    clusters = [make_arabic_cluster(), make_english_cluster(), make_unknown_cluster()]
    return Result(SUMMARY, clusters)


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u202egnp.exe \u2066isolated",
    '=HYPERLINK("http://evil.example","click")',
    "\x1b[31mred\x1b]0;owned\x07",
    "{{ 7*7 }} {% raw %} [bold]markup[/bold]",
    "line one\nline two\r\n\tthree\0",
    "lone \ud800 surrogate",
    "']]>--><!--",
    "م" * 1_000_000,
)


@pytest.fixture
def hostile_result() -> Result:
    clusters = []
    for number, text in enumerate(HOSTILE):
        claim = make_claim(text, text, rule=text, url="javascript:alert(1)")
        members = [
            make_original(f"{number}-{text[:40]}", text, text, attributions=(claim,)),
            make_member(f"{number}-b", f"{text[:50]} b", text, via=text[:60]),
        ]
        evidence = (Evidence(text, text[:80], text, text, text, 0.5),)
        verdict = Provenance(
            members[0].id, text, 0.5, (text,), 1, evidence, (Contradiction(text, text, text, text),)
        )
        links = (ClusterLink(text[:30], Relation.EMBEDS, members[0].id, text[:20], "member", 0.2),)
        cluster_id = f"h{number}-{text[:20]}"
        clusters.append(Cluster(cluster_id, 2, tuple(members), verdict, links))
    summary = replace(SUMMARY, clusters=len(clusters), languages={HOSTILE[0]: 3})
    return Result(summary, clusters)


def _close(schema: object) -> object:
    """The schema with every object of named properties closed: a writer's stray key is found."""
    if isinstance(schema, list):
        return [_close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _close(value) for key, value in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


@pytest.fixture
def check():
    """`check(name, value)`: the value has exactly the published shape."""

    def validate(name: str, value: object) -> None:
        Draft202012Validator(_close(load_schema(name))).validate(value)

    return validate


@pytest.fixture
def render():
    """`render(result, form, **options)` -> the bytes a writer gives."""

    def write(result: Result, form: str, **options: object) -> bytes:
        out = io.BytesIO()
        write_report(result, form, out, ReportOptions(**options))
        return out.getvalue()

    return write
