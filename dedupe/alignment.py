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
from dedupe.lexicon import COMMON, DATE, NUMBER, TITLE
from dedupe.limits import PASSAGE_SHINGLES, SMALL_GAP
from dedupe.normalize import FLAG_BITS, HAS_DIGIT, IS_CAPITAL, IS_UNSPACED

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
)
_IDENTITY = np.uint32(FLAG_BITS)


_DIGIT = np.uint32(HAS_DIGIT)
_CAPITAL = np.uint32(IS_CAPITAL)
_PLAIN_KINDS = COMMON | DATE | NUMBER
_NAME, _RARE = (
    16,
    32,
)  # beside the bits of `lexicon`: an uncommon word with a capital, any uncommon word
_LETTER = 64  # of a script without spaces, where the title stands behind the name
_REMEMBERED = 32  # replacements of a pair that are remembered to see them again
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, vol. 3, 6.4)


@kernel
def _kind_of(token: np.uint32, kinds: NDArray[np.uint8]) -> int:
    """Bits of what a word names: those of `lexicon`, uncommon, a name."""
    kind = int(kinds[(token >> _IDENTITY) & np.uint32(len(kinds) - 1)])
    if token & _DIGIT:
        return NUMBER | (kind & TITLE)
    if token & np.uint32(IS_UNSPACED):
        kind |= _LETTER
    if kind & _PLAIN_KINDS == 0:
        kind |= _RARE | _NAME if token & _CAPITAL else _RARE
    return kind


@kernel
def _count_aligned(kind: int, row: NDArray[np.int64]) -> None:
    """Add an aligned word to the counts of numbers, uncommon words and names."""
    if kind & NUMBER:
        row[19] += 1
    elif kind & _RARE:
        row[20] += 1
    if kind & _NAME:
        row[25] += 1


