"""What has to be reached: section -> measure -> bound. The floors of the tests are another file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """A lowest or a highest value."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether `value` keeps within the bound."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        low = f"≥ {self.at_least}" if self.at_least is not None else ""
        return low + (f"≤ {self.at_most}" if self.at_most is not None else "")


_EDITS = (
    "ar_ortho",
    "boilerplate",
    "disclaimer",
    "edited",
    "embedded",
    "exact",
    "headline",
    "reordered",
    "style",
    "truncated",
    "two edits",
)

TARGETS: dict[str, dict[str, Bound]] = {
    "synthetic": {
        "F1": Bound(at_least=0.98),
        "hard negatives united": Bound(at_most=0.005),
        **{f"found: {edit}": Bound(at_least=0.95) for edit in _EDITS},
    },
    "stability": {
        "same clusters, input shuffled": Bound(at_least=1),
        "same clusters, --jobs 1 and 2": Bound(at_least=1),
    },
    "saudinewsnet": {
        "recall, containment ≥ 0.5": Bound(at_least=0.97),
        "D flagged as copying": Bound(at_least=15),
        "candidate recall, containment ≥ 0.3": Bound(at_least=0.99),
        "same agency in copying pairs across outlets": Bound(at_least=0.97),
        "C flagged as copying": Bound(at_least=6),
        "T flagged as copying": Bound(at_most=1),
    },
    "seed": {
        "kind is republication_notice": Bound(at_least=1),
        "source is the original outlet": Bound(at_least=1),
        "republisher is the carrier": Bound(at_least=1),
        "cited agency kept out": Bound(at_least=1),
    },
}
