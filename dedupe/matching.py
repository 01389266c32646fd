"""Candidates and texts -> matches: what each pair is to each other, with its scores.

Three steps, each a batch: a prefilter on the keys both articles hold (an exact, cheap stand-in for
containment), an alignment of what is left (`alignment`), and a verdict from the measurements. The
share of words aligned decides, not the share of shingles: an editor who changes every tenth word
destroys a third of the shingles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.alignment import COLUMNS, align_pairs
from dedupe.blocks import trace_pair, trace_pairs
from dedupe.config import Config
from dedupe.corpus import Corpus
from dedupe.errors import ConfigInvalid
from dedupe.features import FEATURES, measure_features
from dedupe.jit import kernel
from dedupe.limits import (
    FILLED,
    FILLED_EDITS,
    FILLED_REST,
    FILLED_SLOTS,
    FILLED_WORDS,
    FRAME,
    LEAST_WORDS,
    MIN_SHARED,
    MOST,
    PASSAGE_KEYS,
    PASSAGE_WORDS,
    PREFILTER_KEYS,
    PREFILTER_SHARE,
    WHOLLY,
)
from dedupe.models import Relation, SpanPair

__all__ = [
    "EMBEDS",
    "INDEPENDENT",
    "RELATIONS",
    "TEMPLATE",
    "UNITING",
    "Judged",
    "age_of",
    "judge_measures",
    "judge_pairs",
    "mark_revisions",
    "measure_pairs",
    "prefilter_pairs",
    "promising",
    "share_address",
    "trace_all",
    "trace_blocks",
]

RELATIONS: tuple[Relation, ...] = tuple(Relation)
"""Relation of a code as the arrays hold it."""
UNITING = tuple(code for code, relation in enumerate(RELATIONS) if relation.unites)
"""Codes of the relations that unite a cluster; below it those that stages ask for by name."""
EMBEDS, TEMPLATE, INDEPENDENT = map(
    RELATIONS.index, (Relation.EMBEDS, Relation.TEMPLATE, Relation.INDEPENDENT)
)
_CODE = {relation: code for code, relation in enumerate(RELATIONS)}
_BECOME_REVISION = [
    code
    for code, relation in enumerate(RELATIONS)
    if (relation.copying and relation is not Relation.IDENTICAL) or relation is Relation.TEMPLATE
]
_COLUMN = {name: index for index, name in enumerate(COLUMNS)}
_MIRROR = {
    **{f"left_{name}": f"right_{name}" for name in ("shingles", "words", "only", "rare")},
    **{f"right_{name}": f"left_{name}" for name in ("shingles", "words", "only", "rare")},
    **{"slot_left": "slot_right", "slot_right": "slot_left"},
    **{"inserted": "deleted", "deleted": "inserted"},
}
"""Measurements that change places when a pair is looked at from the other side."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Verified pairs, sorted by (left, right): arrays of one length.

    `left`, `right` uint32; `relation` int8 codes of RELATIONS; `probability`, `similarity`,
    `containment_left`, `containment_right` float32 in [0, 1]; `left_longer` bool, whether left has
    more words; `slot_places` int64, a bit for each word of the frame beside a slot where these are
    few, and `limits.FILLED` where little else differs; else 0.
    """

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    relation: NDArray[np.int8]
    probability: NDArray[np.float32]
    similarity: NDArray[np.float32]
    containment_left: NDArray[np.float32]
    containment_right: NDArray[np.float32]
    left_longer: NDArray[np.bool_]
    slot_places: NDArray[np.int64]

    @classmethod
    def concatenate(cls, parts: Sequence[Judged]) -> Judged:
        """All pairs of the parts, in order."""
        if not parts:
            whole, share = np.empty(0, np.uint32), np.empty(0, np.float32)
            none, places = np.empty(0, np.int8), np.empty(0, np.int64)
            longer = np.empty(0, np.bool_)
            return cls(whole, whole, none, share, share, share, share, longer, places)
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Walk the pairs, the values of each in the order of the fields."""
        columns = (getattr(self, name).tolist() for name in self.__dataclass_fields__)
        return zip(*columns, strict=True)

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Judged:
        """The pairs chosen by a mask or by index."""
        return Judged(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@kernel
def _count_shared(
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.int32],
    fewer: NDArray[np.int64],
) -> None:
    """Keys that both articles of each pair hold, and those of the article with fewer.

    They are not counted where too few decide nothing.
    """
    for pair in range(len(left)):
        i, i_end = firsts[left[pair]], lasts[left[pair]]
        j, j_end = firsts[right[pair]], lasts[right[pair]]
        fewer[pair] = min(i_end - i, j_end - j)
        if fewer[pair] < PREFILTER_KEYS:
            continue
        shared = 0
        while i < i_end and j < j_end:
            if keys[i] == keys[j]:
                shared += 1
                i += 1
                j += 1
            elif keys[i] < keys[j]:
                i += 1
            else:
                j += 1
        out[pair] = shared


