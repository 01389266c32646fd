"""Columns of a finished run -> clusters, matches and candidates as values, made when asked for."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.checkpoint import Checkpoint
from dedupe.batch.furniture import Texts, headline_reader
from dedupe.batch.inside import choose_telling, find_inside
from dedupe.batch.judgements import Decided
from dedupe.batch.spool import Spool
from dedupe.candidates import pair_left, pair_right
from dedupe.composites import Composite, Source, divide_words
from dedupe.config import Config
from dedupe.corpus import Corpus, add_shingles
from dedupe.matching import EMBEDS, Judged, measure_pairs, trace_blocks
from dedupe.members import ClusterBuilder, PairRow, Proof, lead_out, look_in
from dedupe.models import (
    Cluster,
    Match,
    Reject,
    Span,
    SpanPair,
    Summary,
)
from dedupe.pipeline import explain_features, trace_spans
from dedupe.records import Record, decode_record

__all__ = ["Result", "Verified"]

_DETAILS_A_STEP = 4096
_RECORDS_AT_HAND = 1 << 16  # some 2 kB each
_CLUSTERS_A_STEP = 256


@dataclass(frozen=True, slots=True)
class Verified:
    """The columns a run ends with; articles are numbered in the order of their id hashes.

    `articles` as in `collect.ARTICLE_COLUMNS`; `labels` int64[n] the lowest number in the cluster.
    """

    articles: dict[str, NDArray[Any]]
    corpus: Corpus
    judged: Judged
    labels: NDArray[np.int64]


class Result:
    """The result of one run; a context manager that removes the run's files at its end."""

    def __init__(
        self,
        *,
        summary: Summary,
        rejects: Sequence[Reject],
        verified: Verified,
        candidate_pairs: NDArray[np.uint64] | None,
        spool: Spool,
        config: Config,
        min_size: int,
        checkpoint: Checkpoint,
        decided: Decided,
    ) -> None:
        """Take over the columns and the spool of a run."""
        self.summary = summary
        self.rejects = rejects
        self.config = config
        self._verified = verified
        self._pairs = candidate_pairs
        self._spool = spool
        self._min_size = min_size
        self._checkpoint = checkpoint
        self.decided = decided
        self._records = spool.column("records").data

    def __enter__(self) -> Result:
        """The result itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the files of the run."""
        self.close()

    def close(self) -> None:
        """Remove the files of the run; nothing can be asked for afterwards."""
        self._spool.close()
        if self._spool.keep:
            self._checkpoint.close()
        else:
            shutil.rmtree(self._spool.folder, ignore_errors=True)

    @property
    def articles(self) -> dict[str, NDArray[Any]]:
        """The columns of the articles, by `collect.ARTICLE_COLUMNS`."""
        return self._verified.articles

    @property
    def corpus(self) -> Corpus:
        """The token arrays of the articles."""
        return self._verified.corpus

    @property
    def candidate_pairs(self) -> NDArray[np.uint64]:
        """Unverified pairs of article numbers, packed as in `candidates`; empty unless kept."""
        return np.empty(0, np.uint64) if self._pairs is None else self._pairs

    def ids(self) -> list[str]:
        """The id of every article, by number."""
        return [self._record(number).id for number in range(len(self.labels))]

    @property
    def labels(self) -> NDArray[np.int64]:
        """The cluster of each article: int64[n], the lowest number in it."""
        return self._verified.labels

    def texts(self) -> Texts:
        """What boilerplate is learned from."""
        corpus = self.corpus
        return Texts(
            corpus.tokens,
            corpus.firsts,
            corpus.lasts,
            corpus.passages,
            corpus.passage_firsts,
            corpus.passage_lasts,
            self.articles["outlet"],
            headline_reader(
                lambda number: self._record(number).title, self.config.statistics.common
            ),
        )

    def places(self, number: int, first: int, last: int) -> Span:
        """Where tokens `first` to `last` of an article stand in its body; needs `keep_matches`."""
        begin = int(self.corpus.firsts[number])
        starts, ends = self._word_places
        return int(starts[begin + first]), int(ends[begin + last - 1])

    @cached_property
    def _word_places(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Where every token starts and ends in its body, mapped once."""
        return self._spool.column("starts"), self._spool.column("ends")

    @cached_property
    def _shingled(self) -> Corpus:
        """The corpus in which the articles of all matches may be aligned once more."""
        judged = self._verified.judged
        chosen = np.zeros(len(self.labels), np.bool_)
        chosen[judged.left] = chosen[judged.right] = True
        return add_shingles(
            self.corpus,
            np.flatnonzero(chosen),
            self.config,
            lambda size: self._spool.scratch("shingles", size, np.uint32),
        )

    def id_of(self, number: int) -> str:
        """The id of one article."""
        return self._record(number).id

    def _record(self, number: int) -> Record:
        first_of, size_of, words_of = self._places_of_records
        first = first_of(number)
        # fewer words than were written where learned boilerplate was cut
        return decode_record(self._records[first : first + size_of(number)], words_of(number))

    @cached_property
    def _places_of_records(self) -> tuple[Callable[[int], int], ...]:
        """Where the record of an article begins, its bytes, and the words that are left."""
        names = ("record_first", "record_size", "token_count")
        return tuple(self._verified.articles[name].item for name in names)

    def clusters(self) -> Iterator[Cluster]:
        """Walk the clusters, largest first, then by id."""
        labels, judged = self._verified.labels, self._verified.judged
        sizes = np.bincount(labels, minlength=len(labels))
        chosen = np.flatnonzero(sizes >= self._min_size)
        chosen = chosen[np.lexsort((chosen, -sizes[chosen]))]
        members = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[members], np.arange(len(labels) + 1))
        inside = find_inside(judged, labels)
        telling = choose_telling(judged, inside.rows, self.articles["token_count"])
        directed = inside.only(telling)
        builder = ClusterBuilder(
            self._record,
            self._cluster_id,
            lambda number: int(labels[number]),
            self._embeddings(),
            self.decided.pins,
        )
        for at in range(0, len(chosen), _CLUSTERS_A_STEP):
            step = chosen[at : at + _CLUSTERS_A_STEP]
            rows, bounds = inside.of(step)
            pairs = [*judged.select(rows).rows()]
            rows, hint_bounds = directed.of(step)
            hints = self._rows(rows)
            for at_step, label in enumerate(step.tolist()):
                numbers = members[starts[label] : starts[label + 1]].tolist()
                (first, last), (begin, end) = (
                    (own[at_step], own[at_step + 1]) for own in (bounds, hint_bounds)
                )
                yield builder.build(label, numbers, hints[begin:end], look_in(pairs[first:last]))

    def _cluster_id(self, label: int) -> str:
        return f"c{int(self._verified.articles['id_hash'][label]):016x}"

    def _rows(self, chosen: NDArray[np.int64]) -> list[PairRow]:
        return list(map(PairRow._make, self._verified.judged.select(chosen).rows()))

    def _embeddings(self) -> dict[int, list[tuple[int, int, bool, float]]]:
        """What `members.lead_out` gives by cluster, for `embeds` pairs."""
        labels, judged = self._verified.labels, self._verified.judged
        across = (judged.relation == EMBEDS) & (labels[judged.left] != labels[judged.right])
        found: defaultdict[int, list[tuple[int, int, bool, float]]] = defaultdict(list)
        for row in self._rows(np.flatnonzero(across)):
            for end in lead_out(row):
                found[int(labels[end[0]])].append(end)
        for links in found.values():
            links.sort()
        return found

    def composites(self) -> Iterator[Composite]:
        """Walk the articles that hold text of other clusters' articles, by id."""
        held: defaultdict[int, list[int]] = defaultdict(list)
        for ends in self._embeddings().values():
            for member, other, contains, _ in ends:
                if contains:
                    held[member].append(other)
        for number in sorted(held, key=self.id_of):
            yield self._composite(number, held[number])

    def _composite(self, number: int, others: Sequence[int]) -> Composite:
        labels, corpus = self._verified.labels, self._shingled
        records = {other: self._record(other) for other in others}
        number_of = {record.id: other for other, record in records.items()}
        pieces = {
            (int(labels[other]), record.id): trace_blocks(corpus, number, other)
            for other, record in records.items()
        }
        words = int(corpus.lasts[number] - corpus.firsts[number])
        own, parts = divide_words(words, pieces)
        sources = tuple(
            Source(
                self._cluster_id(label),
                article,
                records[number_of[article]].outlet,
                round(share, 6),
                self._trace(number, number_of[article], blocks),
            )
            for (label, article), share, blocks in parts
        )
        cluster = self._cluster_id(int(labels[number]))
        return Composite(self.id_of(number), cluster, round(own, 6), sources)

    def matches(self) -> Iterator[Match]:
        """Walk the verified pairs by (left, right) id, with spans and contributions."""
        judged = self._verified.judged
        order = self._in_order(judged.left, judged.right)[0]
        record_of = lru_cache(_RECORDS_AT_HAND)(self._record)
        for first in range(0, len(order), _DETAILS_A_STEP):
            step = order[first : first + _DETAILS_A_STEP]
            # measured again rather than kept: 88 bytes a pair, wanted here only
            measures = measure_pairs(
                self._shingled, judged.left[step], judged.right[step], self.config
            )
            explained = explain_features(measures, self.config)
            for row, features in zip(self._rows(step), explained, strict=True):
                yield self._match(row, features, record_of(row.left), record_of(row.right))

    def _match(
        self, row: PairRow, features: Mapping[str, float], left: Record, right: Record
    ) -> Match:
        return row.as_match(left, right, Proof(self._spans(row.left, row.right), features))

    def _spans(self, left: int, right: int) -> tuple[SpanPair, ...]:
        return self._trace(left, right, trace_blocks(self._shingled, left, right))

    def _trace(self, left: int, right: int, blocks: NDArray[np.int32]) -> tuple[SpanPair, ...]:
        corpus = self._verified.corpus
        starts, ends = self._word_places
        if len(starts) == 0:
            return ()
        own = [slice(int(corpus.firsts[n]), int(corpus.lasts[n])) for n in (left, right)]
        sides = [(corpus.tokens[part], starts[part], ends[part]) for part in own]
        return trace_spans(blocks, sides[0], sides[1])

    def candidates(self) -> Iterator[tuple[str, str]]:
        """Walk the unverified pairs by (left, right) id; empty unless the run kept them."""
        pairs = self.candidate_pairs
        order, lower, higher, ids = self._in_order(pair_left(pairs), pair_right(pairs))
        for at in order.tolist():
            yield ids[lower[at]], ids[higher[at]]

    def _in_order(
        self, left: NDArray[np.uint32], right: NDArray[np.uint32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], list[str]]:
        """(order of the pairs by ids, lower and higher place of each pair in the ids, sorted ids).

        Places instead of texts: a pair costs 24 bytes here, whatever its articles hold.
        """
        numbers, which = np.unique(np.concatenate([left, right]), return_inverse=True)
        ids = [self.id_of(number) for number in numbers.tolist()]
        sorting = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
        place = np.empty(len(ids), np.int64)
        place[sorting] = np.arange(len(ids))
        ends = place[which].reshape(2, -1)
        lower, higher = ends.min(axis=0), ends.max(axis=0)
        return np.lexsort((higher, lower)), lower, higher, [ids[at] for at in sorting.tolist()]
