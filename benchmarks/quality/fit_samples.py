"""Sets of pairs -> samples for the fit: features, labels, weights, and what may be left out.

Seven sources, each with a fixed total weight so that size does not decide: the synthetic corpus
(planted truth), SaudiNewsNet candidates labelled by time (the same text on one day is copying; much
common text three days apart is a template or a follow-up), the adjudicated pairs, the labelled
pairs of the demonstration corpus, reports made of the frames of `frames.toml`, articles with a few
values put right or all of them changed (`corrections`), and articles carried in one piece within
another's own text (`carried`).
"""

from __future__ import annotations

import datetime
import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import provide_corpus
from benchmarks.machine import ROOT
from benchmarks.quality.carried import carry_articles
from benchmarks.quality.corrections import make_corrections
from benchmarks.quality.frames import Pair, corpus_of, load_frames, make_pairs
from dedupe.batch.local import RunOptions, run
from dedupe.candidates import pair_left, pair_right
from dedupe.config import default_config
from dedupe.features import FEATURES, measure_features
from dedupe.matching import measure_pairs
from dedupe.models import Relation
from dedupe.readers import ReadOptions
from dedupe.verifier import Verifier

__all__ = ["Floats", "Sample", "Samples", "load_rows", "sample_all", "sample_frames"]

Floats = NDArray[np.float64]
Measures = NDArray[np.int32]
Names = NDArray[np.str_]
_SYNTHETIC_ARTICLES = 40_000
_ROUNDS = 12
_CORRECTED = {
    "ar_saudinewsnet": 400,
    "ar_ant": 200,
    "en_wnam2015": 250,
    "en_reuters21578": 250,
    "de_insm": 400,
    "multi_tgcontest": 400,
}
"""Sets of real articles and how many of each are corrected."""


@dataclass(frozen=True)
class Sample:
    """Measurements int32[n, k], labels float64[n] (1 = copying), weights float64[n].

    `lang` str[n], `outlets` and `weeks` str[n, 2] are what a fold may leave out.
    """

    name: str
    measures: Measures
    labels: Floats
    weights: Floats
    lang: Names
    outlets: Names
    weeks: Names

    @cached_property
    def features(self) -> Floats:
        """What the verifier looks at: float64[n, len(FEATURES)]."""
        return measure_features(self.measures)


@dataclass(frozen=True)
class Samples:
    """What is fitted on; `reference` is reported only (`missed` of its pairs are no candidates).

    `adjudicated` labels, and `edits` of the pairs that were made, stand beside theirs.
    """

    synthetic: Sample
    weak: Sample
    adjudicated: Sample
    demonstration: Sample
    frames: Sample
    corrections: Sample
    carried: Sample
    reference: Sample
    missed: int
    labels: list[str]
    edits: dict[str, list[str]]

    @property
    def fitted(self) -> list[Sample]:
        """The samples that carry weight."""
        return [
            self.synthetic,
            self.weak,
            self.adjudicated,
            self.demonstration,
            self.frames,
            self.corrections,
            self.carried,
        ]


def load_rows(path: Path, most: int | None = None) -> list[dict[str, Any]]:
    """Rows of a JSON Lines file, gzipped or not; of a long one the first `most`."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, most)]


def _unfitted() -> Verifier:
    """A verifier that knows nothing: the shipped one may have been fitted for other features."""
    nothing = np.zeros(len(FEATURES))
    return Verifier(FEATURES, nothing, nothing, 0.0, "unfitted")


def measure_candidates(path: Path) -> tuple[list[str], NDArray[np.uint64], Measures, Names]:
    """(ids by article, candidate pairs, their measurements, languages by article) of a file."""
    config = replace(default_config(), verifier=_unfitted())
    options = RunOptions(keep_candidates=True)
    with run([str(path)], ReadOptions(), config, options) as result:
        pairs = result.candidate_pairs
        measures = measure_pairs(result.corpus, pair_left(pairs), pair_right(pairs), config)
        ids = result.ids()
    lang = {row["id"]: row.get("lang", "") for row in load_rows(path)}
    names = np.array([lang.get(article, "") for article in ids])
    return ids, pairs, measures, names


def _cover(measures: Measures) -> Floats:
    """Share of the smaller text's words that are aligned."""
    return np.asarray(measure_features(measures)[:, FEATURES.index("cover")])