def promising(shared: NDArray[np.int32], fewer: NDArray[np.int64]) -> NDArray[np.bool_]:
    """What `prefilter_pairs` says of pairs whose passage keys were counted: bool[n].

    `shared` are the keys that both hold, `fewer` the keys of the text that has less.
    """
    few = fewer < PREFILTER_KEYS
    return np.asarray(few | (shared >= PASSAGE_KEYS) | (shared >= PREFILTER_SHARE * fewer))


def prefilter_pairs(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Which pairs share enough passage keys to be worth aligning: bool[n_pairs].

    A pair is dropped when the article with fewer passage keys has ten or more and the other holds
    less than 5 % of them and fewer than five. A function of the two texts only, whatever
    buckets they met in.
    """
    shared, fewer = np.zeros(len(left), np.int32), np.empty(len(left), np.int64)
    firsts, lasts = corpus.passage_firsts, corpus.passage_lasts
    _count_shared(left, right, corpus.passages, firsts, lasts, shared, fewer)
    return promising(shared, fewer)


def _turned(
    corpus: Corpus, left: NDArray[np.uint32] | int, right: NDArray[np.uint32] | int
) -> NDArray[np.bool_]:
    """Which pairs are measured the other way round: bool[n_pairs], bool[] for one pair.

    Anchors are chosen along one text, so the order decides where an alignment is ambiguous. It must
    be that of the texts (fewer words, then hash), never that of their ids.
    """
    words = corpus.lasts[left] - corpus.firsts[left]
    others = corpus.lasts[right] - corpus.firsts[right]
    later = corpus.contents[left] > corpus.contents[right]
    return np.asarray((words > others) | ((words == others) & later), np.bool_)


def measure_pairs(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32], config: Config
) -> NDArray[np.int32]:
    """Align every pair: int32[n_pairs, len(alignment.COLUMNS)]."""
    measures = np.zeros((len(left), len(COLUMNS)), np.int32)
    if len(left) == 0:
        return measures
    turned = _turned(corpus, left, right)
    first, second = np.where(turned, right, left), np.where(turned, left, right)
    order = np.argsort(first, kind="stable")  # one table of shingles serves all pairs of a text
    aligned = np.zeros_like(measures)
    align_pairs(
        corpus.tokens,
        corpus.shingles,
        corpus.firsts,
        corpus.lasts,
        corpus.shingle_firsts,
        corpus.distinct,
        first[order],
        second[order],
        config.kinds,
        MIN_SHARED,
        aligned,
    )
    measures[order] = aligned
    back = np.array([_COLUMN[_MIRROR.get(name, name)] for name in COLUMNS])
    measures[turned] = measures[turned][:, back]
    return measures


def trace_blocks(corpus: Corpus, left: int, right: int) -> NDArray[np.int32]:
    """The aligned blocks of one pair: int32[n, 3] of (left place, right place, words)."""
    turned = bool(_turned(corpus, left, right))
    ends = (right, left) if turned else (left, right)
    one, other = (slice(int(corpus.firsts[n]), int(corpus.lasts[n])) for n in ends)
    if one.start == one.stop or other.start == other.stop:
        return np.empty((0, 3), np.int32)
    hashes = [
        corpus.shingles[begin : begin + own.stop - own.start]
        for own, begin in zip((one, other), corpus.shingle_firsts[list(ends)].tolist(), strict=True)
    ]
    blocks = trace_pair(corpus.tokens[one], corpus.tokens[other], *hashes)
    if turned:
        blocks = blocks[:, [1, 0, 2]]
    return blocks[np.argsort(blocks[:, 1], kind="stable")]


def trace_all(
    corpus: Corpus,
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
) -> list[tuple[SpanPair, ...]]:
    """The spans of every pair in both bodies, in the order of the left text.

    `starts`, `ends` uint32[n_tokens] tell where each word of the corpus stands in its body.
    """
    bounds = np.zeros(len(left) + 1, np.int64)
    turned = _turned(corpus, left, right)
    spans = trace_pairs(
        corpus.tokens, corpus.shingles, starts, ends, corpus.firsts, corpus.lasts,
        corpus.shingle_firsts, left, right, turned, bounds,
    )  # fmt: skip
    rows, cuts = [*map(tuple, spans.tolist())], bounds.tolist()
    return [tuple(sorted(rows[a:b])) for a, b in pairwise(cuts)]


def age_of(time: datetime | None) -> float:
    """What orders texts of one article: seconds since 1970, minus infinity where no time is known.

    `time` is when it was modified, else published.
    """
    return time.timestamp() if time else float("-inf")


def share_address(
    addresses: NDArray[np.uint64], left: NDArray[np.uint32], right: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Which pairs stand at one address of one outlet: bool[n_pairs]; `addresses` as in `Corpus`."""
    return np.asarray((addresses[left] == addresses[right]) & (addresses[left] != 0), np.bool_)


def mark_revisions(
    relation: NDArray[np.int8],
    probability: NDArray[np.float64] | NDArray[np.float32],
    same_address: NDArray[np.bool_],
) -> None:
    """Make pairs of one address that share a frame revisions of probability 1, in place.

    A table at one address is filled with other numbers every day and stays the same article: what
    the address says does not depend on what the verifier makes of the words.
    """
    revised = same_address & np.isin(relation, _BECOME_REVISION)
    relation[revised] = _CODE[Relation.REVISION]
    probability[revised] = 1.0


def _relate(
    measures: NDArray[np.int32],
    probability: NDArray[np.float64],
    identical: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.int8]:
    """Relation codes from the definitions of CONTRACTS section 1: int8[n].

    A passage in one piece is no frame: a template has gaps that are filled.
    """
    aligned = measures[:, _COLUMN["aligned"]]
    left, right = measures[:, _COLUMN["left_words"]], measures[:, _COLUMN["right_words"]]
    cover_small = aligned / np.maximum(1, np.minimum(left, right))
    cover_large = aligned / np.maximum(1, np.maximum(left, right))
    longest = measures[:, _COLUMN["longest"]]
    copying = probability >= threshold
    relation = np.full(len(measures), _CODE[Relation.INDEPENDENT], np.int8)
    relation[longest >= PASSAGE_WORDS] = _CODE[Relation.PARTIAL]
    filled = sum(measures[:, _COLUMN[name]] for name in ("slots", "inserted", "deleted"))
    relation[~copying & (cover_large >= FRAME) & (filled > 0)] = _CODE[Relation.TEMPLATE]
    relation[copying & (cover_large < MOST)] = _CODE[Relation.EMBEDS]
    whole = copying & (cover_large >= MOST)
    relation[whole] = _CODE[Relation.EDITED]
    framed = whole & (cover_small >= WHOLLY) & (cover_large < WHOLLY)
    relation[framed] = _CODE[Relation.EXCERPT]
    relation[identical] = _CODE[Relation.IDENTICAL]
    return relation


def _slot_places(measures: NDArray[np.int32]) -> NDArray[np.int64]:
    """The words beside few slots of each pair, and whether it differs in little else: int64[n]."""

    def column(name: str) -> NDArray[np.int64]:
        return measures[:, _COLUMN[name]].astype(np.int64)

    slots, aligned = column("slots"), column("aligned")
    filled = aligned <= FILLED_WORDS * slots
    filled &= column("inserted") + column("deleted") <= FILLED_EDITS
    filled &= column("left_only") + column("right_only") <= FILLED_REST * aligned
    places = column("places_low") | column("places_high") << 31
    few = (slots <= FILLED_SLOTS) & (places != 0)
    return np.where(few, places | np.where(filled, FILLED, 0), 0)


def judge_pairs(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32], config: Config
) -> Judged:
    """Verify every pair (left < right, best sorted by left) against the texts.

    Pairs that share too little to be aligned come out as `independent` with probability 0. Raises
    ConfigInvalid where the verifier was fitted for other features.
    """
    measures = measure_pairs(corpus, left, right, config)
    return judge_measures(corpus, left, right, measures, measure_features(measures), config)


