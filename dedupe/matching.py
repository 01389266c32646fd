"""Candidates and texts -> matches: what each pair is to each other, with its scores.

Three steps, each a batch: a prefilter on the keys both articles hold (an exact, cheap stand-in for
containment), an alignment of what is left (`alignment`), and a verdict from the measurements. The
share of words aligned decides, not the share of shingles: an editor who changes every tenth word
destroys a third of the shingles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.alignment import COLUMNS, align_pairs
from dedupe.blocks import trace_pair
from dedupe.config import Config
from dedupe.corpus import Corpus
from dedupe.errors import ConfigInvalid
from dedupe.jit import kernel
from dedupe.limits import (
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
from dedupe.models import Relation

__all__ = [
    "FEATURES",
    "RELATIONS",
    "Judged",
    "judge_pairs",
    "measure_features",
    "measure_pairs",
    "prefilter_pairs",
    "promising",
    "trace_blocks",
]

RELATIONS: tuple[Relation, ...] = tuple(Relation)
"""Relation of a code as the arrays hold it."""
_CODE = {relation: code for code, relation in enumerate(RELATIONS)}
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
    more words.
    """

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    relation: NDArray[np.int8]
    probability: NDArray[np.float32]
    similarity: NDArray[np.float32]
    containment_left: NDArray[np.float32]
    containment_right: NDArray[np.float32]
    left_longer: NDArray[np.bool_]

    @classmethod
    def concatenate(cls, parts: Sequence[Judged]) -> Judged:
        """All pairs of the parts, in order."""
        if not parts:
            whole, share = np.empty(0, np.uint32), np.empty(0, np.float32)
            none = np.empty(0, np.int8)
            return cls(whole, whole, none, share, share, share, share, np.empty(0, np.bool_))
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Judged:
        """The pairs chosen by a mask or by index."""
        return Judged(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@kernel
def _keep_promising(
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.bool_],
) -> None:
    for pair in range(len(left)):
        i, i_end = firsts[left[pair]], lasts[left[pair]]
        j, j_end = firsts[right[pair]], lasts[right[pair]]
        fewer = min(i_end - i, j_end - j)
        if fewer < PREFILTER_KEYS:
            out[pair] = True
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
        out[pair] = shared >= PASSAGE_KEYS or shared >= PREFILTER_SHARE * fewer


def promising(shared: NDArray[np.int32], fewer: NDArray[np.int64]) -> NDArray[np.bool_]:
    """What `prefilter_pairs` says of pairs whose passage keys were counted elsewhere: bool[n].

    `shared` are the keys that both hold, `fewer` the keys of the text that has less.
    """
    few = fewer < PREFILTER_KEYS
    return np.asarray(few | (shared >= PASSAGE_KEYS) | (shared >= PREFILTER_SHARE * fewer))


