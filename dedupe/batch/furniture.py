"""Articles of a run -> the boilerplate of their outlets: what an outlet prints under many stories.

Repetition alone does not tell furniture from a story that is updated or from the frame of a daily
report. So an article speaks for a repeated stretch only when its own words stand in one piece (a
frame is filled in many places) or when it has none (a page of which only the furniture was
extracted); and the articles that speak for it are counted as stories, of which two that share words
of their headline or their own text are one. No cluster is needed for that, so it is known before
the first pair is made. What another outlet prints as an article is no furniture: a brief under four
stories of one paper is a wire report that others carry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.repetition import find_repeated
from dedupe.boilerplate import GRAM_WORDS, gram_places, mark_known, sieve_of
from dedupe.jit import kernel
from dedupe.normalize import tokenize

__all__ = ["Passage", "Texts", "headline_reader", "learn_boilerplate"]

_FEWEST_STORIES = 4
"""Stories of one outlet that must print a passage before it is boilerplate."""
_LEAST_SHARE = 0.01
"""Least share of the outlet's articles, so that a long run does not make a phrase furniture."""
_MOST_LOOKED_AT = 2_000
"""Articles of one outlet that are read in full, lowest number first: bounds time and memory."""
_ONE_PIECE = 0.7
"""Share of an article's own words that must stand in one piece."""
_OWN_WORDS = 10
"""Words of that piece: more than a slot of a frame is filled with."""
_NO_OWN_WORDS = 2
"""Words an article may have beside the furniture and still count as having none."""
_WHOLLY = 0.9
"""Share of another outlet's article that a repeated stretch must make up to be an article there."""
_SAME_HEADLINE = 0.34
"""Share of the shorter headline's words in another one from which both tell one story."""


