"""Buckets as they were read, and the keys asked of each -> the entries that hold one of the keys.

An entry is seven bytes, three of the key (a field) and four the number of a text, both big-endian.
A batch reads half a million entries of which a tenth is asked about: column by column that takes
ten times as long as one pass over the bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel

__all__ = ["find_entries"]


@kernel
def find_entries(
    buckets: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    fields: NDArray[np.int64],
    firsts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The place of the key above 32 bits, and the number, for each entry of a key: int64[k].

    `buckets` are the bytes of all, one after the other, `sizes` int64[s] the bytes of each; of
    bucket i the keys `fields[firsts[i]:firsts[i + 1]]` are asked, in order. What does not fill
    an entry at the end of a bucket is passed over.
    """
    found = np.empty(buckets.size // 7, np.int64)
    count = begin = 0
    for bucket in range(sizes.size):
        at, begin = begin, begin + sizes[bucket]
        while at + 7 <= begin:
            field = (
                (np.int64(buckets[at]) << 16)
                | (np.int64(buckets[at + 1]) << 8)
                | np.int64(buckets[at + 2])
            )
            low, high = firsts[bucket], firsts[bucket + 1]
            while low < high:
                middle = (low + high) >> 1
                if fields[middle] < field:
                    low = middle + 1
                else:
                    high = middle
            if low < firsts[bucket + 1] and fields[low] == field:
                number = np.int64(0)
                for byte in range(3, 7):
                    number = (number << 8) | np.int64(buckets[at + byte])
                found[count] = (np.int64(low) << 32) | number
                count += 1
            at += 7
    return found[:count].copy()