def spread(total: float, chosen: NDArray[np.bool_]) -> Floats:
    """Weights that share `total` evenly among the chosen rows."""
    return np.where(chosen, total / max(1, int(chosen.sum())), 0.0)


def _sample(name: str, measures: Measures, labels: Floats, weights: Floats, lang: Names) -> Sample:
    """A sample of no outlet and no week."""
    none = np.full((len(labels), 2), "")
    return Sample(name, measures, labels, weights, lang, none, none)


def _measure_made(pairs: Sequence[Pair]) -> Measures:
    config = default_config()
    corpus = corpus_of([text for pair in pairs for text in (pair.left, pair.right)], config)
    left = np.arange(0, 2 * len(pairs), 2, dtype=np.uint32)
    return measure_pairs(corpus, left, left + np.uint32(1), config)


def sample_synthetic() -> Sample:
    """Planted truth; half of the weight of the negatives lies on template reports."""
    folder = provide_corpus(_SYNTHETIC_ARTICLES)
    truth = {}
    with (folder / "truth.tsv").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            article, cluster, _ = line.split("\t")
            truth[article] = cluster
    ids, pairs, measures, lang = measure_candidates(folder / "articles.jsonl")
    _, number = np.unique([truth[article] for article in ids], return_inverse=True)
    left = pair_left(pairs)
    copying = np.asarray(number[left] == number[pair_right(pairs)], np.bool_)
    alike = _cover(measures) > 0.5
    weights = spread(400, copying) + spread(600, ~copying & alike) + spread(50, ~copying & ~alike)
    labels = copying.astype(np.float64)
    return _sample("synthetic", measures, labels, weights, lang[left])


def sample_frames(rounds: int = _ROUNDS) -> tuple[Sample, list[str]]:
    """(templates and copies of the frames, how each was made); languages weigh the same."""
    pairs = list(make_pairs(load_frames(), rounds))
    measures = _measure_made(pairs)
    labels = np.array([float(pair.copying) for pair in pairs])
    lang = np.array([pair.lang for pair in pairs])
    languages = sorted(set(lang.tolist()))
    weights = np.zeros(len(pairs))
    # a single value put right is the copy that looks most like a template
    corrected = np.array([pair.edit.startswith("corrected") for pair in pairs])
    for language in languages:
        own = lang == language
        weights += spread(120 / len(languages), own & (labels > 0) & ~corrected)
        weights += spread(100 / len(languages), own & corrected)
        weights += spread(300 / len(languages), own & (labels == 0))
    return _sample("frames", measures, labels, weights, lang), [pair.edit for pair in pairs]


def _load_articles(data: Path) -> list[tuple[str, str]]:
    """(language, body) of some articles of every set, cut to lengths from 60 to 400 words."""
    files = [(data / f"news_{name}.jsonl.gz", count) for name, count in _CORRECTED.items()]
    files += [(provide_corpus(_SYNTHETIC_ARTICLES) / "articles.jsonl", 1500)]
    files += [(ROOT / "seeds" / "demo.jsonl", 139)]
    articles = []
    for path, count in files:
        chance = random.Random(count)
        own = load_rows(path, 20 * count)
        for row in chance.sample(own, min(count, len(own))):
            body, length = str(row.get("body") or ""), chance.randint(60, 400)
            words = list(islice(re.finditer(r"\S+", body), length))
            if len(words) >= 40 or (words and row.get("lang") in ("zh", "ja")):
                articles.append((str(row.get("lang") or ""), body[: words[-1].end()]))
    return articles


def _sample_made(
    name: str, pairs: Sequence[Pair], copies: float, others: float
) -> tuple[Sample, list[str]]:
    """(pairs of known truth, how each was made); languages share the two weights evenly."""
    labels = np.array([float(pair.copying) for pair in pairs])
    lang = np.array([pair.lang for pair in pairs])
    languages = sorted(set(lang.tolist()))
    weights = np.zeros(len(pairs))
    for language in languages:
        own = lang == language
        weights += spread(copies / len(languages), own & (labels > 0))
        weights += spread(others / len(languages), own & (labels == 0))
    sample = _sample(name, _measure_made(pairs), labels, weights, lang)
    return sample, [pair.edit for pair in pairs]


