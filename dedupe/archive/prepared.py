"""Articles -> what verification reads of them, kept for those met lately.

Tokens are not stored: reading a text and making them again costs 25 us, less than reading four
bytes a word from the catalogue would save, and the keys come with them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from dedupe.catalog.blobs import unpack, unpack_text
from dedupe.catalog.reader import Reader
from dedupe.config import Config
from dedupe.corpus import Corpus, prepare_corpus
from dedupe.fingerprint import Fingerprints, fingerprint_batch
from dedupe.models import Span
from dedupe.normalize import encode_texts
from dedupe.records import hash_address, read_attribution

__all__ = ["Prepared", "TextCache", "build_corpus", "split_prints"]

_CACHE_BYTES = 48 << 20
_LOADED_AT_ONCE = 256


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """One text: `tokens`, `starts`, `ends` uint32[n]; `keys` uint64, bands before passages."""

    address: int
    tokens: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    keys: NDArray[np.uint64]
    signature: NDArray[np.uint32]

    def passages(self, config: Config) -> NDArray[np.uint64]:
        """The passage keys; a text without words has none."""
        return self.keys[config.bands :]

    @property
    def size_bytes(self) -> int:
        """Bytes of the arrays."""
        return 12 * len(self.tokens) + 8 * len(self.keys) + 4 * len(self.signature)


def split_prints(prints: Fingerprints, addresses: Sequence[int]) -> list[Prepared]:
    """One Prepared a text, with arrays of its own, so that none keeps a whole batch alive."""
    prepared = []
    for index, address in enumerate(addresses):
        words = slice(prints.token_bounds[index], prints.token_bounds[index + 1])
        keys = slice(prints.key_bounds[index], prints.key_bounds[index + 1])
        prepared.append(
            Prepared(
                address,
                prints.tokens[words].copy(),
                prints.starts[words].copy(),
                prints.ends[words].copy(),
                prints.keys[keys].copy(),
                prints.signatures[index].copy(),
            )
        )
    return prepared


def build_corpus(texts: Sequence[Prepared], config: Config) -> Corpus:
    """The corpus of some texts, numbered in their order."""
    lengths = np.fromiter((len(text.tokens) for text in texts), np.int64, len(texts))
    counts = np.fromiter((len(text.passages(config)) for text in texts), np.int64, len(texts))
    lasts, key_lasts = np.cumsum(lengths), np.cumsum(counts)
    tokens = np.concatenate([text.tokens for text in texts] or [np.empty(0, np.uint32)])
    passages = np.concatenate([t.passages(config) for t in texts] or [np.empty(0, np.uint64)])
    return prepare_corpus(
        tokens,
        lasts - lengths,
        lasts,
        passages,
        key_lasts - counts,
        key_lasts,
        np.fromiter((text.address for text in texts), np.uint64, len(texts)),
        config,
    )


class TextCache:
    """Prepared texts by number, the latest used ones up to a bound in bytes."""

    def __init__(self, config: Config, limit_bytes: int = _CACHE_BYTES) -> None:
        self._config, self._limit = config, limit_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Prepared] = OrderedDict()
        self._bytes = 0

    def put(self, number: int, text: Prepared) -> None:
        """Keep a text, and let go of the longest unused."""
        with self._lock:
            if number in self._kept:
                return
            self._kept[number] = text
            self._bytes += text.size_bytes
            while self._bytes > self._limit and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= gone.size_bytes

    def kept(self, numbers: Iterable[int]) -> dict[int, Prepared]:
        """Texts by number, as far as they are in memory."""
        with self._lock:
            return {number: self._kept[number] for number in numbers if number in self._kept}

    def forget(self, numbers: Iterable[int]) -> None:
        """Let go of texts."""
        with self._lock:
            for number in numbers:
                gone = self._kept.pop(number, None)
                self._bytes -= gone.size_bytes if gone else 0

    def get(self, numbers: Iterable[int], reader: Reader) -> dict[int, Prepared]:
        """Texts by number, read where they are not kept; unknown numbers are left out."""
        found: dict[int, Prepared] = {}
        missing = []
        with self._lock:
            for number in numbers:
                text = self._kept.get(number)
                if text is None:
                    missing.append(number)
                else:
                    self._kept.move_to_end(number)
                    found[number] = text
        for first in range(0, len(missing), _LOADED_AT_ONCE):
            for number, text in self._load(missing[first : first + _LOADED_AT_ONCE], reader):
                found[number] = text
                self.put(number, text)
        return found

    def _load(self, numbers: Sequence[int], reader: Reader) -> list[tuple[int, Prepared]]:
        bodies, rows = reader.bodies(numbers), reader.texts(numbers)
        known = [number for number in numbers if number in bodies and number in rows]
        texts = [unpack_text(bodies[number][0]) for number in known]
        cuts = [_cuts(bodies[number][1]) for number in known]
        prints = fingerprint_batch(encode_texts(texts, cuts), self._config)
        addresses = [hash_address(rows[number].outlet, rows[number].url) for number in known]
        return list(zip(known, split_prints(prints, addresses), strict=True))


def _cuts(details: bytes) -> list[Span] | None:
    attribution = orjson.loads(unpack(details))["attribution"]
    return None if attribution is None else read_attribution(attribution).cuts()
