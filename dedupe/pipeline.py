"""Articles -> attributions, fingerprints and matches: the one place that knows the order.

Attribute first, fingerprint second: notices and furniture never reach the shingles. The same
functions run in the batch engine's workers, in the command line and in a service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution import Extractor
from dedupe.attribution.loading import load_extractor
from dedupe.blocks import span_blocks
from dedupe.composites import Composite, Source, divide_words
from dedupe.config import Config, default_config
from dedupe.corpus import Corpus, prepare_corpus
from dedupe.features import FEATURES, measure_features
from dedupe.fingerprint import Fingerprints, encode_in_batches, fingerprint_batches, zip_cuts
from dedupe.matching import RELATIONS, age_of, judge_pairs, measure_pairs, trace_blocks
from dedupe.models import Article, Attribution, Match, Relation, Side, SpanPair
from dedupe.normalize import TextBatch

__all__ = [
    "Fingerprint",
    "Processed",
    "compare",
    "divide",
    "earlier_side",
    "explain_features",
    "fingerprint",
    "process_articles",
    "trace_spans",
    "weigh_features",
]

Placed = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]
"""Tokens of a text and where each starts and ends in its body, in code points."""


@dataclass(frozen=True, slots=True)
class Processed:
    """A batch of articles with what each states and its fingerprints, in the same order."""

    articles: Sequence[Article]
    attributions: Sequence[Attribution | None]
    fingerprints: Fingerprints


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprint of one article: `signature` uint32, `bands` and `passages` uint64 keys."""

    id: str
    config_id: str
    signature: NDArray[np.uint32]
    bands: NDArray[np.uint64]
    passages: NDArray[np.uint64]


def process_articles(
    articles: Sequence[Article],
    config: Config,
    extractor: Extractor,
    *,
    places: bool = True,
    texts: Sequence[TextBatch] = (),
) -> Processed:
    """Attribute and fingerprint a batch; tens to hundreds of articles at a time are fastest.

    `places` keeps where each word stands, for matched spans. `texts` are the bodies where they were
    read as code points; the articles need not hold them then.
    """
    texts = texts or encode_in_batches([article.body for article in articles])
    attributions = extractor.extract_texts(articles, texts)
    cuts = [None if found is None else found.cuts() for found in attributions]
    batches = [batch.cut(own) for batch, own in zip_cuts(texts, cuts)]
    return Processed(articles, attributions, fingerprint_batches(batches, config, places=places))


def fingerprint(articles: Sequence[Article], config: Config | None = None) -> Iterator[Fingerprint]:
    """The fingerprint of each article, in order."""
    config = config or default_config()
    prints = process_articles(articles, config, load_extractor()).fingerprints
    for index, article in enumerate(articles):
        keys = prints.keys[prints.key_bounds[index] : prints.key_bounds[index + 1]]
        yield Fingerprint(
            article.id,
            config.config_id,
            prints.signatures[index],
            keys[: config.bands],
            keys[config.bands :],
        )


def trace_spans(
    blocks: NDArray[np.int32],
    left: Placed,
    right: Placed,
) -> tuple[SpanPair, ...]:
    """Blocks in tokens -> spans in code points of both verbatim bodies.

    `left` and `right` are (tokens, starts, ends) of each text. Blocks that follow each other
    without a gap on either side, as they do where a copy only adds a cut, are joined. In the order
    of the left text.
    """
    if len(blocks) == 0:
        return ()
    places = span_blocks(np.ascontiguousarray(blocks, np.int32), *left, *right)
    return tuple(sorted((a, b, c, d) for a, b, c, d in places.tolist()))


def explain_features(measures: NDArray[np.int32], config: Config) -> list[Mapping[str, float]]:
    """What each feature of each measured pair adds to the log-odds of copying.

    `measures` int32[n, columns] as `measure_pairs` gives them; n mappings in the order of FEATURES.
    """
    return weigh_features(measure_features(measures), config)


def weigh_features(features: NDArray[np.float64], config: Config) -> list[Mapping[str, float]]:
    """The same of features that are known: float64[n, len(FEATURES)]."""
    names = ("intercept", *FEATURES)
    contributions = config.verifier.contributions(features)
    intercept = np.full((len(features), 1), config.verifier.intercept)
    rows = np.round(np.hstack([intercept, contributions]), 4).tolist()
    return [dict(zip(names, row, strict=True)) for row in rows]