def sample_demonstration() -> Sample:
    """The labelled pairs of `seeds/`: the only templates of names, and six more languages."""
    ids, pairs, measures, lang = measure_candidates(ROOT / "seeds" / "demo.jsonl")
    number = {article: index for index, article in enumerate(ids)}
    place = {int(pair): index for index, pair in enumerate(pairs.tolist())}
    found = []
    for row in load_rows(ROOT / "seeds" / "gold" / "pairs.jsonl"):
        left, right = sorted((number[row["left"]], number[row["right"]]))
        index = place.get(left << 32 | right)
        if index is not None:
            found.append((Relation(row["relation"]).copying, index))
    rows = np.array([index for _, index in found], np.int64)
    labels = np.array([float(copying) for copying, _ in found])
    weights = spread(60, labels > 0) + spread(150, labels == 0)
    lang = lang[pair_left(pairs)[rows]]
    return _sample("demonstration", measures[rows], labels, weights, lang)


def sample_saudinewsnet(data: Path) -> tuple[Sample, Sample, Sample, int, list[str]]:
    """(weakly labelled, reference, adjudicated pairs, reference missed, adjudicated labels)."""
    ids, pairs, measures, _ = measure_candidates(data / "news_ar_saudinewsnet.jsonl.gz")
    left, right = pair_left(pairs), pair_right(pairs)
    dates = [datetime.date.fromisoformat(article[4:14]) for article in ids]
    days = np.array([date.toordinal() for date in dates])
    week = np.array([f"{date.isocalendar().year}-W{date.isocalendar().week}" for date in dates])
    rows = load_rows(data / "news_ar_saudinewsnet.jsonl.gz")
    paper = {row["id"]: row.get("source") or "" for row in rows}
    papers = np.array([paper[article] for article in ids])
    outlets = np.stack([papers[left], papers[right]], axis=1)
    weeks = np.stack([week[left], week[right]], axis=1)
    apart = np.abs(days[left] - days[right])
    cover = _cover(measures)
    # a daily bulletin shares most of its words with that of the day before
    positive = (apart == 0) & (cover >= 0.62) | (apart == 1) & (cover >= 0.8)
    follow_up = (apart >= 3) & (cover >= 0.4) & (cover < 0.85)
    little = cover < 0.4
    weights = spread(400, positive) + spread(250, follow_up) + spread(150, little)
    number = {article: index for index, article in enumerate(ids)}
    place = {int(pair): index for index, pair in enumerate(pairs.tolist())}

    def find(row: dict[str, Any]) -> int | None:
        low, high = sorted((number[row["a"]], number[row["b"]]))
        return place.get(low << 32 | high)

    def sample(name: str, chosen: NDArray[np.int64], labels: Floats, own: Floats) -> Sample:
        lang = np.full(len(chosen), "ar")
        return Sample(name, measures[chosen], labels, own, lang, outlets[chosen], weeks[chosen])

    adjudicated = load_rows(data / "pairs_ar_adjudicated.jsonl.gz")
    found = [(row["label"], at) for row in adjudicated if (at := find(row)) is not None]
    read = np.array([at for _, at in found], np.int64)
    labels = np.array([float(label in "DC") for label, _ in found])
    reference = load_rows(data / "pairs_ar_saudinewsnet.jsonl.gz")
    wanted = [find(row) for row in reference if row["cont_w4"] >= 0.5]
    known = np.array([at for at in wanted if at is not None], np.int64)
    return (
        sample("weak", np.arange(len(pairs)), positive.astype(np.float64), weights),
        sample("reference", known, np.ones(len(known)), np.zeros(len(known))),
        sample("adjudicated", read, labels, np.full(len(read), 8.0)),
        len(wanted) - len(known),
        [label for label, _ in found],
    )


def sample_all(data: Path) -> Samples:
    """Everything that the fit rests on; `data` is the folder of real articles."""
    weak, reference, adjudicated, missed, labels = sample_saudinewsnet(data)
    frames, edits = sample_frames()
    articles = _load_articles(data)
    corrected = make_corrections(articles, default_config().kinds)
    corrections, changes = _sample_made("corrections", corrected, 500, 260)
    carried, shares = _sample_made("carried", carry_articles(articles), 120, 90)
    return Samples(
        sample_synthetic(),
        weak,
        adjudicated,
        sample_demonstration(),
        frames,
        corrections,
        carried,
        reference,
        missed,
        labels,
        {"frames": edits, "corrections": changes, "carried": shares},
    )