@dataclass(frozen=True, eq=False)
class Texts:
    """What is learned from: arrays as in `corpus.Corpus`, outlet hashes, and headlines on demand.

    `headline(number)` gives the word identities of an article's headline, common words left out.
    """

    tokens: NDArray[np.uint32]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    passages: NDArray[np.uint64]
    passage_firsts: NDArray[np.int64]
    passage_lasts: NDArray[np.int64]
    outlets: NDArray[np.uint64]
    headline: Callable[[int], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of boilerplate as it stands in `article` (tokens `first` to `last` of it).

    `outlet` is the outlet's hash; `articles` of it speak for the stretch.
    """

    outlet: int
    article: int
    first: int
    last: int
    articles: int


@dataclass(frozen=True, slots=True)
class _Voter:
    """An article that speaks for the repeated stretches in it; `own` are hashes of its own text."""

    number: int
    grams: Sequence[int]
    own: frozenset[int]


@kernel
def _grams_of(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    bounds: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> None:
    """Gram hashes of several texts one after another, between `bounds` int64[n + 1]."""
    for text in range(len(firsts)):
        gram_places(tokens, firsts[text], lasts[text], out[bounds[text] : bounds[text + 1]])


def _choose_articles(texts: Texts, own: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """(the articles of an outlet that are read in full, how many must speak for a passage).

    They share a passage key with the least share of `own`. Where they are too many the first are
    taken, which is by chance, as numbers go by a hash; then a share of those taken is enough.
    """
    least = max(_FEWEST_STORIES, int(np.ceil(_LEAST_SHARE * len(own))))
    firsts, lasts = texts.passage_firsts[own], texts.passage_lasts[own]
    _, holding = find_repeated(texts.passages, firsts, lasts, least)
    holders = np.asarray(own[holding], np.int64)
    looked_at = holders[:_MOST_LOOKED_AT]
    share = len(looked_at) / max(1, len(holders))
    return looked_at, max(_FEWEST_STORIES, int(np.ceil(least * share)))


@kernel
def _measure_pieces(marks: NDArray[np.uint8], size: int) -> tuple[int, int]:
    """(words that are not marked, the most of them in one piece)."""
    own, longest, piece = 0, 0, 0
    for place in range(size):
        piece = 0 if marks[place] else piece + 1
        own += 1 if piece else 0
        longest = max(longest, piece)
    return own, longest


@kernel
def _gather_grams(
    grams: NDArray[np.uint64],
    marks: NDArray[np.uint8],
    repeated: NDArray[np.uint64],
    found: NDArray[np.uint64],
    smallest: NDArray[np.uint64],
) -> int:
    """Fill `found` with the repeated grams that stand wholly in marked words; returns how many.

    `smallest` uint64[3] takes the smallest hashes of the rest, 0 where there are fewer: two texts
    that share half of their grams nearly surely share one of these.
    """
    size, count, behind = len(grams), 0, 0  # `behind`: marked words from here on
    smallest[:] = 0
    for place in range(size - 1, -1, -1):
        behind = behind + 1 if marks[place] else 0
        value = grams[place]
        if value == 0:
            continue
        if behind >= min(GRAM_WORDS, size - place):
            at = np.searchsorted(repeated, value)
            if at < len(repeated) and repeated[at] == value:
                found[count] = value
                count += 1
        elif marks[place] == 0:
            for rank in range(len(smallest)):
                if smallest[rank] == 0 or value < smallest[rank]:
                    smallest[rank], value = value, smallest[rank]
                if value == 0:
                    break
    return count


@kernel
def _read_voters(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    bounds: NDArray[np.int64],
    grams: NDArray[np.uint64],
    repeated: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
    speaking: NDArray[np.uint64],
    counts: NDArray[np.int64],
    own_hashes: NDArray[np.uint64],
) -> None:
    """What each text says as a witness for the repeated grams in it; a count of -1: it is none.

    `speaking` takes its grams from `bounds[text]` on, `own_hashes` uint64[n, 3] hashes of the rest.
    """
    longest = 1
    for text in range(len(firsts)):
        longest = max(longest, lasts[text] - firsts[text])
    marks = np.empty(longest, np.uint8)
    for text in range(len(firsts)):
        first, last = firsts[text], lasts[text]
        counts[text] = -1
        if mark_known(tokens, first, last, repeated, sieve, marks) == 0:
            continue
        own, piece = _measure_pieces(marks, last - first)
        if own > _NO_OWN_WORDS and not (piece >= _OWN_WORDS and piece >= _ONE_PIECE * own):
            continue
        here = bounds[text]
        counts[text] = _gather_grams(
            grams[here : bounds[text + 1]], marks, repeated, speaking[here:], own_hashes[text]
        )


def _list_voters(texts: Texts, looked_at: NDArray[np.int64], least: int) -> list[_Voter]:
    """The articles that speak for what `least` of them repeat."""
    firsts, lasts = texts.firsts[looked_at], texts.lasts[looked_at]
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lasts - firsts)])
    grams = np.empty(int(bounds[-1]), np.uint64)
    _grams_of(texts.tokens, firsts, lasts, bounds, grams)
    repeated, _ = find_repeated(grams, bounds[:-1], bounds[1:], least)
    speaking, counts = np.empty_like(grams), np.empty(len(firsts), np.int64)
    own = np.zeros((len(firsts), 3), np.uint64)
    _read_voters(
        texts.tokens,
        firsts,
        lasts,
        bounds,
        grams,
        repeated,
        sieve_of(repeated),
        speaking,
        counts,
        own,
    )
    return [
        _Voter(
            int(looked_at[text]),
            sorted(set(speaking[bounds[text] : bounds[text] + counts[text]].tolist())),
            frozenset(own[text].tolist()) - {0},
        )
        for text in np.flatnonzero(counts >= 0).tolist()
    ]


def _count_stories(texts: Texts, voters: list[_Voter], enough: int) -> int:
    """How many unrelated stories the voters tell, counted up to `enough`."""
    heads: list[frozenset[int]] = []
    owns: set[int] = set()
    for voter in voters:
        head = texts.headline(voter.number)
        if voter.own & owns or not (
            head or voter.own
        ):  # the latter: nothing tells what it is about
            continue
        if any(
            other and len(head & other) >= _SAME_HEADLINE * min(len(head), len(other))
            for other in (heads if head else ())
        ):
            continue
        owns |= voter.own
        heads.append(head)
        if len(heads) >= enough:
            break
    return len(heads)


@kernel
def _count_known(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
    most: int,
    out: NDArray[np.int64],
) -> None:
    """Words in known stretches of each text of at most `most` words: `out` int64[n_texts]."""
    marks = np.empty(most, np.uint8)
    for text in range(len(firsts)):
        if lasts[text] - firsts[text] <= most:
            out[text] = mark_known(tokens, firsts[text], lasts[text], known, sieve, marks)


@dataclass(frozen=True, slots=True)
class _Learned:
    """What one outlet repeats: sorted gram hashes, and the stretches they make."""

    outlet: int
    grams: NDArray[np.uint64]
    passages: list[Passage]


def _printed_elsewhere(texts: Texts, found: Sequence[_Learned]) -> NDArray[np.uint64]:
    """Grams of stretches that are an article of an outlet which does not repeat them: uint64[n]."""
    own = {learned.outlet: learned.grams for learned in found}
    known = np.unique(np.concatenate([learned.grams for learned in found]))
    lengths = [passage.last - passage.first for learned in found for passage in learned.passages]
    most = 2 * max(lengths, default=0)
    sizes = texts.lasts - texts.firsts
    counts = np.zeros(len(sizes), np.int64)
    sieve = sieve_of(known)
    _count_known(texts.tokens, texts.firsts, texts.lasts, known, sieve, most, counts)
    elsewhere = [np.empty(0, np.uint64)]
    for number in np.flatnonzero((counts > 0) & (counts >= _WHOLLY * sizes)).tolist():
        grams = np.zeros(int(sizes[number]), np.uint64)
        gram_places(texts.tokens, int(texts.firsts[number]), int(texts.lasts[number]), grams)
        grams = np.intersect1d(grams, known)
        repeated = own.get(int(texts.outlets[number]), np.empty(0, np.uint64))
        foreign = np.setdiff1d(grams, repeated)
        if 2 * len(foreign) >= len(grams):
            elsewhere.append(foreign)
    return np.unique(np.concatenate(elsewhere))


def _without(texts: Texts, learned: _Learned, grams: NDArray[np.uint64]) -> _Learned:
    """What an outlet repeats but these grams, and the stretches wholly made of the rest."""
    kept = np.setdiff1d(learned.grams, grams)
    sieve = sieve_of(kept)
    passages = []
    for passage in learned.passages:
        first = int(texts.firsts[passage.article])
        start, end = first + passage.first, first + passage.last
        marks = np.zeros(end - start, np.uint8)
        if mark_known(texts.tokens, start, end, kept, sieve, marks) == end - start:
            passages.append(passage)
    return _Learned(learned.outlet, kept, passages)


def _learn_outlet(texts: Texts, outlet: int, own: NDArray[np.int64]) -> _Learned:
    looked_at, least = _choose_articles(texts, own)
    if len(looked_at) < least:
        return _Learned(outlet, np.empty(0, np.uint64), [])
    voters = _list_voters(texts, looked_at, least)
    speaking: defaultdict[int, list[int]] = defaultdict(list)
    for index, voter in enumerate(voters):
        for gram in voter.grams:
            speaking[gram].append(index)
    counted: dict[tuple[int, ...], int] = {}
    stories: dict[int, int] = {}
    for gram, who in speaking.items():
        if len(who) < least:
            continue
        group = tuple(who)
        if group not in counted:
            counted[group] = _count_stories(texts, [voters[index] for index in group], least)
        if counted[group] >= least:
            stories[gram] = len(who)
    learned = np.sort(np.fromiter(stories, np.uint64, len(stories)))
    return _Learned(outlet, learned, list(_list_passages(texts, outlet, voters, learned, stories)))


def _list_passages(
    texts: Texts,
    outlet: int,
    voters: list[_Voter],
    learned: NDArray[np.uint64],
    stories: dict[int, int],
) -> Iterator[Passage]:
    """The stretches that are cut, each once, with the article it is first seen in."""
    seen: set[int] = set()
    sieve = sieve_of(learned)
    for voter in voters if len(learned) else ():
        first, last = int(texts.firsts[voter.number]), int(texts.lasts[voter.number])
        marks = np.zeros(last - first, np.uint8)
        mark_known(texts.tokens, first, last, learned, sieve, marks)
        grams = np.zeros(len(marks), np.uint64)
        gram_places(texts.tokens, first, last, grams)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]])))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            inside = [gram for gram in grams[start:end].tolist() if gram in stories]
            if inside and not seen.issuperset(inside):
                held = max(stories[gram] for gram in inside)
                yield Passage(outlet, voter.number, start, end, held)
            seen.update(inside)


def learn_boilerplate(texts: Texts) -> tuple[NDArray[np.uint64], list[Passage]]:
    """(sorted gram hashes, where they were seen) of every outlet's boilerplate.

    Articles without an outlet have none. The same articles give the same result in any order of
    the input, as they are numbered by the hash of their id.
    """
    found: list[_Learned] = []
    order = np.argsort(texts.outlets, kind="stable")
    names, starts = np.unique(texts.outlets[order], return_index=True)
    ends = np.append(starts[1:], len(order))[: len(names)]
    for outlet, start, end in zip(names.tolist(), starts.tolist(), ends.tolist(), strict=True):
        if outlet == 0 or end - start < _FEWEST_STORIES:
            continue
        learned = _learn_outlet(texts, outlet, order[start:end])
        if len(learned.grams):
            found.append(learned)
    if not found:
        return np.empty(0, np.uint64), []
    elsewhere = _printed_elsewhere(texts, found)
    if len(elsewhere):
        found = [_without(texts, learned, elsewhere) for learned in found]
    passages = [passage for learned in found for passage in learned.passages]
    passages.sort(key=lambda passage: (-passage.articles, passage.outlet, passage.article))
    return np.unique(np.concatenate([learned.grams for learned in found])), passages


def headline_reader(
    title: Callable[[int], str], common: NDArray[np.uint8]
) -> Callable[[int], frozenset[int]]:
    """What `Texts.headline` wants, from titles by number and `Statistics.common`."""

    @cache
    def read(number: int) -> frozenset[int]:
        ids = tokenize(title(number)).ids
        return frozenset(ids[common[ids & np.uint32(len(common) - 1)] == 0].tolist())

    return read