def judge_measures(
    corpus: Corpus,
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    measures: NDArray[np.int32],
    features: NDArray[np.float64],
    config: Config,
) -> Judged:
    """The same of pairs that were measured; `features` as `measure_features` makes them."""
    if config.verifier.names != FEATURES:
        wanted = "a file of this version's features (python -m benchmarks.quality.fit_verifier)"
        raise ConfigInvalid("verifier", ", ".join(config.verifier.names), wanted)
    shared = measures[:, _COLUMN["shared"]]
    in_left = np.maximum(1, measures[:, _COLUMN["left_shingles"]])
    in_right = np.maximum(1, measures[:, _COLUMN["right_shingles"]])
    aligned, words = measures[:, _COLUMN["aligned"]], measures[:, _COLUMN["left_words"]]
    others = measures[:, _COLUMN["right_words"]]
    identical = (aligned == words) & (words == others) & (measures[:, _COLUMN["blocks"]] == 1)
    probability = config.verifier.probabilities(features)
    probability[identical] = 1.0
    few = ~identical & (np.minimum(words, others) < LEAST_WORDS)
    nothing = (aligned == 0) | few
    probability[nothing] = 0.0
    relation = _relate(measures, probability, identical, config.threshold)
    relation[nothing] = _CODE[Relation.INDEPENDENT]
    mark_revisions(relation, probability, share_address(corpus.addresses, left, right))
    return Judged(
        left,
        right,
        relation,
        probability.astype(np.float32),
        (shared / np.maximum(1, in_left + in_right - shared)).astype(np.float32),
        (shared / in_left).astype(np.float32),
        (shared / in_right).astype(np.float32),
        words > others,
        _slot_places(measures),
    )
