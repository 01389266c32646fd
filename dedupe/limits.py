"""Numbers that decide what a pair is to each other, in one place: they are part of `config_id`.

A match is a function of two texts and the configuration. These values are no options, but another
value gives another verdict, so matches made under other values must never be compared with ours.
"""

from __future__ import annotations

import hashlib

__all__ = [
    "CHAIN_STEPS",
    "FILLED",
    "FILLED_EDITS",
    "FILLED_REST",
    "FILLED_SLOTS",
    "FILLED_WORDS",
    "FRAME",
    "LEAST_WORDS",
    "MIN_SHARED",
    "MOST",
    "MOVED_MIN",
    "PASSAGE_KEYS",
    "PASSAGE_SHINGLES",
    "PASSAGE_WORDS",
    "PREFILTER_KEYS",
    "PREFILTER_SHARE",
    "SMALL_GAP",
    "WHOLLY",
    "limits_version",
]

PREFILTER_KEYS = 10
"""Fewest passage keys of the smaller article at which the prefilter decides anything."""
PREFILTER_SHARE = 0.05
"""Least share of them that the other article must hold (docs/decisions/0003)."""
PASSAGE_KEYS = 5
"""Shared passage keys (some 35 words) that are worth aligning however long the articles are."""
MIN_SHARED = 0.18
"""Least share of the smaller text's shingles at which a pair is aligned (docs/decisions/0035)."""
PASSAGE_SHINGLES = 30
"""Shared shingles (some 32 words) that are worth aligning however long the texts are."""
SMALL_GAP = 16
"""Words on either side up to which a gap between blocks is aligned word by word."""
MOVED_MIN = 8
"""Words; a shorter block out of order is a common phrase, not a moved passage."""
CHAIN_STEPS = 16
"""Occurrences of a shingle tried for an anchor: bounds hostile repetition."""
MOST = 0.5
"""The share of words meant by "most" and "at least half" in the definitions of the relations."""
WHOLLY = 0.9
"""The share of words meant by "almost wholly" for the smaller text of an excerpt."""
FRAME = 0.3
"""Least share of the larger text in a common frame for a template."""
PASSAGE_WORDS = 8
"""Words in the shortest verbatim passage that makes two texts `partial`."""
FILLED = 1 << 62
"""The bit of `matching.Judged.slot_places` that says: the two differ in little else."""
FILLED_SLOTS = 8
"""Most slots of a pair that may be of one frame with a third text (docs/decisions/0058)."""
FILLED_WORDS = 200
"""Aligned words a slot in such a pair: an article with one word changed is no frame."""
FILLED_EDITS = 5
"""Most words inserted or deleted within such a pair: what fills a frame replaces."""
FILLED_REST = 0.1
"""Most words of large gaps, heads and tails in such a pair, as a share of those aligned."""
LEAST_WORDS = 8
"""Words below which anything but equality says nothing."""


def limits_version() -> str:
    """16 hex digits of SHA-256 over the names and values above."""
    values = [f"{name}={value!r}" for name, value in sorted(globals().items()) if name.isupper()]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]
