"""Measurements of aligned pairs -> what the verifier looks at, named.

Coverage, the mean length of blocks and that of the longest speak for copying. What fills the slots
of the common frame speaks against it: numbers, dates and names, several of them, close together,
and few of the same kinds left as they were. How many slots there are, the share of the longest
block and what was inserted may speak either way: many short gaps are an editor's, one long run may
be a passage that another story uses again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.alignment import COLUMNS
from dedupe.limits import MOST, WHOLLY

__all__ = ["FEATURES", "measure_features"]

_COLUMN = {name: index for index, name in enumerate(COLUMNS)}

FEATURES = (
    "cover",  # share of the smaller text's words that are aligned
    "most",  # how near the pair is to what copying means: half of both texts, or the smaller wholly
    "log_longest",  # words in the longest block
    "longest_share",
    "slots",  # places where words were replaced, per aligned word
    "number_change",  # share of numbers in the common frame that differ
    "insdel",  # words inserted or deleted in place, per aligned word
    "moved",  # share of aligned words out of order
    "log_run",  # mean length of a block
    "name_slots",  # share of slots with capitalised words, beyond that of the text
    "told_slots",  # share of slots with numbers, dates, or a title before them
    "date_slots",
    "told_share",  # several slots of names, numbers or dates, and few of these left as they were
    "told_density",  # how close together those slots are
    "frame",  # many numbers, most of them changed
    "same_length",  # replacements keep their length: a frame being filled in
    "all_filled",  # several slots, and what they hold is all that differs and all that was told
    "in_slots",  # share of the differing words that stand in replacements
    "untouched",  # 1 where what copying means is met and no gap within is filled
)


_ENOUGH = 1.2  # beyond a fifth more than the definition asks for, more says nothing


# long: each feature is a line or two, in the order of FEATURES
def measure_features(measures: NDArray[np.int32]) -> NDArray[np.float64]:
    """What the verifier looks at, from the measurements: float64[n, len(FEATURES)].

    Constants added to denominators keep a handful of words from looking like a rate. Names and
    uncommon words in slots count only beyond what the rest of the text leads to expect: German
    writes every noun with a capital. What stands in slots counts by how much of the same kind was
    changed: an editor puts two values right and keeps ten, another event keeps hardly any.
    """

    def column(name: str) -> NDArray[np.float64]:
        return measures[:, _COLUMN[name]].astype(np.float64)

    aligned, slots = column("aligned"), column("slots")
    left, right = column("left_words"), column("right_words")
    smaller, larger = np.maximum(1, np.minimum(left, right)), np.maximum(1, np.maximum(left, right))
    numbers = column("number_slots")
    changed = numbers / (numbers + column("aligned_numbers") + 1)
    edits = column("inserted") + column("deleted")
    slot_left, slot_right = column("slot_left"), column("slot_right")
    even = np.minimum(slot_left, slot_right) / (np.maximum(slot_left, slot_right) + edits + 5)
    replaced = slot_left + slot_right
    in_slots = replaced / (replaced + edits + column("left_only") + column("right_only") + 5)
    words = np.maximum(1, aligned)
    capitals = np.minimum(1, 1.5 * column("aligned_names") / words)
    names = np.maximum(0, column("name_slots") - slots * capitals)
    names = np.maximum(names, column("proper_slots"))
    # a phrase of uncommon words is a name about half of the time: editors rephrase too
    persons = column("given_slots") + column("phrase_slots") / 2
    names = np.minimum(slots, names + persons)
    told = column("told_slots")
    filled = told + names + column("repeated_slots") + column("mixed_slots")
    filled = np.minimum(slots, filled)
    kept = column("aligned_numbers") + column("aligned_dates") + column("aligned_titles")
    share = filled / (filled + kept + 1)
    weight = np.minimum(1, 4 * share * share)
    more = np.maximum(0, filled - 1)  # one value put right is a correction, not another event
    several = np.minimum(more, 3) / 3
    of_slots = weight / (slots + 2)
    most = np.maximum(aligned / larger / MOST, aligned / smaller / WHOLLY)
    return np.stack(
        [
            aligned / smaller,
            np.minimum(_ENOUGH, most),
            np.log1p(np.minimum(column("longest"), 200)),
            column("longest") / smaller,
            slots / (aligned + 20),
            changed,
            edits / (aligned + 20),
            column("moved") / words,
            np.log1p(np.minimum(aligned / np.maximum(1, column("blocks")), 100)),
            np.minimum(names, more) * of_slots,
            np.minimum(told, more) * of_slots,
            np.minimum(column("date_slots"), more) * of_slots,
            several * in_slots * share,
            np.minimum(1, 20 * more / (aligned + 20)),
            np.log1p(np.minimum(numbers, 20)) * changed * weight,
            np.minimum(slots, 10) / 10 * even,
            np.minimum(1, more) * (filled / np.maximum(1, slots)) ** 2 * weight * in_slots,
            in_slots,
            (most >= 1) & (slots + edits == 0),
        ],
        axis=1,
    )
