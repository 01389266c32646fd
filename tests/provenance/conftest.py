"""A small press: outlets that a resolver knows, and short ways to write articles that claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dedupe.models import (
    Attribution,
    AttributionKind,
    Claim,
    ClaimRole,
    Match,
    OutletKind,
    Relation,
    Trust,
)
from dedupe.provenance import Carrier, ResolvedOutlet, Verdict, decide_provenance

KNOWN = {
    "Alpha Wire": ResolvedOutlet("alpha", OutletKind.AGENCY, None),
    "Beta Wire": ResolvedOutlet("beta", OutletKind.AGENCY, None),
    "Release Line": ResolvedOutlet("release_line", OutletKind.PRESS_RELEASE_WIRE, None),
    "Gatherer": ResolvedOutlet("gatherer", OutletKind.AGGREGATOR, None),
    "Morning Star": ResolvedOutlet("morning", OutletKind.PUBLISHER, "stars"),
    "Evening Star": ResolvedOutlet("evening", OutletKind.PUBLISHER, "stars"),
    "صحيفة المنارة": ResolvedOutlet("manara", OutletKind.PUBLISHER, None),
    "المنارة": ResolvedOutlet("manara", OutletKind.PUBLISHER, None),
}
START = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
KIND_OF = {
    Trust.AGENCY_CREDIT: AttributionKind.AGENCY_BYLINE,
    Trust.SOURCE_LINE: AttributionKind.SOURCE_LINE,
}


class Press:
    """Builders with hours for times: `published=2` is two hours after the start."""

    def resolve(self, name: str, url: str | None) -> ResolvedOutlet | None:
        by_key = {outlet.key: outlet for outlet in KNOWN.values()}
        by_host = {"alpha.example": by_key["alpha"], "manara.example": by_key["manara"]}
        host = (url or "").partition("://")[2].partition("/")[0].removeprefix("www.")
        return KNOWN.get(name) or by_key.get(name) or by_host.get(host)

    def at(self, hour: float | None) -> datetime | None:
        return None if hour is None else START + timedelta(hours=hour)

    def claim(
        self,
        name: str | None,
        role: ClaimRole = ClaimRole.SOURCE,
        trust: Trust = Trust.NOTICE,
        *,
        sure: float = 0.9,
        kind: AttributionKind | None = None,
        url: str | None = None,
        outlet: str | None = None,
        quote: str = "as written",
    ) -> Claim:
        stated = kind or KIND_OF.get(trust, AttributionKind.REPUBLICATION_NOTICE)
        return Claim(stated, name, url, role, 0, 5, quote, "rule", trust, sure, outlet)

    def credit(self, name: str) -> tuple[Claim, Claim]:
        """A dateline: the agency is both the source and the agency."""
        roles = (ClaimRole.SOURCE, ClaimRole.AGENCY)
        first, second = (self.claim(name, role, Trust.AGENCY_CREDIT) for role in roles)
        return first, second

    def article(
        self,
        id: str,
        outlet: str | None = None,
        *claims: Claim,
        published: float | None = None,
        seen: float | None = None,
        url: str | None = None,
        words: int = 300,
        kind: AttributionKind | None = None,
        itself: bool = False,
    ) -> Carrier:
        attribution = None
        if claims or kind:
            source = next((c.name for c in claims if c.role is ClaimRole.SOURCE), None)
            attribution = Attribution(
                id, kind or claims[0].kind, source, self_reference=itself, claims=claims
            )
        return Carrier(
            id=id,
            outlet=outlet,
            url=url,
            title="title",
            published=self.at(published),
            seen=self.at(seen),
            words=words,
            attribution=attribution,
        )

    def match(
        self, left: str, right: str, relation: Relation = Relation.EDITED, **extra: str
    ) -> Match:
        container, earlier = extra.get("container"), extra.get("earlier")
        return Match(left, right, relation, container, earlier, 0.8, 0.9, 0.9, 0.99)  # type: ignore[arg-type]

    def decide(self, *carriers: Carrier, matches: Sequence[Match] = ()) -> Verdict:
        return decide_provenance(carriers, matches, self.resolve)


@pytest.fixture(scope="session")
def press() -> Press:
    """The builders."""
    return Press()
