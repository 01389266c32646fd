"""Part of the input -> columns of its articles: the first stage, one part a worker.

A worker reads, attributes and fingerprints; tokens, keys and records go to the spool, and only a
few numbers an article come back to the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution import Extractor
from dedupe.batch.revisions import STATE_BYTES, pack_state
from dedupe.batch.spool import Spool
from dedupe.config import Config
from dedupe.models import Article, Reject
from dedupe.normalize import TextBatch
from dedupe.pipeline import Processed, process_articles
from dedupe.readers import Part, ReadOptions, read
from dedupe.readers.blocks_of_lines import Block, read_blocks
from dedupe.records import digest_address, digest_text, encode_record

__all__ = ["ARTICLE_COLUMNS", "NO_LANGUAGE", "Collected", "collect_part"]

NO_LANGUAGE = "und"
"""What articles without a language are counted as (BCP 47: undetermined)."""

_BATCH_ARTICLES = 256
_BATCH_CHARACTERS = 4_000_000
"""A batch ends with whichever comes first, so that long articles do not swell the buffers."""

ARTICLE_COLUMNS: dict[str, type[np.generic]] = {
    "place": np.uint32,
    "id_hash": np.uint64,
    "address": np.uint64,
    "outlet": np.uint64,
    "language": np.uint64,
    "token_first": np.int64,
    "token_count": np.uint32,
    "band_first": np.int64,
    "passage_first": np.int64,
    "passage_count": np.uint32,
    "record_first": np.int64,
    "record_size": np.uint32,
}
"""What is kept in memory of each article: its place among those of its part, its identity, and
where its values stand."""


@dataclass(slots=True)
class Collected:
    """What one part gave: `columns` by the names of ARTICLE_COLUMNS, and counts."""

    columns: dict[str, NDArray[Any]]
    rejects: list[Reject] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    warnings: int = 0


@dataclass(slots=True)
class _Batch:
    """Articles to be processed together; `texts` their bodies, or nothing where they hold them."""

    articles: list[Article] = field(default_factory=list)
    texts: list[TextBatch] = field(default_factory=list)
    characters: int = 0

    @property
    def full(self) -> bool:
        return len(self.articles) >= _BATCH_ARTICLES or self.characters >= _BATCH_CHARACTERS

    def singles(self) -> Iterator[_Batch]:
        """A batch for each article, with its body."""
        texts = (batch.text(at) for batch in self.texts for at in range(len(batch.bounds) - 1))
        for article in self.articles:
            body = article.body or next(texts, "")
            yield _Batch([replace(article, body=body)])


def _batches(items: Iterable[Block | Article | Reject], collected: Collected) -> Iterator[_Batch]:
    batch = _Batch()
    for item in items:
        if isinstance(item, Reject):
            collected.rejects.append(item)
            continue
        if batch.full or (batch.articles and bool(batch.texts) != isinstance(item, Block)):
            yield batch
            batch = _Batch()
        if isinstance(item, Block):
            batch.articles += item.articles
            batch.texts.append(item.texts)
            batch.characters += len(item.texts.codes)
        else:
            batch.articles.append(item)
            batch.characters += len(item.body)
    if batch.articles:
        yield batch


@lru_cache(maxsize=4096)
def _digest_or_zero(text: str | None) -> bytes:
    return digest_text(text) if text else bytes(8)


def _as_hashes(digests: Iterable[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(digests), "<u8")


def _store_batch(
    places: Sequence[int], processed: Processed, spool: Spool, config: Config, *, spans: bool
) -> list[NDArray[Any]]:
    """Write one batch to the spool; returns the article columns in order."""
    articles, prints = processed.articles, processed.fingerprints
    token_first = spool.append("tokens", prints.tokens)
    if spans:
        spool.write("starts", prints.starts, token_first)
        spool.write("ends", prints.ends, token_first)
    counts = np.diff(prints.key_bounds)
    banded = counts > 0
    own_first = np.repeat(prints.key_bounds[:-1], counts)
    is_band = np.arange(len(prints.keys)) - own_first < config.bands
    band_first = spool.append("bands", prints.keys[is_band])
    passage_first = spool.append("passages", prints.keys[~is_band])
    passage_counts = np.where(banded, counts - config.bands, 0)
    words_left = np.diff(prints.token_bounds)
    records = [
        encode_record(article, words, found)
        for article, words, found in zip(
            articles, words_left.tolist(), processed.attributions, strict=True
        )
    ]
    sizes = np.fromiter(map(len, records), np.int64, len(records))
    if spool.states:
        records = [own + pack_state(a) for own, a in zip(records, articles, strict=True)]
    steps = sizes + (STATE_BYTES if spool.states else 0)
    record_first = spool.append("records", b"".join(records))
    return [
        np.array(places),
        _as_hashes([digest_text(article.id) for article in articles]),
        _as_hashes([digest_address(article.outlet, article.url) for article in articles]),
        _as_hashes([_digest_or_zero(article.outlet) for article in articles]),
        _as_hashes([_digest_or_zero(article.lang) for article in articles]),
        token_first + prints.token_bounds[:-1],
        words_left,
        np.where(banded, band_first + (np.cumsum(banded) - 1) * config.bands, -1),
        passage_first + np.cumsum(passage_counts) - passage_counts,
        passage_counts,
        record_first + np.cumsum(steps) - steps,
        sizes,
    ]


def _process_surviving(
    batch: _Batch, process: Callable[[_Batch], Processed], part: Part, collected: Collected
) -> list[tuple[list[int], Processed]]:
    """Process a batch; where that fails, one by one, so that one article cannot take others along.

    Returns (places in the batch, processed). An article that cannot be processed is a reject,
    never a silent loss.
    """
    try:
        return [(list(range(len(batch.articles))), process(batch))]
    except Exception:  # whatever it is, it must not cost the other articles
        survivors: list[tuple[list[int], Processed]] = []
    for place, single in enumerate(batch.singles()):
        try:
            survivors.append(([place], process(single)))
        except Exception as error:
            detail = f"article {single.articles[0].id[:100]}: {type(error).__name__}: {error}"[:300]
            shown = part.sources[0].shown if part.sources else "-"
            collected.rejects.append(Reject(shown, None, "processing_failed", detail))
    return survivors


def collect_part(
    part: Part,
    options: ReadOptions,
    config: Config,
    extractor: Extractor,
    spool: Spool,
    *,
    spans: bool = False,
) -> Collected:
    """Read one part to the end; `spans` keeps where each word stands, for matched spans."""
    collected = Collected({})

    def process(batch: _Batch) -> Processed:
        return process_articles(batch.articles, config, extractor, places=spans, texts=batch.texts)

    rows: list[list[NDArray[Any]]] = []
    read_before = 0
    # what a spool keeps of every article to decide between revisions needs its text
    items = read(part, options) if spool.states else read_blocks(part, options)
    for batch in _batches(items, collected):
        collected.languages.update(article.lang or NO_LANGUAGE for article in batch.articles)
        collected.warnings += sum(len(article.warnings) for article in batch.articles)
        for places, processed in _process_surviving(batch, process, part, collected):
            own = [read_before + place for place in places]
            rows.append(_store_batch(own, processed, spool, config, spans=spans))
        read_before += len(batch.articles)
    for index, (name, dtype) in enumerate(ARTICLE_COLUMNS.items()):
        parts = [row[index].astype(dtype, copy=False) for row in rows]
        collected.columns[name] = np.concatenate(parts) if parts else np.empty(0, dtype)
    return collected
