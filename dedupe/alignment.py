"""Pairs of token sequences -> measurements: what they share, in which order, what fills the gaps.

Shared shingles give exact Jaccard and containments, blocks (`blocks`) the aligned words. Small gaps
between blocks are aligned word by word, because what fills them tells a template from an edited
copy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.blocks import (
    collect_blocks,
    equal_texts,
    order_blocks,
    same_shingles,
    same_word,
)
from dedupe.jit import inner_kernel, kernel
from dedupe.limits import PASSAGE_SHINGLES, SMALL_GAP
from dedupe.shinglemap import build_table, sieve_size
from dedupe.slots import (
    AHEAD,
    REMEMBERED,
    align_gap,
    count_ahead,
    kind_of,
    mark_place,
    replace_word,
)

__all__ = ["COLUMNS", "align_pairs"]

COLUMNS = (
    "shared",  # distinct shingles in both
    "left_shingles",  # distinct
    "right_shingles",
    "left_words",
    "right_words",
    "aligned",  # words of the alignment, the same number on both sides
    "moved",  # of these, in blocks out of order
    "longest",  # words in the longest block
    "blocks",
    "slots",  # small gaps with unequal words on both sides
    "number_slots",  # of these, with digits or number words on both sides
    "name_slots",  # of these, with an uncommon capitalised word on both sides
    "rare_slots",  # of these, with an uncommon word on both sides
    "slot_left",  # words in slots
    "slot_right",
    "inserted",  # words in small gaps that only one side has
    "deleted",
    "left_only",  # words in large gaps, before and behind all blocks
    "right_only",
    "aligned_numbers",  # words with digits in blocks
    "aligned_rare",  # uncommon words in blocks
    "date_slots",  # slots with a weekday or month on both sides
    "title_slots",  # with a title before them and none on either side
    "told_slots",  # slots of at least one of these: numbers, dates, titles
    "repeated_slots",  # slots that replace what an earlier slot replaced by the same words
    "aligned_names",  # uncommon capitalised words in blocks
    "aligned_dates",  # weekdays and months in blocks
    "aligned_titles",  # uncommon words in blocks with a title before them
    "mixed_slots",  # with a number or date on one side, uncommon words on the other
    "proper_slots",  # of two words and more on both sides, all with a capital
    "given_slots",  # that begin with a given name on both sides, or stand behind one
    "phrase_slots",  # of two words and more on both sides with an uncommon one, in no capitals
    "places_low",  # a bit for each word beside a slot of numbers, dates or uncommon words: 31 bits
    "places_high",  # 31 more
)


# long: one walk over the blocks and the gaps between them
@inner_kernel
def _measure(
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    own: NDArray[np.int16],
    blocks: NDArray[np.int32],
    count: int,
    kept: NDArray[np.uint8],
    ahead: NDArray[np.int32],
    kinds: NDArray[np.uint8],
    table: NDArray[np.uint64],
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """Fill the measurements of one pair from its blocks, in order of the right text."""
    at_left, at_right = 0, 0
    for index in range(count + 1):
        if index < count:
            if kept[index] == 0:
                continue
            start, begin, length = blocks[index, 0], blocks[index, 1], blocks[index, 2]
        else:
            start, begin, length = len(left), len(right), 0
        if length:
            row[5] += length
            row[8] += 1
            row[7] = max(row[7], length)
            end = start + length
            row[19] += ahead[end, 0] - ahead[start, 0]
            row[20] += ahead[end, 1] - ahead[start, 1]
            row[25] += ahead[end, 2] - ahead[start, 2]
            row[26] += ahead[end, 3] - ahead[start, 3]
            row[27] += ahead[end, 4] - ahead[start, 4]
            if kept[index] == 2:
                row[6] += length
                continue  # out of order: the words around it are no gap
        gap_left, gap_right = start - at_left, begin - at_right
        if 0 <= gap_left <= SMALL_GAP and 0 <= gap_right <= SMALL_GAP:
            known = at_left > 0 and at_right > 0
            before = int(np.int64(own[at_left - 1])) if known else 0
            behind = int(np.int64(own[start])) if length else 0
            single = gap_left == 1 and gap_right == 1
            if single and not same_word(left[at_left], right[at_right]):  # most gaps are that
                one, other = int(np.int64(own[at_left])), kind_of(right[at_right], kinds)
                words = left[at_left], right[at_right]
                replace_word(*words, one, other, before, behind, seen, row)
                mark_place(left, own, at_left, at_left + 1, one & other, row)
            elif gap_left or gap_right:
                align_gap(
                    left,
                    own,
                    at_left,
                    gap_left,
                    right,
                    at_right,
                    gap_right,
                    before,
                    behind,
                    kinds,
                    table,
                    seen,
                    row,
                )
        else:
            row[17] += max(0, gap_left)
            row[18] += max(0, gap_right)
        at_left, at_right = start + length, begin + length


# long: set-up of the scratch arrays of one kernel call
@kernel
def align_pairs(  # noqa: PLR0915
    tokens: NDArray[np.uint32],
    shingles: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    shingle_firsts: NDArray[np.int64],
    distinct: NDArray[np.int32],
    left_texts: NDArray[np.uint32],
    right_texts: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    min_shared: float,
    out: NDArray[np.int32],
) -> None:
    """Measure every pair: `out` int32[n_pairs, len(COLUMNS)], one row a pair.

    `tokens` uint32 as in `Fingerprints`, text t from `firsts[t]` to `lasts[t]` int64[n_texts];
    `shingles` uint32 as `shingle_places` writes them, those of text t from `shingle_firsts[t]` on.
    Pairs sorted by left text are fastest. `distinct` int32[n_texts] as `count_distinct` writes it;
    `kinds` as `lexicon` makes them. A pair that shares less than `min_shared` of the smaller text's
    shingles, and fewer than 30, is not aligned: only what it shares and its sizes are filled in.
    """
    longest = 1
    for pair in range(len(left_texts)):
        for text in (left_texts[pair], right_texts[pair]):
            longest = max(longest, lasts[text] - firsts[text])
    capacity = 16
    while capacity < 2 * longest:
        capacity *= 2
    slots = np.zeros(capacity, np.uint64)
    sieve = np.empty(sieve_size(capacity - 1), np.uint64)
    hit = np.zeros(longest, np.uint32)
    first_of = np.empty(longest, np.uint32)
    following = np.empty(longest, np.int32)
    covered = np.zeros(longest, np.uint32)
    blocks = np.empty((longest, 3), np.int32)
    weight = np.empty(longest, np.int64)
    before = np.empty(longest, np.int32)
    kept = np.empty(longest, np.uint8)
    ahead = np.empty((longest + 1, AHEAD), np.int32)
    own = np.empty(longest, np.int16)
    table = np.empty((SMALL_GAP + 1, 2), np.uint64)
    seen = np.empty(REMEMBERED, np.uint64)
    row = np.empty(out.shape[1], np.int64)
    current, mask = -1, 0
    stamp = np.uint32(0)
    for pair in range(len(left_texts)):
        one, other = left_texts[pair], right_texts[pair]
        left = tokens[firsts[one] : lasts[one]]
        right = tokens[firsts[other] : lasts[other]]
        start, begin = shingle_firsts[one], shingle_firsts[other]
        left_shingles = shingles[start : start + len(left)]
        right_shingles = shingles[begin : begin + len(right)]
        if one != current:
            current = one
            mask = 15
            while mask + 1 < 2 * len(left):
                mask = 2 * mask + 1
            build_table(left_shingles, slots, sieve, first_of, following, mask)
            count_ahead(left, kinds, own, ahead)
        row[:] = 0
        row[1], row[2] = distinct[one], distinct[other]
        row[3], row[4] = len(left), len(right)
        same = equal_texts(left, right)
        if same and row[1] == row[2] and same_shingles(left_shingles, right_shingles):
            row[0], row[5], row[7], row[8] = row[1], row[3], row[3], 1
        else:
            stamp += np.uint32(1)
            row[0], count = collect_blocks(
                left,
                right,
                left_shingles,
                right_shingles,
                slots,
                sieve,
                first_of,
                following,
                mask,
                hit,
                covered,
                stamp,
                blocks,
            )
            enough = row[0] >= min_shared * min(row[1], row[2]) or row[0] >= PASSAGE_SHINGLES
            if same:
                row[5], row[7], row[8] = row[3], row[3], 1
            elif count and enough:
                order_blocks(blocks, count, weight, before, kept)
                _measure(left, right, own, blocks, count, kept, ahead, kinds, table, seen, row)
        for column in range(len(row)):
            out[pair, column] = row[column]
