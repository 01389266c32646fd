"""Shingle hashes -> MinHash signatures, equal bit for bit to datasketch 2's `affine32` scheme.

The scheme pre-mixes each 32-bit shingle hash with MurmurHash3's finaliser and takes, per
permutation k, the minimum of `a_k * h + b_k mod 2^32` with odd `a_k`. The coefficients are drawn as
datasketch draws them, without importing it (it loads SciPy and its stores, 0.3 s at every start); a
test compares them with those of the pinned release.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import ConfigMismatch
from dedupe.jit import kernel
from dedupe.models import Span
from dedupe.normalize import (
    CodePoints,
    TextBatch,
    encode_texts,
    kernel_tables,
    make_room,
    tokenize_span,
)
from dedupe.shingles import shingle_span

__all__ = [
    "EMPTY",
    "coefficients",
    "from_datasketch",
    "sign_batch",
    "sign_hashes",
    "sign_into",
    "sign_texts",
    "to_datasketch",
]

EMPTY = np.uint32(0xFFFFFFFF)
"""Each value of the signature of a text without words, as in datasketch."""
SCHEME = "affine32"
_MIX_1, _MIX_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_S13, _S16 = np.uint32(13), np.uint32(16)


@cache
def coefficients(permutations: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(a, b): uint32[permutations] each, as datasketch draws them for this seed."""
    draw = np.random.RandomState(seed)  # its stream is frozen by NumPy's promise (NEP 19)
    a = draw.randint(0, 1 << 31, permutations, np.uint32) * np.uint32(2) + np.uint32(1)
    b = draw.randint(0, 1 << 32, permutations, np.uint32)
    return a, b


@kernel
def sign_into(
    hashes: NDArray[np.uint32],
    count: int,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    signature: NDArray[np.uint32],
) -> None:
    """Signature of `hashes[:count]` into `signature` uint32[permutations]; `hashes` is mixed.

    The loop over shingles is the inner one: it becomes a vector reduction without stores.
    """
    for index in range(count):
        value = hashes[index]
        value ^= value >> _S16
        value = np.uint32(value * _MIX_1)
        value ^= value >> _S13
        value = np.uint32(value * _MIX_2)
        hashes[index] = value ^ (value >> _S16)
    for k in range(len(signature)):
        factor, offset = a[k], b[k]
        smallest = EMPTY
        for index in range(count):
            permuted = np.uint32(np.uint32(factor * hashes[index]) + offset)
            smallest = min(smallest, permuted)
        signature[k] = smallest


def sign_hashes(
    hashes: NDArray[np.uint32], permutations: int = 128, seed: int = 1
) -> NDArray[np.uint32]:
    """The signature of one set of 32-bit shingle hashes: uint32[permutations]."""
    signature = np.empty(permutations, np.uint32)
    own = np.array(hashes, np.uint32)  # the kernel writes into it
    sign_into(own, len(own), *coefficients(permutations, seed), signature)
    return signature


@kernel
def _sign_all(
    codes: CodePoints,
    bounds: NDArray[np.int64],
    cuts: NDArray[np.int64],
    cut_bounds: NDArray[np.int64],
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    words: int,
    letters: int,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    signatures: NDArray[np.uint32],
) -> None:
    longest = 1
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    room = make_room(longest)
    tokens = np.empty(longest, np.uint32)
    places = np.empty(0, np.uint32)  # not asked for
    hashes = np.empty(longest, np.uint32)
    for text in range(len(bounds) - 1):
        own = cuts[cut_bounds[text] : cut_bounds[text + 1]]
        count = tokenize_span(
            codes,
            bounds[text],
            bounds[text + 1],
            own,
            table,
            expansions,
            powers,
            room,
            tokens,
            places,
            places,
            0,
        )
        count = shingle_span(tokens, 0, count, words, letters, hashes)
        sign_into(hashes, count, a, b, signatures[text])


def sign_batch(
    batch: TextBatch, permutations: int = 128, seed: int = 1, words: int = 3, letters: int = 5
) -> NDArray[np.uint32]:
    """Signatures of all texts of a batch: uint32[n_texts, permutations]."""
    signatures = np.empty((len(batch.bounds) - 1, permutations), np.uint32)
    a, b = coefficients(permutations, seed)
    _sign_all(
        batch.codes,
        batch.bounds,
        batch.cuts,
        batch.cut_bounds,
        *kernel_tables(),
        words,
        letters,
        a,
        b,
        signatures,
    )
    return signatures


def sign_texts(
    texts: Sequence[str],
    cuts: Sequence[Sequence[Span] | None] = (),
    permutations: int = 128,
    seed: int = 1,
) -> NDArray[np.uint32]:
    """Signatures of verbatim texts, tokenising included: uint32[n_texts, permutations]."""
    return sign_batch(encode_texts(texts, cuts), permutations, seed)


def to_datasketch(signature: NDArray[np.uint32], seed: int = 1) -> Any:  # noqa: ANN401
    """A `datasketch.LeanMinHash` that holds this signature (datasketch has no types)."""
    from datasketch import LeanMinHash

    values = np.array(signature, np.uint32)
    return LeanMinHash(seed=seed, hashvalues=values, scheme=SCHEME)


def from_datasketch(minhash: Any, permutations: int = 128, seed: int = 1) -> NDArray[np.uint32]:  # noqa: ANN401
    """The signature held by a datasketch `MinHash` or `LeanMinHash`: uint32[permutations].

    Raises ConfigMismatch where its scheme, seed or number of permutations is another one.
    """
    expected = f"{SCHEME}/{seed}/{permutations}"
    found = f"{minhash.scheme}/{minhash.seed}/{len(minhash)}"
    if found != expected:
        raise ConfigMismatch(expected, found)
    return np.array(minhash.hashvalues, np.uint32)