def earlier_side(left: Article, right: Article) -> Side:
    """Which of two texts of one article is the earlier: by time, else by id, else by text."""

    def age(article: Article) -> tuple[float, str, str, str]:
        when = age_of(article.modified or article.published)
        return when, article.id, article.title, article.body

    return "left" if age(left) <= age(right) else "right"


def _corpus_of(processed: Processed, config: Config) -> Corpus:
    """The articles ready to be compared, those of the address of the first marked as its texts."""
    prints, first = processed.fingerprints, processed.articles[0]
    keys = prints.keys.copy()
    firsts = np.minimum(prints.key_bounds[:-1] + config.bands, prints.key_bounds[1:])

    def same(other: Article) -> bool:
        beside = first.url is not None and (first.outlet, first.url) == (other.outlet, other.url)
        return beside or first.id == other.id

    together = [same(other) for other in processed.articles]
    addresses = np.array(together, np.uint64) * np.uint64(sum(together) > 1)
    return prepare_corpus(
        prints.tokens,
        prints.token_bounds[:-1],
        prints.token_bounds[1:],
        keys,
        firsts,
        prints.key_bounds[1:],
        addresses,
        config,
    )


def _side(prints: Fingerprints, index: int) -> Placed:
    """(tokens, starts, ends) of one text."""
    own = slice(prints.token_bounds[index], prints.token_bounds[index + 1])
    return prints.tokens[own], prints.starts[own], prints.ends[own]


def compare(left: Article, right: Article, config: Config | None = None) -> Match:
    """What two articles are to each other, whether or not they would become a candidate.

    The pair is put in order by id (code points) first.
    """
    config = config or default_config()
    if right.id < left.id:
        left, right = right, left
    processed = process_articles([left, right], config, load_extractor())
    corpus = _corpus_of(processed, config)
    zero, one = np.zeros(1, np.uint32), np.ones(1, np.uint32)
    judged = judge_pairs(corpus, zero, one, config)
    measures = measure_pairs(corpus, zero, one, config)
    relation = RELATIONS[int(judged.relation[0])]
    prints = processed.fingerprints
    spans = trace_spans(trace_blocks(corpus, 0, 1), _side(prints, 0), _side(prints, 1))
    container: Side | None = None
    if relation in (Relation.EXCERPT, Relation.EMBEDS):
        container = "left" if judged.left_longer[0] else "right"
    return Match(
        left.id,
        right.id,
        relation,
        container,
        earlier_side(left, right) if relation is Relation.REVISION else None,
        round(float(judged.similarity[0]), 6),
        round(float(judged.containment_left[0]), 6),
        round(float(judged.containment_right[0]), 6),
        round(float(judged.probability[0]), 6),
        spans,
        explain_features(measures, config)[0],
    )


def divide(
    composite: Article, sources: Sequence[Article], config: Config | None = None
) -> Composite:
    """Which of the composite's words stand in which source: shares and spans, no word twice.

    Each source counts as a story of its own; one that is no copy, whole or in part, gives nothing.
    """
    config = config or default_config()
    processed = process_articles([composite, *sources], config, load_extractor())
    corpus, prints = _corpus_of(processed, config), processed.fingerprints
    place = np.arange(1, len(sources) + 1, dtype=np.uint32)
    judged = judge_pairs(corpus, np.zeros(len(sources), np.uint32), place, config)
    pieces = {
        (number, source.id): trace_blocks(corpus, 0, number)
        for number, source in enumerate(sources, 1)
        if RELATIONS[int(judged.relation[number - 1])].copying
    }
    own, parts = divide_words(int(corpus.lasts[0] - corpus.firsts[0]), pieces)
    found = [
        Source(
            None,
            name,
            sources[number - 1].outlet,
            round(share, 6),
            trace_spans(blocks, _side(prints, 0), _side(prints, number)),
        )
        for (number, name), share, blocks in parts
    ]
    return Composite(composite.id, None, round(own, 6), tuple(found))
