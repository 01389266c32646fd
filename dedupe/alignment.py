"""Pairs of token sequences -> measurements: what they share, in which order, what fills the gaps.

One hash table of the left text serves all its candidates. Shared shingles give exact Jaccard and
containments; the same lookups are the anchors of an alignment into maximal blocks of equal words
(as in patience diff, linear where a dynamic programme is quadratic). Small gaps between blocks are
aligned word by word, because what fills them tells a template from an edited copy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel
from dedupe.normalize import AFTER_CUT, FLAG_BITS, HAS_DIGIT, IS_CAPITAL

__all__ = ["COLUMNS", "align_pairs", "count_distinct", "trace_pair"]

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
_SMALL_GAP = 16
_MOVED_MIN = 8  # words; a shorter block out of order is a common phrase, not a moved passage
_CHAIN_STEPS = 16  # occurrences of a shingle tried for an anchor
_IDENTITY = np.uint32(FLAG_BITS)
_S32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@kernel
def _build_table(
    shingles: NDArray[np.uint32],
    slots: NDArray[np.uint64],
    slot_of: NDArray[np.int32],
    following: NDArray[np.int32],
    mask: int,
) -> int:
    """Hash table of one text's shingles -> places; returns how many are distinct.

    `slots` uint64[mask + 1] holds `hash << 32 | place + 1` of the first occurrence, `following`
    the place of the next one or -1, `slot_of` the slot of the shingle at a place or -1.
    """
    for slot in range(mask + 1):
        slots[slot] = 0
    distinct = 0
    for place in range(len(shingles) - 1, -1, -1):  # backwards: chains end up in text order
        value = shingles[place]
        following[place] = -1
        slot_of[place] = -1
        if value == 0:
            continue
        slot = _find_slot(slots, value, mask)
        if slots[slot] == 0:
            distinct += 1
        else:
            following[place] = np.int32(slots[slot] & _LOW) - 1
        slots[slot] = np.uint64(value) << _S32 | np.uint64(place + 1)
        slot_of[place] = slot
    return distinct


@kernel
def _find_slot(slots: NDArray[np.uint64], value: np.uint32, mask: int) -> int:
    """Where a shingle stands in the table, or the free slot where it would."""
    slot = int(value) & mask
    while slots[slot] != 0 and slots[slot] >> _S32 != value:
        slot = (slot + 1) & mask
    return slot


@kernel
def _same(left: np.uint32, right: np.uint32) -> bool:
    return bool(left >> _IDENTITY == right >> _IDENTITY)


@kernel
def _equal(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> bool:
    """Whether two texts are the same words."""
    if len(left) != len(right) or len(left) == 0:
        return False
    for place in range(len(left)):  # noqa: SIM110 - kernels have no generators
        if not _same(left[place], right[place]):
            return False
    return True


@kernel
def _choose_anchor(
    place: int,
    expected: int,
    following: NDArray[np.int32],
    covered: NDArray[np.uint32],
    stamp: np.uint32,
) -> int:
    """The free occurrence nearest to `expected` on the chain that starts at `place`, or -1."""
    best, nearest = -1, 1 << 40
    for _ in range(_CHAIN_STEPS):
        if covered[place] != stamp:
            distance = abs(place - expected)
            if distance < nearest:
                best, nearest = place, distance
        place = following[place]
        if place < 0:
            break
    return best


# long: one pass over the right text, all its state in registers
@kernel
def _collect_blocks(  # noqa: C901
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    right_shingles: NDArray[np.uint32],
    slots: NDArray[np.uint64],
    slot_of: NDArray[np.int32],
    following: NDArray[np.int32],
    mask: int,
    hit: NDArray[np.uint32],
    covered: NDArray[np.uint32],
    stamp: np.uint32,
    blocks: NDArray[np.int32],
) -> tuple[int, int]:
    """(distinct shared shingles, blocks): maximal runs of equal words in order of the right text.

    `blocks` int32[., 3] takes (left place, right place, length). `hit` and `covered` are marked
    with `stamp` instead of being cleared.
    """
    n, m = len(left), len(right)
    shared, count = 0, 0
    place, free = 0, 0  # `free`: right words before it are in blocks
    shift = 0  # left minus right place where the last block would go on
    while place < m:
        value = right_shingles[place]
        if value == 0:
            place += 1
            continue
        slot = _find_slot(slots, value, mask)
        if slots[slot] == 0:
            place += 1
            continue
        if hit[slot] != stamp:
            hit[slot] = stamp
            shared += 1
        best = -1
        if place >= free:
            first = int(slots[slot] & _LOW) - 1
            best = _choose_anchor(first, place + shift, following, covered, stamp)
        if best < 0 or not _same(left[best], right[place]):
            place += 1
            continue
        start_left, start_right = best, place
        while (
            start_left > 0
            and start_right > free
            and covered[start_left - 1] != stamp
            and _same(left[start_left - 1], right[start_right - 1])
            and not (left[start_left] | right[start_right]) & np.uint32(AFTER_CUT)
        ):
            start_left -= 1
            start_right -= 1
        end_left, end_right = best + 1, place + 1
        while (
            end_left < n
            and end_right < m
            and covered[end_left] != stamp
            and _same(left[end_left], right[end_right])
            and not (left[end_left] | right[end_right]) & np.uint32(AFTER_CUT)
        ):
            end_left += 1
            end_right += 1
        for index in range(start_left, end_left):
            covered[index] = stamp
        blocks[count, 0] = start_left
        blocks[count, 1] = start_right
        blocks[count, 2] = end_left - start_left
        count += 1
        free = end_right
        shift = end_left - end_right
        # inside the block equal places hold equal shingles: no look-up is needed
        ahead = best - place
        place += 1
        while place < end_right and right_shingles[place] != 0:
            slot = slot_of[place + ahead]
            if slot < 0 or slots[slot] >> _S32 != right_shingles[place]:
                break
            if hit[slot] != stamp:
                hit[slot] = stamp
                shared += 1
            place += 1
    return shared, count


@kernel
def _order_blocks(
    blocks: NDArray[np.int32],
    count: int,
    weight: NDArray[np.int64],
    before: NDArray[np.int32],
    kept: NDArray[np.uint8],
) -> None:
    """Mark in `kept` the blocks of the heaviest chain in order (1) and long moved ones (2)."""
    in_order = True
    for index in range(1, count):
        if blocks[index, 0] < blocks[index - 1, 0]:
            in_order = False
            break
    if in_order:
        for index in range(count):
            kept[index] = 1
        return
    heaviest = 0
    for index in range(count):
        weight[index] = blocks[index, 2]
        before[index] = -1
        # bounded look-back keeps hostile inputs linear
        for other in range(max(0, index - 256), index):
            if blocks[other, 0] < blocks[index, 0]:
                total = weight[other] + blocks[index, 2]
                if total > weight[index]:
                    weight[index] = total
                    before[index] = other
        if weight[index] > weight[heaviest]:
            heaviest = index
        kept[index] = 2 if blocks[index, 2] >= _MOVED_MIN else 0
    while heaviest >= 0:
        kept[heaviest] = 1
        heaviest = before[heaviest]


@kernel
def _is_rare(token: np.uint32, common: NDArray[np.uint8]) -> bool:
    """Whether the word is in no common-word bucket and is no number."""
    if token & np.uint32(HAS_DIGIT):
        return False
    return bool(common[(token >> _IDENTITY) & np.uint32(len(common) - 1)] == 0)


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
            if _same(tokens[left + i - 1], tokens[right + j - 1]):
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    i, j = left_size, right_size
    left_run, right_run = 0, 0
    left_seen, right_seen = np.uint32(0), np.uint32(0)
    left_rare, right_rare = False, False
    while True:
        equal = i > 0 and j > 0 and _same(tokens[left + i - 1], tokens[right + j - 1])
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
def _measure(
    tokens: NDArray[np.uint32],
    left: int,
    left_end: int,
    right: int,
    right_end: int,
    blocks: NDArray[np.int32],
    count: int,
    kept: NDArray[np.uint8],
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
            for place in range(left + start, left + start + length):
                if tokens[place] & np.uint32(HAS_DIGIT):
                    row[19] += 1
                elif _is_rare(tokens[place], common):
                    row[20] += 1
            if kept[index] == 2:
                row[6] += length
                continue  # out of order: the words around it are no gap
        gap_left, gap_right = start - at_left, begin - at_right
        if 0 <= gap_left <= _SMALL_GAP and 0 <= gap_right <= _SMALL_GAP:
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
    left_texts: NDArray[np.uint32],
    right_texts: NDArray[np.uint32],
    common: NDArray[np.uint8],
    min_shared: float,
    out: NDArray[np.int32],
) -> None:
    """Measure every pair: `out` int32[n_pairs, len(COLUMNS)], one row a pair.

    `tokens` uint32 as in `Fingerprints`, text t from `firsts[t]` to `lasts[t]` int64[n_texts];
    `shingles` uint32 as `shingle_places` writes them. Pairs sorted by left text are fastest.
    `common` uint8[power of two] marks common words. A pair whose shared shingles are less than
    `min_shared` of the smaller text's words is not aligned: only what it shares and its sizes are
    filled in. The column
    `right_shingles` is left to `count_distinct`.
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
    table = np.empty((_SMALL_GAP + 1, _SMALL_GAP + 1), np.uint8)
    row = np.empty(out.shape[1], np.int64)
    current, distinct, mask = -1, 0, 0
    stamp = np.uint32(0)
    for pair in range(len(left_texts)):
        left, left_end = firsts[left_texts[pair]], lasts[left_texts[pair]]
        right, right_end = firsts[right_texts[pair]], lasts[right_texts[pair]]
        if left_texts[pair] != current:
            current = left_texts[pair]
            mask = 15
            while mask + 1 < 2 * (left_end - left):
                mask = 2 * mask + 1
            distinct = _build_table(shingles[left:left_end], slots, slot_of, following, mask)
        row[:] = 0
        row[1], row[3], row[4] = distinct, left_end - left, right_end - right
        if _equal(tokens[left:left_end], tokens[right:right_end]):
            row[0], row[5], row[7], row[8] = distinct, row[3], row[3], 1
            for column in range(len(row)):
                out[pair, column] = row[column]
            continue
        stamp += np.uint32(1)
        shared, count = _collect_blocks(
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
        smaller = min(left_end - left, right_end - right)
        if count and shared >= min_shared * smaller:
            _order_blocks(blocks, count, weight, before, kept)
            _measure(
                tokens, left, left_end, right, right_end, blocks, count, kept, common, table, row
            )
        for column in range(len(row)):
            out[pair, column] = row[column]


@kernel
def count_distinct(
    shingles: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Distinct shingles of each text, into `out` int32[n_texts]."""
    longest = 1
    for text in range(len(firsts)):
        longest = max(longest, lasts[text] - firsts[text])
    capacity = 16
    while capacity < 2 * longest:
        capacity *= 2
    slots = np.zeros(capacity, np.uint64)
    for text in range(len(firsts)):
        first, last = firsts[text], lasts[text]
        mask = 15
        while mask + 1 < 2 * (last - first):
            mask = 2 * mask + 1
        slots[: mask + 1] = 0
        count = 0
        for place in range(first, last):
            value = shingles[place]
            if value:
                slot = _find_slot(slots, value, mask)
                if slots[slot] == 0:
                    slots[slot] = np.uint64(value) << _S32 | np.uint64(1)
                    count += 1
        out[text] = count


@kernel
def trace_pair(
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    left_shingles: NDArray[np.uint32],
    right_shingles: NDArray[np.uint32],
) -> NDArray[np.int32]:
    """The blocks of one pair as `align_pairs` counts them: int32[n_blocks, 3].

    Each is (left place, right place, length) in tokens, in the order of the right text.
    """
    capacity = 16
    while capacity < 2 * len(left):
        capacity *= 2
    slots = np.zeros(capacity, np.uint64)
    slot_of = np.empty(len(left), np.int32)
    following = np.empty(len(left), np.int32)
    blocks = np.empty((len(right), 3), np.int32)
    kept = np.empty(len(right), np.uint8)
    _build_table(left_shingles, slots, slot_of, following, capacity - 1)
    _, count = _collect_blocks(
        left,
        right,
        right_shingles,
        slots,
        slot_of,
        following,
        capacity - 1,
        np.zeros(capacity, np.uint32),
        np.zeros(len(left), np.uint32),
        np.uint32(1),
        blocks,
    )
    _order_blocks(blocks, count, np.empty(count, np.int64), np.empty(count, np.int32), kept)
    chosen = 0
    for index in range(count):
        if kept[index]:
            blocks[chosen] = blocks[index]
            chosen += 1
    return blocks[:chosen].copy()
