"""What stands in and around the slots of a frame -> counts: numbers, dates, names, other words.

A slot is a small gap of an alignment with unequal words on both sides. What fills the slots, and
how much of the same kinds the two texts share beside them, tells another event in the same frame
from an edited copy with a value put right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.blocks import same_word
from dedupe.jit import count_ones, inner_kernel
from dedupe.lexicon import COMMON, DATE, GIVEN, HOUSE, NUMBER, TITLE
from dedupe.normalize import FLAG_BITS, HAS_DIGIT, IS_CAPITAL, IS_UNSPACED

__all__ = [
    "AHEAD",
    "REMEMBERED",
    "align_gap",
    "count_ahead",
    "kind_of",
    "mark_place",
    "replace_word",
]

AHEAD = 5
"""Columns of `count_ahead`: numbers, uncommon words, names, dates, names behind a title."""
REMEMBERED = 32
"""Replacements of a pair that are remembered to see them again."""
_IDENTITY = np.uint32(FLAG_BITS)
_DIGIT = np.uint32(HAS_DIGIT)
_CAPITAL = np.uint32(IS_CAPITAL)
_UNSPACED = np.uint32(IS_UNSPACED)
_VALUES = NUMBER | DATE
_PLAIN_KINDS = COMMON | DATE | NUMBER
_NAME, _RARE = 512, 32  # beside the bits of `lexicon`: uncommon with a capital, any uncommon word
_LETTER = 64  # of a script without spaces, where the title stands behind the name
_INITIAL = 256  # a capital, common or not: many first names are common words
_EVERY = 1023
_OWN = DATE | HOUSE
_FILLING = NUMBER | _OWN | GIVEN | _NAME
_REACH = 6  # words from a slot within which the frame's word is looked for
_HALF = np.uint64(31)  # bits of each of the two columns that hold a bit for each place
_PLACES, _LOW = np.uint64(62), np.uint64((1 << 31) - 1)
_ONE, _S32 = np.uint64(1), np.uint64(32)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, vol. 3, 6.4)


@inner_kernel
def _widen(kind: np.uint32, token: np.uint32) -> np.uint32:
    """What a word names, from the bits that `lexicon` has of it and its flags; without a branch."""
    capital = np.uint32(token & _CAPITAL != 0)
    rare = np.uint32(kind & np.uint32(_PLAIN_KINDS) == 0)
    wide = kind | rare * np.uint32(_RARE) | (rare & capital) * np.uint32(_NAME)
    wide |= np.uint32(token & _UNSPACED != 0) * np.uint32(_LETTER)
    wide |= capital * np.uint32(_INITIAL)
    digits = np.uint32(NUMBER) | kind & np.uint32(TITLE)
    return digits if token & _DIGIT else wide


@inner_kernel
def kind_of(token: np.uint32, kinds: NDArray[np.uint8]) -> int:
    """Bits of what a word names: those of `lexicon`, uncommon, a name."""
    kind = np.uint32(kinds[(token >> _IDENTITY) & np.uint32(len(kinds) - 1)])
    return int(np.int64(_widen(kind, token)))


@inner_kernel
def _count_aligned(kind: int, row: NDArray[np.int64]) -> None:
    """Add an aligned word to the counts of numbers, uncommon words, names and dates."""
    if kind & NUMBER:
        row[19] += 1
    elif kind & _RARE:
        row[20] += 1
    if kind & _NAME:
        row[25] += 1
    if kind & DATE:
        row[26] += 1


@inner_kernel
def mark_place(
    text: NDArray[np.uint32],
    own: NDArray[np.int16],
    first: int,
    last: int,
    both: int,
    row: NDArray[np.int64],
) -> None:
    """Set a bit for the frame's word before the slot `text[first:last]` and one for that behind.

    `own` int16[len(text)] are the kinds of its words, `both` those that stand on both sides of the
    slot. One that holds a day or a verb of saying is left out: each house has its own. Numbers,
    dates and names beside a slot belong to what fills it: of 6-3/16 and 6-1/4 a part is equal. A
    slot at the edge of a text is in no frame: outlets have heads and tails of their own.
    """
    if both & _OWN and not both & NUMBER:
        return
    ahead, behind = first - 1, last
    lowest, highest = max(0, first - _REACH), min(len(text), last + _REACH) - 1
    while ahead > lowest and own[ahead] & _FILLING:
        ahead -= 1
    while behind < highest and own[behind] & _FILLING:
        behind += 1
    if ahead < 0 or behind >= len(text):
        return
    one = np.uint64(text[ahead] >> _IDENTITY)
    other = np.uint64(text[behind] >> _IDENTITY) + np.uint64(1 << 32)
    bits = _ONE << (one * _SPREAD >> _S32) % _PLACES | _ONE << (other * _SPREAD >> _S32) % _PLACES
    row[32] |= np.int64(bits & _LOW)
    row[33] |= np.int64(bits >> _HALF)


@inner_kernel
def _count_slot(
    left_kinds: int,
    right_kinds: int,
    every: int,
    left_head: int,
    right_head: int,
    words: int,
    before: int,
    after: int,
    replacement: np.uint64,
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """Add a slot, by the kinds of its words and of the words before and after it.

    `every` are the bits that all its words have, `left_head` and `right_head` those of the first
    word of each side, `words` counts the side that has fewer.
    """
    both = left_kinds & right_kinds
    # where titles themselves are replaced, an editor has cut honours: no other person
    honours = (left_kinds | right_kinds) & TITLE != 0
    beside = after if both & _LETTER else before
    titled = (beside & TITLE != 0) & (not honours)
    repeated = False
    for index in range(min(row[9], REMEMBERED)):  # no way out: it becomes vector code
        repeated |= seen[index] == replacement
    repeated &= not honours
    if row[9] < REMEMBERED:
        seen[row[9]] = replacement
    row[9] += 1
    row[10] += both & NUMBER != 0
    row[11] += both & _NAME != 0
    row[12] += both & _RARE != 0
    row[21] += both & DATE != 0
    row[22] += titled
    told = titled | (both & _VALUES != 0)
    row[23] += told
    valued = left_kinds if left_kinds & _VALUES else right_kinds
    bare = right_kinds if left_kinds & _VALUES else left_kinds
    row[28] += (not told) & (valued & _VALUES != 0) & (bare & _RARE != 0)
    row[24] += repeated
    # what follows has no branches: they went either way, which cost more than what they spared
    either = left_kinds | right_kinds
    plain = (not told) & (not honours) & (either & _VALUES == 0)
    row[29] += plain & (every & _INITIAL != 0) & (words > 1)
    small = plain & (either & _INITIAL == 0)
    named = left_head & right_head & GIVEN != 0
    # the other may be of a name that no list has; a letter is too little to go by
    long = (words > 1) & (both & _LETTER == 0)
    named |= long & ((left_head | right_head) & GIVEN != 0)
    named |= (before & GIVEN != 0) & (both & _RARE != 0)
    row[30] += small & named
    row[31] += small & (not named) & (words > 1) & (both & _RARE != 0)


@inner_kernel
def _compare_sides(
    text: NDArray[np.uint32],
    left: int,
    left_size: int,
    other: NDArray[np.uint32],
    right: int,
    right_size: int,
    table: NDArray[np.uint64],
) -> None:
    """Fill `table` for `align_gap`: a row for each word of the left side and one before them.

    Its first column has a bit for each equal word of the right side. The second one has a bit for
    each where the longest common subsequence does not grow, as in Hyyrö, "Bit-parallel LCS-length
    computation revisited" (AWOCA 2004): a row takes five instructions, however many words.
    """
    steady = ~np.uint64(0)
    table[0, 1] = steady
    for i in range(left_size):
        equal, word = np.uint64(0), text[left + i]
        for j in range(right_size):
            equal |= np.uint64(same_word(word, other[right + j])) << np.uint64(j)
        met = steady & equal
        steady = (steady + met) | (steady - met)
        table[i + 1, 0], table[i + 1, 1] = equal, steady


@inner_kernel
def _common(table: NDArray[np.uint64], i: int, j: int) -> int:
    """Words of the longest common subsequence of the first `i` and `j` words of the sides."""
    behind = (_ONE << np.uint64(j)) - _ONE
    return j - int(np.int64(count_ones(table[i, 1] & behind)))


# long: the walk back through the table and what it counts belong together
@inner_kernel
def align_gap(  # noqa: PLR0915
    text: NDArray[np.uint32],
    own: NDArray[np.int16],
    left: int,
    left_size: int,
    other: NDArray[np.uint32],
    right: int,
    right_size: int,
    before: int,
    behind: int,
    kinds: NDArray[np.uint8],
    table: NDArray[np.uint64],
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """Add to the measurements `row` what a small gap holds: equal words, slots, insertions.

    It holds `left_size` words of `text` from `left` on, whose kinds are `own`, and `right_size` of
    the `other` text from `right` on.
    Longest common subsequence of at most 16 x 16 words in `table` uint64[17, 2]; `before` and
    `behind` are the kinds of the words around the gap.
    """
    if left_size == 0 or right_size == 0:
        row[15] += right_size
        row[16] += left_size
        return
    _compare_sides(text, left, left_size, other, right, right_size, table)
    i, j = left_size, right_size
    left_run, right_run = 0, 0
    left_kinds, right_kinds, every = 0, 0, _EVERY
    left_head, right_head = 0, 0
    left_words, right_words = np.uint64(0), np.uint64(1)
    after = behind
    while True:
        equal = i > 0 and j > 0 and table[i, 0] >> np.uint64(j - 1) & _ONE != 0
        if equal or (i == 0 and j == 0):
            kind = int(np.int64(own[left + i - 1])) if equal else before
            if left_run and right_run:
                replacement = left_words * _SPREAD ^ right_words
                fewer = min(left_run, right_run)
                _count_slot(
                    left_kinds,
                    right_kinds,
                    every,
                    left_head,
                    right_head,
                    fewer,
                    kind,
                    after,
                    replacement,
                    seen,
                    row,
                )
                slot = left + i
                both = left_kinds & right_kinds
                mark_place(text, own, slot, slot + left_run, both, row)
                row[13] += left_run
                row[14] += right_run
            else:
                row[15] += right_run
                row[16] += left_run
            left_run, right_run = 0, 0
            left_kinds, right_kinds, every = 0, 0, _EVERY
            left_head, right_head = 0, 0
            left_words, right_words = np.uint64(0), np.uint64(1)
            if not equal:
                return
            row[5] += 1
            _count_aligned(kind, row)
            after = kind
            i -= 1
            j -= 1
        elif i > 0 and (j == 0 or _common(table, i - 1, j) >= _common(table, i, j - 1)):
            i -= 1
            left_run += 1
            kind = int(np.int64(own[left + i]))
            left_head = kind
            left_kinds |= kind
            every &= kind
            left_words = left_words * _SPREAD + np.uint64(text[left + i] >> _IDENTITY)
        else:
            j -= 1
            right_run += 1
            kind = kind_of(other[right + j], kinds)
            right_head = kind
            right_kinds |= kind
            every &= kind
            right_words = right_words * _SPREAD + np.uint64(other[right + j] >> _IDENTITY)


@inner_kernel
def count_ahead(
    text: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    own: NDArray[np.int16],
    ahead: NDArray[np.int32],
) -> None:
    """The kind of each word, `own` int16, and what stands before each place.

    `ahead` is int32[len(text) + 1, AHEAD]: what a block holds is a difference of two rows. Looked
    up and counted once a left text, not once a pair.
    """
    for place in range(len(text)):  # the table is large: look-ups that wait for nothing overlap
        own[place] = kinds[(text[place] >> _IDENTITY) & np.uint32(len(kinds) - 1)]
    for place in range(len(text)):
        own[place] = _widen(np.uint32(own[place]), text[place])
    for column in range(AHEAD):
        ahead[0, column] = 0
    before = 0
    for place in range(len(text)):
        kind = int(np.int64(own[place]))
        number = kind & NUMBER != 0
        if kind & _LETTER:  # the title stands behind the name
            titled = kind & TITLE != 0 and before & _RARE != 0
        else:
            titled = before & TITLE != 0 and kind & _RARE != 0
        ahead[place + 1, 0] = ahead[place, 0] + number
        ahead[place + 1, 1] = ahead[place, 1] + (kind & _RARE != 0 and not number)
        ahead[place + 1, 2] = ahead[place, 2] + (kind & _NAME != 0)
        ahead[place + 1, 3] = ahead[place, 3] + (kind & DATE != 0)
        ahead[place + 1, 4] = ahead[place, 4] + titled
        before = kind


@inner_kernel
def replace_word(
    left: np.uint32,
    right: np.uint32,
    one: int,
    other: int,
    before: int,
    behind: int,
    seen: NDArray[np.uint64],
    row: NDArray[np.int64],
) -> None:
    """What `align_gap` adds for one word in the place of another, which are of these kinds."""
    replacement = np.uint64(left >> _IDENTITY) * _SPREAD ^ (_SPREAD + np.uint64(right >> _IDENTITY))
    _count_slot(one, other, one & other, one, other, 1, before, behind, replacement, seen, row)
    row[13] += 1
    row[14] += 1