def prefilter_pairs(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Which pairs share enough passage keys to be worth aligning: bool[n_pairs].

    A pair is dropped when the article with fewer passage keys has ten or more and the other holds
    less than 6 % of them and fewer than five. A function of the two texts only, whatever
    buckets they met in.
    """
    kept = np.empty(len(left), np.bool_)
    _keep_promising(left, right, corpus.passages, corpus.passage_firsts, corpus.passage_lasts, kept)
    return kept


def _turned(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Which pairs are measured the other way round: bool[n_pairs].

    Anchors are chosen along one text, so the order decides where an alignment is ambiguous. It must
    be that of the texts (fewer words, then hash), never that of their ids.
    """
    words = corpus.lasts - corpus.firsts
    longer = words[left] > words[right]
    later = corpus.contents[left] > corpus.contents[right]
    return np.asarray(longer | ((words[left] == words[right]) & later), np.bool_)


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
    own = [slice(int(corpus.firsts[n]), int(corpus.lasts[n])) for n in (left, right)]
    words = [each.stop - each.start for each in own]
    turned = words[0] > words[1]
    if words[0] == words[1]:
        turned = bool(corpus.contents[left] > corpus.contents[right])
    one, other = (own[1], own[0]) if turned else (own[0], own[1])
    if one.start == one.stop or other.start == other.stop:
        return np.empty((0, 3), np.int32)
    blocks = trace_pair(
        corpus.tokens[one], corpus.tokens[other], corpus.shingles[one], corpus.shingles[other]
    )
    if turned:
        blocks = blocks[:, [1, 0, 2]]
    return blocks[np.argsort(blocks[:, 1], kind="stable")]


def measure_features(measures: NDArray[np.int32]) -> NDArray[np.float64]:
    """What the verifier looks at, from the measurements: float64[n, len(FEATURES)].

    Constants added to denominators keep a handful of words from looking like a rate. Names and
    uncommon words in slots count only beyond what the rest of the text leads to expect: German
    writes every noun with a capital, and of a language without statistics every word is uncommon.
    """

    def column(name: str) -> NDArray[np.float64]:
        return measures[:, _COLUMN[name]].astype(np.float64)

    aligned, slots = column("aligned"), column("slots")
    left, right = column("left_words"), column("right_words")
    smaller, larger = np.maximum(1, np.minimum(left, right)), np.maximum(1, np.maximum(left, right))
    numbers, same_numbers = column("number_slots"), column("aligned_numbers")
    changed = numbers / (numbers + same_numbers + 1)
    edits = column("inserted") + column("deleted")
    slot_left, slot_right = column("slot_left"), column("slot_right")
    even = np.minimum(slot_left, slot_right) / (np.maximum(slot_left, slot_right) + edits + 5)
    replaced = slot_left + slot_right
    differing = replaced + edits + column("left_only") + column("right_only")
    in_slots = replaced / (differing + 5)
    words = np.maximum(1, aligned)
    capitals, rare = column("aligned_names") / words, column("aligned_rare") / words
    names = np.maximum(0, column("name_slots") - slots * np.minimum(1, 1.5 * capitals))
    uncommon = column("rare_slots") - slots * rare
    told, repeated = column("told_slots"), column("repeated_slots")
    filled = np.minimum(slots, told + names + repeated)
    share = filled / (slots + 2)
    more = np.maximum(0, filled - 1)  # one value put right is a correction, not another event
    return np.stack(
        [
            aligned / smaller,
            aligned / larger,
            np.log1p(np.minimum(column("longest"), 200)),
            column("longest") / smaller,
            slots / (aligned + 20),
            changed,
            numbers / (aligned + 20),
            edits / (aligned + 20),
            column("moved") / words,
            np.log1p(np.minimum(aligned / np.maximum(1, column("blocks")), 100)),
            uncommon / (slots + 2),
            np.minimum(names, more) / (slots + 2),
            np.minimum(told, more) / (slots + 2),
            np.minimum(column("date_slots"), more) / (slots + 2),
            repeated / (slots + 2),
            np.minimum(more, 3) / 3 * in_slots,
            np.log1p(np.minimum(numbers, 20)) * changed,
            np.minimum(slots, 10) / 10 * even,
            in_slots,
            np.minimum(slots, 6) / 6 * in_slots * np.maximum(0, uncommon) / (slots + 1),
            np.minimum(more, 2) / 2 * share * share * in_slots,
        ],
        axis=1,
    )


FEATURES = (
    "cover",  # share of the smaller text's words that are aligned
    "cover_large",  # the same of the larger
    "log_longest",  # words in the longest block
    "longest_share",
    "slots",  # places where words were replaced, per aligned word
    "number_change",  # share of numbers in the common frame that differ
    "number_slots",
    "insdel",  # words inserted or deleted in place, per aligned word
    "moved",  # share of aligned words out of order
    "log_run",  # mean length of a block
    "rare_slots",  # share of slots with uncommon words, beyond that of the text
    "name_slots",  # share of slots with capitalised words, beyond that of the text
    "told_slots",  # share of slots with numbers, dates, or a title before them
    "date_slots",
    "repeated_slots",  # share of slots that repeat a replacement: a name that recurs
    "told_frame",  # several slots of names, numbers or dates, hardly anything else that differs
    "frame",  # many numbers, most of them changed
    "same_length",  # replacements keep their length: a frame being filled in
    "in_slots",  # share of the differing words that stand in replacements
    "rare_frame",  # several replacements of uncommon words, hardly anything else
    "only_told",  # the same of names, numbers and dates, and hardly any other slot
)


def _relate(
    measures: NDArray[np.int32],
    probability: NDArray[np.float64],
    identical: NDArray[np.bool_],
    same_address: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.int8]:
    """Relation codes from the definitions of CONTRACTS section 1: int8[n]."""
    aligned = measures[:, _COLUMN["aligned"]]
    left, right = measures[:, _COLUMN["left_words"]], measures[:, _COLUMN["right_words"]]
    cover_small = aligned / np.maximum(1, np.minimum(left, right))
    cover_large = aligned / np.maximum(1, np.maximum(left, right))
    longest = measures[:, _COLUMN["longest"]]
    copying = probability >= threshold
    relation = np.full(len(measures), _CODE[Relation.INDEPENDENT], np.int8)
    relation[longest >= PASSAGE_WORDS] = _CODE[Relation.PARTIAL]
    relation[~copying & (cover_large >= FRAME)] = _CODE[Relation.TEMPLATE]
    relation[copying & (cover_large < MOST)] = _CODE[Relation.EMBEDS]
    whole = copying & (cover_large >= MOST)
    relation[whole] = _CODE[Relation.EDITED]
    framed = whole & (cover_small >= WHOLLY) & (cover_large < WHOLLY)
    relation[framed] = _CODE[Relation.EXCERPT]
    relation[copying & same_address] = _CODE[Relation.REVISION]
    relation[identical] = _CODE[Relation.IDENTICAL]
    return relation


def judge_pairs(
    corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32], config: Config
) -> Judged:
    """Verify every pair (left < right, best sorted by left) against the texts.

    Pairs that share too little to be aligned come out as `independent` with probability 0. Raises
    ConfigInvalid where the verifier was fitted for other features.
    """
    if config.verifier.names != FEATURES:
        wanted = "a file of this version's features (python -m benchmarks.quality.fit_verifier)"
        raise ConfigInvalid("verifier", ", ".join(config.verifier.names), wanted)
    measures = measure_pairs(corpus, left, right, config)
    shared = measures[:, _COLUMN["shared"]]
    in_left = np.maximum(1, measures[:, _COLUMN["left_shingles"]])
    in_right = np.maximum(1, measures[:, _COLUMN["right_shingles"]])
    aligned, words = measures[:, _COLUMN["aligned"]], measures[:, _COLUMN["left_words"]]
    others = measures[:, _COLUMN["right_words"]]
    identical = (aligned == words) & (words == others) & (measures[:, _COLUMN["blocks"]] == 1)
    probability = config.verifier.probabilities(measure_features(measures))
    probability[identical] = 1.0
    few = ~identical & (np.minimum(words, others) < LEAST_WORDS)
    nothing = (aligned == 0) | few
    probability[nothing] = 0.0
    addresses = corpus.addresses
    same_address = (addresses[left] == addresses[right]) & (addresses[left] != 0)
    relation = _relate(measures, probability, identical, same_address, config.threshold)
    relation[nothing] = _CODE[Relation.INDEPENDENT]
    return Judged(
        left,
        right,
        relation,
        probability.astype(np.float32),
        (shared / np.maximum(1, in_left + in_right - shared)).astype(np.float32),
        (shared / in_left).astype(np.float32),
        (shared / in_right).astype(np.float32),
        words > others,
    )
