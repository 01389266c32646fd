"""Pairs of token sequences -> measurements: what they share, in which order, what fills the gaps.

Shared shingles give exact Jaccard and containments, blocks (`blocks`) the aligned words. Small gaps
between blocks are aligned word by word, because what fills them tells a template from an edited
copy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.blocks import (
    build_table,
    collect_blocks,
    equal_texts,
    order_blocks,
    same_shingles,
    same_word,
)
from dedupe.jit import kernel
from dedupe.limits import PASSAGE_SHINGLES, SMALL_GAP
from dedupe.normalize import FLAG_BITS, HAS_DIGIT, IS_CAPITAL

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
    "number_slots",  # of these, with digits on both sides
    "name_slots",  # of these, capitalised on both sides
    "rare_slots",  # of these, with an uncommon word on both sides
    "slot_left",  # words in slots
    "slot_right",
    "inserted",  # words in small gaps that only one side has
    "deleted",
    "left_only",  # words in large gaps, before and behind all blocks
    "right_only",
    "aligned_numbers",  # words with digits in blocks
    "aligned_rare",  # uncommon words in blocks
    "left_rare",  # uncommon words in all
    "right_rare",
)
_IDENTITY = np.uint32(FLAG_BITS)


@kernel
def _is_rare(token: np.uint32, common: NDArray[np.uint8]) -> bool:
    """Whether the word is in no common-word bucket and is no number."""
    if token & np.uint32(HAS_DIGIT):
        return False
    return bool(common[(token >> _IDENTITY) & np.uint32(len(common) - 1)] == 0)


# long: the walk back through the table and what it counts belong together
@kernel
def _align_gap(  # noqa: C901, PLR0912
    tokens: NDArray[np.uint32],
    left: int,
    left_size: int,
    right: int,
    right_size: int,
    common: NDArray[np.uint8],
    table: NDArray[np.uint8],
    row: NDArray[np.int64],
) -> None:
    """Add to the measurements `row` what a small gap holds: equal words, slots, insertions.

    Longest common subsequence of at most 16 x 16 words in `table` uint8[17, 17].
    """
    for i in range(left_size + 1):
        table[i, 0] = 0
    for j in range(right_size + 1):
        table[0, j] = 0
    for i in range(1, left_size + 1):
        for j in range(1, right_size + 1):
            if same_word(tokens[left + i - 1], tokens[right + j - 1]):
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    i, j = left_size, right_size
    left_run, right_run = 0, 0
    left_seen, right_seen = np.uint32(0), np.uint32(0)
    left_rare, right_rare = False, False
    while True:
        equal = i > 0 and j > 0 and same_word(tokens[left + i - 1], tokens[right + j - 1])
        if equal or (i == 0 and j == 0):
            if left_run and right_run:
                row[9] += 1
                row[10] += 1 if left_seen & right_seen & np.uint32(HAS_DIGIT) else 0
                row[11] += 1 if left_seen & right_seen & np.uint32(IS_CAPITAL) else 0
                row[12] += 1 if left_rare and right_rare else 0
                row[13] += left_run
                row[14] += right_run
            else:
                row[15] += right_run
                row[16] += left_run
            left_run, right_run = 0, 0
            left_seen, right_seen = np.uint32(0), np.uint32(0)
            left_rare, right_rare = False, False
            if not equal:
                return
            row[5] += 1
            if tokens[left + i - 1] & np.uint32(HAS_DIGIT):
                row[19] += 1
            elif _is_rare(tokens[left + i - 1], common):
                row[20] += 1
            i -= 1
            j -= 1
        elif i > 0 and (j == 0 or table[i - 1, j] >= table[i, j - 1]):
            i -= 1
            left_run += 1
            left_seen |= tokens[left + i]
            left_rare = left_rare or _is_rare(tokens[left + i], common)
        else:
            j -= 1
            right_run += 1
            right_seen |= tokens[right + j]
            right_rare = right_rare or _is_rare(tokens[right + j], common)


@kernel
def _count_ahead(
    text: NDArray[np.uint32],
    common: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    rares: NDArray[np.int32],
) -> None:
    """Words with digits and uncommon words before each place: what a block holds of them.

    Counted once a left text, where walking each block did so once a pair.
    """
    numbers[0], rares[0] = 0, 0
    for place in range(len(text)):
        number = 1 if text[place] & np.uint32(HAS_DIGIT) else 0
        numbers[place + 1] = numbers[place] + number
        rares[place + 1] = rares[place] + (1 if _is_rare(text[place], common) else 0)


@kernel
def _replace_word(
    left: np.uint32, right: np.uint32, common: NDArray[np.uint8], row: NDArray[np.int64]
) -> None:
    """What `_align_gap` adds for one word in the place of another: most gaps are that."""
    row[9] += 1
    row[10] += 1 if left & right & np.uint32(HAS_DIGIT) else 0
    row[11] += 1 if left & right & np.uint32(IS_CAPITAL) else 0
    row[12] += 1 if _is_rare(left, common) and _is_rare(right, common) else 0
    row[13] += 1
    row[14] += 1


@kernel
def _measure(
    tokens: NDArray[np.uint32],
    left: int,
    left_end: int,
    right: int,
    right_end: int,
    blocks: NDArray[np.int32],
    count: int,
    kept: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    rares: NDArray[np.int32],
    common: NDArray[np.uint8],
    table: NDArray[np.uint8],
    row: NDArray[np.int64],
) -> None:
    """Fill the measurements of one pair from its blocks, in order of the right text."""
    at_left, at_right = 0, 0
    for index in range(count + 1):
        if index < count:
            start, begin, length = blocks[index]
            if kept[index] == 0:
                continue
        else:
            start, begin, length = left_end - left, right_end - right, 0
        if length:
            row[5] += length
            row[8] += 1
            row[7] = max(row[7], length)
            row[19] += numbers[start + length] - numbers[start]
            row[20] += rares[start + length] - rares[start]
            if kept[index] == 2:
                row[6] += length
                continue  # out of order: the words around it are no gap
        gap_left, gap_right = start - at_left, begin - at_right
        if 0 <= gap_left <= SMALL_GAP and 0 <= gap_right <= SMALL_GAP:
            _align_gap(
                tokens, left + at_left, gap_left, right + at_right, gap_right, common, table, row
            )
        else:
            row[17] += max(0, gap_left)
            row[18] += max(0, gap_right)
        at_left, at_right = start + length, begin + length


# long: set-up of the scratch arrays of one kernel call
@kernel
def align_pairs(
    tokens: NDArray[np.uint32],
    shingles: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    distinct: NDArray[np.int32],
    left_texts: NDArray[np.uint32],
    right_texts: NDArray[np.uint32],
    common: NDArray[np.uint8],
    min_shared: float,
    out: NDArray[np.int32],
) -> None:
    """Measure every pair: `out` int32[n_pairs, len(COLUMNS)], one row a pair.

    `tokens` uint32 as in `Fingerprints`, text t from `firsts[t]` to `lasts[t]` int64[n_texts];
    `shingles` uint32 as `shingle_places` writes them. Pairs sorted by left text are fastest.
    `distinct` int32[n_texts] as `count_distinct` writes it; `common` uint8[power of two] marks
    common words. A pair that shares less than `min_shared` of the smaller text's shingles, and
    fewer than 30, is not aligned: only what it shares and its sizes are filled in.
    """
    longest = 1
    for pair in range(len(left_texts)):
        for text in (left_texts[pair], right_texts[pair]):
            longest = max(longest, lasts[text] - firsts[text])
    capacity = 16
    while capacity < 2 * longest:
        capacity *= 2
    slots = np.zeros(capacity, np.uint64)
    hit = np.zeros(capacity, np.uint32)
    slot_of = np.empty(longest, np.int32)
    following = np.empty(longest, np.int32)
    covered = np.zeros(longest, np.uint32)
    blocks = np.empty((longest, 3), np.int32)
    weight = np.empty(longest, np.int64)
    before = np.empty(longest, np.int32)
    kept = np.empty(longest, np.uint8)
    numbers, rares = np.empty(longest + 1, np.int32), np.empty(longest + 1, np.int32)
    table = np.empty((SMALL_GAP + 1, SMALL_GAP + 1), np.uint8)
    row = np.empty(out.shape[1], np.int64)
    current, mask = -1, 0
    stamp = np.uint32(0)
    for pair in range(len(left_texts)):
        left, left_end = firsts[left_texts[pair]], lasts[left_texts[pair]]
        right, right_end = firsts[right_texts[pair]], lasts[right_texts[pair]]
        if left_texts[pair] != current:
            current = left_texts[pair]
            mask = 15
            while mask + 1 < 2 * (left_end - left):
                mask = 2 * mask + 1
            build_table(shingles[left:left_end], slots, slot_of, following, mask)
            _count_ahead(tokens[left:left_end], common, numbers, rares)
        row[:] = 0
        row[1], row[2] = distinct[left_texts[pair]], distinct[right_texts[pair]]
        row[3], row[4] = left_end - left, right_end - right
        same = equal_texts(tokens[left:left_end], tokens[right:right_end])
        if same and row[1] == row[2] and same_shingles(shingles, left, right, left_end - left):
            row[0], row[5], row[7], row[8] = row[1], row[3], row[3], 1
            for column in range(len(row)):
                out[pair, column] = row[column]
            continue
        stamp += np.uint32(1)
        shared, count = collect_blocks(
            tokens[left:left_end],
            tokens[right:right_end],
            shingles[right:right_end],
            slots,
            slot_of,
            following,
            mask,
            hit,
            covered,
            stamp,
            blocks,
        )
        row[0] = shared
        if same:
            row[5], row[7], row[8] = row[3], row[3], 1
        elif count and (shared >= min_shared * min(row[1], row[2]) or shared >= PASSAGE_SHINGLES):
            order_blocks(blocks, count, weight, before, kept)
            _measure(
                tokens,
                left,
                left_end,
                right,
                right_end,
                blocks,
                count,
                kept,
                numbers,
                rares,
                common,
                table,
                row,
            )
        for column in range(len(row)):
            out[pair, column] = row[column]
