"""Two token sequences -> the blocks of equal words that align them.

One hash table of the left text's shingles serves all its candidates; the lookups that count shared
shingles are also the anchors of the alignment, each extended as far as words are equal (as in
patience diff, linear where a dynamic programme is quadratic).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel, kernel
from dedupe.limits import CHAIN_STEPS, MOVED_MIN
from dedupe.normalize import AFTER_CUT, FLAG_BITS
from dedupe.shinglemap import build_table, find_shared, sieve_size

__all__ = [
    "collect_blocks",
    "equal_texts",
    "order_blocks",
    "same_shingles",
    "same_word",
    "span_blocks",
    "trace_pair",
    "trace_pairs",
]

_IDENTITY = np.uint32(FLAG_BITS)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_CUT = np.uint32(AFTER_CUT)


@inner_kernel
def same_word(left: np.uint32, right: np.uint32) -> bool:
    """Whether two packed tokens are the same word, whatever their flags."""
    return bool(left >> _IDENTITY == right >> _IDENTITY)


@inner_kernel
def equal_texts(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> bool:
    """Whether two texts are the same words."""
    if len(left) != len(right) or len(left) == 0:
        return False
    for place in range(len(left)):  # noqa: SIM110 - kernels have no generators
        if not same_word(left[place], right[place]):
            return False
    return True


@inner_kernel
def same_shingles(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> bool:
    """Whether two texts of equal words are cut at the same places too: cuts take shingles away."""
    differing = np.uint32(0)
    for place in range(len(left)):
        differing |= left[place] ^ right[place]
    return bool(differing == 0)


@inner_kernel
def _choose_anchor(
    place: int,
    expected: int,
    following: NDArray[np.int32],
    covered: NDArray[np.uint32],
    stamp: np.uint32,
) -> int:
    """The free occurrence nearest to `expected` on the chain that starts at `place`, or -1."""
    best, nearest = -1, 1 << 40
    for _ in range(CHAIN_STEPS):
        if covered[place] != stamp:
            distance = abs(place - expected)
            if distance < nearest:
                best, nearest = place, distance
        place = following[place]
        if place < 0:
            break
    return best


# The two loops below take unsigned places, which are not looked at for being negative at each step.


@inner_kernel
def _run_ahead(
    left: NDArray[np.uint32],
    at: np.uint64,
    right: NDArray[np.uint32],
    place: np.uint64,
    covered: NDArray[np.uint32],
    stamp: np.uint32,
) -> np.uint64:
    """Where in the left text equal words end that begin `at` and at `place`.

    They end at a cut and at a covered word of the left text, too.
    """
    last = at + min(np.uint64(len(left)) - at, np.uint64(len(right)) - place)
    while at < last:
        one, other = left[at], right[place]
        ends = (one ^ other) >> _IDENTITY | (one | other) & _CUT
        if ends != 0 or covered[at] == stamp:
            break
        at += _ONE
        place += _ONE
    return at


@inner_kernel
def _count_along(
    left_shingles: NDArray[np.uint32],
    at: np.uint64,
    right_shingles: NDArray[np.uint32],
    place: np.uint64,
    last: np.uint64,
    first_of: NDArray[np.uint32],
    hit: NDArray[np.uint32],
    stamp: np.uint32,
) -> tuple[np.uint64, int]:
    """(the first place up to `last` of unequal shingles or none, how many were not yet counted)."""
    fresh = 0
    while place < last:
        value = right_shingles[place]
        if value == 0 or value != left_shingles[at]:
            break
        first = np.uint64(first_of[at])
        fresh += hit[first] != stamp
        hit[first] = stamp
        at += _ONE
        place += _ONE
    return place, fresh


# long: one pass over the right text, all its state in registers
@inner_kernel
def collect_blocks(
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    left_shingles: NDArray[np.uint32],
    right_shingles: NDArray[np.uint32],
    slots: NDArray[np.uint64],
    sieve: NDArray[np.uint64],
    first_of: NDArray[np.uint32],
    following: NDArray[np.int32],
    mask: int,
    hit: NDArray[np.uint32],
    covered: NDArray[np.uint32],
    stamp: np.uint32,
    blocks: NDArray[np.int32],
) -> tuple[int, int]:
    """(distinct shared shingles, blocks): maximal runs of equal words in order of the right text.

    `blocks` int32[., 3] takes (left place, right place, length). `hit` and `covered`, one value a
    left place each, are marked with `stamp` instead of being cleared; a shingle is marked at the
    first place where it stands.
    """
    size = len(right)
    shared, count = 0, 0
    place, free = 0, 0  # `free`: right words before it are in blocks
    shift = 0  # left minus right place where the last block would go on
    while place < size:
        found, entry = find_shared(right_shingles, np.uint64(place), slots, sieve, mask)
        if entry == 0:
            break
        place = int(np.int64(found))
        first = int(np.int64(entry & _LOW)) - 1
        if hit[first] != stamp:
            hit[first] = stamp
            shared += 1
        best = -1
        if place >= free:
            best = _choose_anchor(first, place + shift, following, covered, stamp)
        if best < 0 or not same_word(left[best], right[place]):
            place += 1
            continue
        start_left, start_right = best, place
        while (
            start_left > 0
            and start_right > free
            and covered[start_left - 1] != stamp
            and same_word(left[start_left - 1], right[start_right - 1])
            and not (left[start_left] | right[start_right]) & np.uint32(AFTER_CUT)
        ):
            start_left -= 1
            start_right -= 1
        behind = _run_ahead(left, np.uint64(best + 1), right, np.uint64(place + 1), covered, stamp)
        end_left = int(np.int64(behind))
        end_right = place + end_left - best
        for index in range(start_left, end_left):
            covered[index] = stamp
        blocks[count, 0] = start_left
        blocks[count, 1] = start_right
        blocks[count, 2] = end_left - start_left
        count += 1
        free = end_right
        shift = end_left - end_right
        # inside the block equal places hold equal shingles: no look-up is needed
        found, fresh = _count_along(
            left_shingles,
            np.uint64(best + 1),
            right_shingles,
            np.uint64(place + 1),
            np.uint64(end_right),
            first_of,
            hit,
            stamp,
        )
        place = int(np.int64(found))
        shared += fresh
    return shared, count


@inner_kernel
def order_blocks(
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
        kept[index] = 2 if blocks[index, 2] >= MOVED_MIN else 0
    while heaviest >= 0:
        kept[heaviest] = 1
        heaviest = before[heaviest]


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
    sieve = np.empty(sieve_size(capacity - 1), np.uint64)
    first_of = np.empty(len(left), np.uint32)
    following = np.empty(len(left), np.int32)
    blocks = np.empty((len(right), 3), np.int32)
    kept = np.empty(len(right), np.uint8)
    build_table(left_shingles, slots, sieve, first_of, following, capacity - 1)
    _, count = collect_blocks(
        left,
        right,
        left_shingles,
        right_shingles,
        slots,
        sieve,
        first_of,
        following,
        capacity - 1,
        np.zeros(len(left), np.uint32),
        np.zeros(len(left), np.uint32),
        np.uint32(1),
        blocks,
    )
    order_blocks(blocks, count, np.empty(count, np.int64), np.empty(count, np.int32), kept)
    chosen = 0
    for index in range(count):
        if kept[index]:
            blocks[chosen] = blocks[index]
            chosen += 1
    return blocks[:chosen].copy()


@kernel
def span_blocks(
    blocks: NDArray[np.int32],
    left: NDArray[np.uint32],
    left_starts: NDArray[np.uint32],
    left_ends: NDArray[np.uint32],
    right: NDArray[np.uint32],
    right_starts: NDArray[np.uint32],
    right_ends: NDArray[np.uint32],
) -> NDArray[np.int64]:
    """Blocks of one pair, in the order of the right text -> where they stand: int64[n_spans, 4].

    Each is (start, end) in the left body and in the right one. Blocks that follow each other
    without a gap on either side, as they do where a copy only adds a cut, are one span.
    """
    spans = np.empty((len(blocks), 4), np.int64)
    count = 0
    for index in range(len(blocks)):
        one, other, words = blocks[index, 0], blocks[index, 1], blocks[index, 2]
        follows = False
        if index > 0:
            before = blocks[index - 1]
            follows = one == before[0] + before[2] and other == before[1] + before[2]
            follows = follows and not (left[one] | right[other]) & np.uint32(AFTER_CUT)
        if not follows:
            spans[count, 0], spans[count, 2] = left_starts[one], right_starts[other]
            count += 1
        spans[count - 1, 1] = left_ends[one + words - 1]
        spans[count - 1, 3] = right_ends[other + words - 1]
    return spans[:count]


@kernel
def trace_pairs(
    tokens: NDArray[np.uint32],
    shingles: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    shingle_firsts: NDArray[np.int64],
    left_texts: NDArray[np.uint32],
    right_texts: NDArray[np.uint32],
    turned: NDArray[np.bool_],
    bounds: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The spans of many pairs, as `trace_pair` and `span_blocks` give them: int64[n_spans, 4].

    Arrays of texts as in `align_pairs`; `starts` and `ends` uint32[n_tokens] of each word.
    Pairs that are `turned` bool[n_pairs] are aligned from the right text; `bounds`
    int64[n_pairs + 1] takes where the spans of each begin.
    """
    room = 16 * len(left_texts)
    spans = np.empty((room, 4), np.int64)
    count = 0
    bounds[0] = 0
    for pair in range(len(left_texts)):
        one, other = left_texts[pair], right_texts[pair]
        left, right = slice(firsts[one], lasts[one]), slice(firsts[other], lasts[other])
        start, begin = shingle_firsts[one], shingle_firsts[other]
        hashes = slice(start, start + left.stop - left.start)
        others = slice(begin, begin + right.stop - right.start)
        own = np.empty((0, 3), np.int32)
        if left.start < left.stop and right.start < right.stop:
            if turned[pair]:
                found = trace_pair(tokens[right], tokens[left], shingles[others], shingles[hashes])
                order = np.argsort(found[:, 0], kind="mergesort")
                own = np.empty_like(found)
                for index in range(len(found)):
                    own[index, 0] = found[order[index], 1]
                    own[index, 1] = found[order[index], 0]
                    own[index, 2] = found[order[index], 2]
            else:
                own = trace_pair(tokens[left], tokens[right], shingles[hashes], shingles[others])
        places = span_blocks(
            own, tokens[left], starts[left], ends[left], tokens[right], starts[right], ends[right]
        )
        while count + len(places) > room:
            room *= 2
            wider = np.empty((room, 4), np.int64)
            wider[:count] = spans[:count]
            spans = wider
        spans[count : count + len(places)] = places
        count += len(places)
        bounds[pair + 1] = count
    return spans[:count]
