"""Texts -> fingerprints: tokens, signature and keys of each text in one pass over it.

The stages are those of `normalize`, `shingles`, `minhash` and `keys`; they are fused here because a
text that is still in the processor's cache costs a third of one that is not.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.boilerplate import cut_known
from dedupe.config import Config
from dedupe.jit import kernel
from dedupe.keys import band_keys_into, passage_keys_into
from dedupe.minhash import coefficients, sign_into
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
    "Fingerprints",
    "encode_in_batches",
    "fingerprint_batch",
    "fingerprint_batches",
    "fingerprint_texts",
    "zip_cuts",
]

_AT_A_TIME = 32
_MOST_KEPT = 1 << 21
"""Values of the longest array that is kept between batches."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of n texts.

    `tokens`, `starts`, `ends` uint32[n_tokens] (see `normalize`); `token_bounds` int64[n + 1];
    `signatures` uint32[n, permutations]; `keys` uint64[n_keys], the band keys of a text before its
    passage keys; `key_bounds` int64[n + 1]. A text without words has no keys.
    """

    tokens: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    token_bounds: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    keys: NDArray[np.uint64]
    key_bounds: NDArray[np.int64]


@kernel
def _fingerprint_all(
    codes: CodePoints,
    bounds: NDArray[np.int64],
    cuts: NDArray[np.int64],
    cut_bounds: NDArray[np.int64],
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    shape: tuple[int, int, int, int, int, int, int],
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    token_bounds: NDArray[np.int64],
    signatures: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    key_bounds: NDArray[np.int64],
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
) -> None:
    words, letters, bands, rows, passage_words, passage_letters, window = shape
    longest = 1
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    room = make_room(longest)
    hashes = np.empty(longest, np.uint32)
    grams = np.empty(longest, np.uint64)
    marks = np.empty(longest if len(known) else 0, np.uint8)
    token, key = 0, 0
    for text in range(len(bounds) - 1):
        first, last = bounds[text], bounds[text + 1]
        own = cuts[cut_bounds[text] : cut_bounds[text + 1]]
        end = tokenize_span(
            codes, first, last, own, table, expansions, powers, room, tokens, starts, ends, token
        )
        if len(known):
            end = cut_known(tokens, starts, ends, token, end, known, sieve, marks)
        count = shingle_span(tokens, token, end, words, letters, hashes)
        sign_into(hashes, count, a, b, signatures[text])
        if end > token:
            key += band_keys_into(signatures[text], bands, rows, keys[key:])
            key += passage_keys_into(
                tokens, token, end, passage_words, passage_letters, window, grams, keys[key:]
            )
        token = end
        token_bounds[text + 1] = token
        key_bounds[text + 1] = key


class _Workspace(threading.local):
    """Arrays that a thread's batches write into, one after another.

    Fresh ones would be given back to the system and faulted in again for each batch, which cost
    more than the kernel itself (38 against 24 µs an article).
    """

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
        """Room for `size` values; what an article of many megabytes needs is not kept."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = np.empty(size, dtype)
            if size <= _MOST_KEPT:
                self._kept[name] = kept
        return kept


_workspace = _Workspace()


def fingerprint_batch(batch: TextBatch, config: Config, *, places: bool = True) -> Fingerprints:
    """Fingerprint every text of a batch with the parameters of `config`.

    Without `places` the arrays `starts` and `ends` stay empty, which is a little faster.
    """
    texts, codes = len(batch.bounds) - 1, len(batch.codes)
    tokens = _workspace.array("tokens", codes, np.uint32)
    starts, ends = (
        _workspace.array(name, codes, np.uint32) if places else np.empty(0, np.uint32)
        for name in ("starts", "ends")
    )
    signatures = np.empty((texts, config.permutations), np.uint32)
    # winnowing writes one key for each step of the window's minimum: at most one a token
    keys = _workspace.array("keys", texts * config.bands + codes, np.uint64)
    token_bounds, key_bounds = np.zeros(texts + 1, np.int64), np.zeros(texts + 1, np.int64)
    _fingerprint_all(
        batch.codes,
        batch.bounds,
        batch.cuts,
        batch.cut_bounds,
        *kernel_tables(),
        *coefficients(config.permutations, config.seed),
        config.shape,
        tokens,
        starts,
        ends,
        token_bounds,
        signatures,
        keys,
        key_bounds,
        config.statistics.boilerplate,
        config.statistics.sieve,
    )
    count = token_bounds[-1]
    return Fingerprints(
        tokens[:count].copy(),
        starts[:count].copy(),
        ends[:count].copy(),
        token_bounds,
        signatures,
        keys[: key_bounds[-1]].copy(),
        key_bounds,
    )


def fingerprint_texts(
    texts: Sequence[str],
    cuts: Sequence[Sequence[Span] | None],
    config: Config,
    *,
    places: bool = True,
) -> Fingerprints:
    """Fingerprint verbatim texts without their `cuts`, some at a time."""
    return fingerprint_batches(
        [batch.cut(own) for batch, own in zip_cuts(encode_in_batches(texts), cuts)],
        config,
        places=places,
    )


def encode_in_batches(texts: Sequence[str]) -> list[TextBatch]:
    """Texts as code points, some at a time: what a few take stays in the second-level cache."""
    steps = range(0, max(1, len(texts)), _AT_A_TIME)
    return [encode_texts(texts[at : at + _AT_A_TIME]) for at in steps]


def zip_cuts(
    batches: Sequence[TextBatch], cuts: Sequence[Sequence[Span] | None]
) -> Iterator[tuple[TextBatch, Sequence[Sequence[Span] | None]]]:
    """Each batch with the cuts of its own texts, of which `cuts` holds those of all."""
    first = 0
    for batch in batches:
        last = first + len(batch.bounds) - 1
        yield batch, cuts[first:last]
        first = last


def fingerprint_batches(
    batches: Sequence[TextBatch], config: Config, *, places: bool = True
) -> Fingerprints:
    """Fingerprint batches of texts, one after another (at least one), as `fingerprint_batch`."""
    parts = [fingerprint_batch(batch, config, places=places) for batch in batches]
    return parts[0] if len(parts) == 1 else _join(parts)


def _join(parts: Sequence[Fingerprints]) -> Fingerprints:
    def all_of(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    def bounds(name: str) -> NDArray[np.int64]:
        counts = np.concatenate([np.diff(getattr(part, name)) for part in parts])
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    return Fingerprints(
        all_of("tokens"),
        all_of("starts"),
        all_of("ends"),
        bounds("token_bounds"),
        all_of("signatures"),
        all_of("keys"),
        bounds("key_bounds"),
    )