@kernel
def _count_slot(
    left_kinds: int,
    right_kinds: int,
    before: int,
    after: int,
    replacement: np.uint64,
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """Add a slot, by the kinds of its words and of the words before and after it."""
    both = left_kinds & right_kinds
    # where titles themselves are replaced, an editor has cut honours: no other person
    honours = (left_kinds | right_kinds) & TITLE != 0
    beside = after if both & _LETTER else before
    titled = beside & TITLE != 0 and not honours
    repeated = False
    for index in range(min(row[9], _REMEMBERED)):
        repeated = repeated or seen[index] == replacement
    repeated = repeated and not honours
    if row[9] < _REMEMBERED:
        seen[row[9]] = replacement
    row[9] += 1
    row[10] += both & NUMBER != 0
    row[11] += both & _NAME != 0
    row[12] += both & _RARE != 0
    row[21] += both & DATE != 0
    row[22] += titled
    row[23] += titled or both & (NUMBER | DATE) != 0
    row[24] += repeated


# long: the walk back through the table and what it counts belong together
@kernel
def _align_gap(  # noqa: PLR0912
    tokens: NDArray[np.uint32],
    left: int,
    left_size: int,
    right: int,
    right_size: int,
    before: int,
    behind: int,
    kinds: NDArray[np.uint8],
    table: NDArray[np.uint8],
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """Add to the measurements `row` what a small gap holds: equal words, slots, insertions.

    Longest common subsequence of at most 16 x 16 words in `table` uint8[17, 17]; `before` and
    `behind` are the kinds of the words around the gap.
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
    left_kinds, right_kinds = 0, 0
    left_words, right_words = np.uint64(0), np.uint64(1)
    after = behind
    while True:
        equal = i > 0 and j > 0 and same_word(tokens[left + i - 1], tokens[right + j - 1])
        if equal or (i == 0 and j == 0):
            kind = _kind_of(tokens[left + i - 1], kinds) if equal else before
            if left_run and right_run:
                replacement = left_words * _SPREAD ^ right_words
                _count_slot(left_kinds, right_kinds, kind, after, replacement, seen, row)
                row[13] += left_run
                row[14] += right_run
            else:
                row[15] += right_run
                row[16] += left_run
            left_run, right_run = 0, 0
            left_kinds, right_kinds = 0, 0
            left_words, right_words = np.uint64(0), np.uint64(1)
            if not equal:
                return
            row[5] += 1
            _count_aligned(kind, row)
            after = kind
            i -= 1
            j -= 1
        elif i > 0 and (j == 0 or table[i - 1, j] >= table[i, j - 1]):
            i -= 1
            left_run += 1
            left_kinds |= _kind_of(tokens[left + i], kinds)
            left_words = left_words * _SPREAD + np.uint64(tokens[left + i] >> _IDENTITY)
        else:
            j -= 1
            right_run += 1
            right_kinds |= _kind_of(tokens[right + j], kinds)
            right_words = right_words * _SPREAD + np.uint64(tokens[right + j] >> _IDENTITY)


@kernel
def _count_ahead(
    text: NDArray[np.uint32], kinds: NDArray[np.uint8], ahead: NDArray[np.int32]
) -> None:
    """Numbers, uncommon words and names before each place: `ahead` int32[len(text) + 1, 3].

    What a block holds of them is a difference of two rows. Counted once a left text, where walking
    each block did so once a pair.
    """
    ahead[0, 0], ahead[0, 1], ahead[0, 2] = 0, 0, 0
    for place in range(len(text)):
        kind = _kind_of(text[place], kinds)
        number = kind & NUMBER != 0
        ahead[place + 1, 0] = ahead[place, 0] + number
        ahead[place + 1, 1] = ahead[place, 1] + (kind & _RARE != 0 and not number)
        ahead[place + 1, 2] = ahead[place, 2] + (kind & _NAME != 0)


@kernel
def _replace_word(
    left: np.uint32,
    right: np.uint32,
    before: int,
    behind: int,
    kinds: NDArray[np.uint8],
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """What `_align_gap` adds for one word in the place of another."""
    replacement = np.uint64(left >> _IDENTITY) * _SPREAD ^ (_SPREAD + np.uint64(right >> _IDENTITY))
    _count_slot(
        _kind_of(left, kinds), _kind_of(right, kinds), before, behind, replacement, seen, row
    )
    row[13] += 1
    row[14] += 1


# long: one walk over the blocks and the gaps between them
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
    ahead: NDArray[np.int32],
    kinds: NDArray[np.uint8],
    table: NDArray[np.uint8],
    seen: NDArray[np.uint64],
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
            end = start + length
            row[19] += ahead[end, 0] - ahead[start, 0]
            row[20] += ahead[end, 1] - ahead[start, 1]
            row[25] += ahead[end, 2] - ahead[start, 2]
            if kept[index] == 2:
                row[6] += length
                continue  # out of order: the words around it are no gap
        gap_left, gap_right = start - at_left, begin - at_right
        if 0 <= gap_left <= SMALL_GAP and 0 <= gap_right <= SMALL_GAP:
            begin_left, begin_right = left + at_left, right + at_right
            known = at_left > 0 and at_right > 0
            before = _kind_of(tokens[begin_left - 1], kinds) if known else 0
            behind = _kind_of(tokens[left + start], kinds) if length else 0
            single = gap_left == 1 and gap_right == 1
            if single and not same_word(tokens[begin_left], tokens[begin_right]):
                one, other = tokens[begin_left], tokens[begin_right]
                _replace_word(one, other, before, behind, kinds, seen, row)  # most gaps are that
            elif gap_left or gap_right:
                _align_gap(
                    tokens,
                    begin_left,
                    gap_left,
                    begin_right,
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
def align_pairs(
    tokens: NDArray[np.uint32],
    shingles: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    distinct: NDArray[np.int32],
    left_texts: NDArray[np.uint32],
    right_texts: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    min_shared: float,
    out: NDArray[np.int32],
) -> None:
    """Measure every pair: `out` int32[n_pairs, len(COLUMNS)], one row a pair.

    `tokens` uint32 as in `Fingerprints`, text t from `firsts[t]` to `lasts[t]` int64[n_texts];
    `shingles` uint32 as `shingle_places` writes them. Pairs sorted by left text are fastest.
    `distinct` int32[n_texts] as `count_distinct` writes it; `kinds` as `lexicon` makes them. A
    pair that shares less than `min_shared` of the smaller text's shingles, and fewer than 30, is
    not aligned: only what it shares and its sizes are filled in.
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
    ahead = np.empty((longest + 1, 3), np.int32)
    table = np.empty((SMALL_GAP + 1, SMALL_GAP + 1), np.uint8)
    seen = np.empty(_REMEMBERED, np.uint64)
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
            _count_ahead(tokens[left:left_end], kinds, ahead)
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
                ahead,
                kinds,
                table,
                seen,
                row,
            )
        for column in range(len(row)):
            out[pair, column] = row[column]
