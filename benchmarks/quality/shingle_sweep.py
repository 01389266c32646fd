"""Kinds of shingles -> what each finds and lets through, by script.

    python -m benchmarks.quality.shingle_sweep [--shared DIR] [--output FILE]

Pairs are compared by the exact similarity of their sets of shingles, so the chance that bands make
a pair a candidate is known without drawing: 1 - (1 - J^rows)^bands. Copies are the reference pairs
of SaudiNewsNet, planted copies of the synthetic corpus, and reports and articles edited here
(Cyrillic, Han); templates the planted and the made ones; strangers are articles drawn at random.
What a stranger costs is given for a collection of 100,000 articles. Without `--shared` the real
Arabic and Cyrillic texts are left out.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.corpora import provide_corpus
from benchmarks.quality.corrections import make_corrections
from benchmarks.quality.fit_samples import load_rows
from benchmarks.quality.frames import load_frames, make_pairs
from dedupe.config import default_config
from dedupe.foldtable import CODE_POINT, COMPLEX, KIND_SHIFT, SEPARATOR, SKIP, load_table
from dedupe.normalize import tokenize

__all__ = ["KINDS", "fold_text", "shingle_set"]

OUTPUT = machine.ROOT / "benchmarks" / "results" / "shingles.json"
BANDS = ((20, 6), (42, 3))
_COLLECTION = 100_000
_MOST = 500  # pairs of a kind and script
_STRANGERS = 4_000
_SPACE = np.uint32(32)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_LATIN, _ARABIC = ("en", "fr", "es", "tr"), ("ar", "fa", "ur")

Hashes = NDArray[np.uint64]
TextPair = tuple[str, str]


def fold_text(text: str) -> NDArray[np.uint32]:
    """Folded code points, words apart by one space: what grams of characters are made of."""
    table, _ = load_table()
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    entries = table[np.minimum(codes, np.uint32(len(table) - 1))]
    kept = entries & SKIP == 0
    codes, entries = codes[kept], entries[kept]
    folded = np.where(entries & COMPLEX != 0, codes, entries & CODE_POINT)
    folded[(entries >> KIND_SHIFT) & np.uint32(7) == SEPARATOR] = _SPACE
    apart = np.ones(len(folded), np.bool_)
    apart[1:] = (folded[1:] != _SPACE) | (folded[:-1] != _SPACE)
    return np.asarray(folded[apart], np.uint32)


def _grams(values: NDArray[np.uint32], size: int) -> Hashes:
    """Distinct hashes of runs of `size` values; of a shorter text, of all of it."""
    size = min(size, len(values))
    count = len(values) - size + 1
    state = np.full(count, size, np.uint64)
    for offset in range(size):
        state = state * _BASE + values[offset : offset + count].astype(np.uint64)
        state ^= state >> np.uint64(29)
    return np.unique(state) if len(values) else np.empty(0, np.uint64)


def _words(size: int) -> Callable[[str], Hashes]:
    return lambda text: _grams(tokenize(text).ids.astype(np.uint32), size)


def _letters(size: int) -> Callable[[str], Hashes]:
    return lambda text: _grams(fold_text(text), size)


def _mixed(text: str) -> Hashes:
    return np.union1d(_words(2)(text), _letters(5)(text))


KINDS: dict[str, Callable[[str], Hashes]] = {
    "word 2": _words(2),
    "word 3": _words(3),
    "char 4": _letters(4),
    "char 5": _letters(5),
    "char 6": _letters(6),
    "word 2 + char 5": _mixed,
}
"""A word of a script without spaces is one letter with its marks, as in the engine."""


def shingle_set(kind: str, text: str) -> Hashes:
    """Sorted distinct shingle hashes of a text: uint64[n]."""
    return KINDS[kind](text)


@dataclass
class Script:
    """Pairs of texts of one script, by what they are to each other; `texts` are of many stories."""

    copies: list[TextPair] = field(default_factory=list)
    templates: list[TextPair] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def strangers(self) -> Iterator[TextPair]:
        """Two of `texts`, drawn at random; none where there are only frames."""
        chance = random.Random(len(self.texts))
        for _ in range(_STRANGERS if self.texts else 0):
            one, other = chance.sample(self.texts, 2)
            yield one, other


def _sample(pairs: list[TextPair]) -> list[TextPair]:
    return random.Random(len(pairs)).sample(pairs, min(_MOST, len(pairs)))


def _planted(scripts: dict[str, Script]) -> None:
    """Copies with their originals and neighbours in a template, of 20,000 synthetic articles."""
    folder = provide_corpus(20_000)
    rows = load_rows(folder / "articles.jsonl")
    with (folder / "truth.tsv").open(encoding="utf-8") as lines:
        truth = {line.split("\t")[0]: line.rstrip("\n").split("\t")[1:] for line in lines}
    body = {row["id"]: row["body"] for row in rows}
    origin = {cluster: article for article, (cluster, kind) in truth.items() if kind == "orig"}
    for name, languages in (("Latin", _LATIN), ("Arabic, planted", _ARABIC)):
        own = [row for row in rows if row["lang"] in languages]
        copies, frames = [], defaultdict(list)
        for row in own:
            cluster, kind = truth[row["id"]]
            if kind == "hardneg":
                # titles of one template share their first words
                frames[row["source"], *row["title"].split()[:2]].append(row["body"])
            elif cluster in origin and kind not in ("orig", "exact", "headline"):
                copies.append((body[origin[cluster]], row["body"]))
        templates = [pair for texts in frames.values() for pair in pairwise(texts)]
        scripts[name].copies += _sample(copies)
        scripts[name].templates += _sample(templates)
        scripts[name].texts += list({original for original, _ in _sample(copies)})


def _made(scripts: dict[str, Script]) -> None:
    names = {"ru": "Cyrillic", "zh": "Han"}
    for pair in make_pairs(load_frames(), 30):
        if pair.lang in names:
            own = scripts[names[pair.lang]]
            (own.copies if pair.copying else own.templates).append((pair.left, pair.right))


def _real(scripts: dict[str, Script], data: Path) -> None:
    news = load_rows(data / "news_ar_saudinewsnet.jsonl.gz")
    body = {row["id"]: row["body"] for row in news if row.get("body")}
    reference = load_rows(data / "pairs_ar_saudinewsnet.jsonl.gz")
    wanted = [(body[row["a"]], body[row["b"]]) for row in reference if row["cont_w4"] >= 0.3]
    scripts["Arabic, real"].copies += _sample(wanted)
    scripts["Arabic, real"].texts += random.Random(1).sample(list(body.values()), _MOST)
    read = load_rows(data / "pairs_ar_adjudicated.jsonl.gz")
    scripts["Arabic, real"].templates += [
        (body[row["a"]], body[row["b"]]) for row in read if row["label"] == "T"
    ]
    posts = load_rows(data / "news_multi_tgcontest.jsonl.gz")
    russian = [("ru", row["body"]) for row in posts if row["lang"] == "ru" and row.get("body")]
    scripts["Cyrillic"].texts += [text for _, text in russian]
    for pair in make_corrections(russian, default_config().kinds):
        own = scripts["Cyrillic"]
        (own.copies if pair.copying else own.templates).append((pair.left, pair.right))


def _similarities(
    kind: str, pairs: Iterable[TextPair], sets: dict[str, Hashes]
) -> NDArray[np.float64]:
    """Exact Jaccard similarity of each pair: float64[n]; `sets` remembers what was made."""
    found = []
    for pair in pairs:
        for text in pair:
            if text not in sets:
                sets[text] = shingle_set(kind, text)
        one, other = sets[pair[0]], sets[pair[1]]
        shared = len(np.intersect1d(one, other, assume_unique=True))
        found.append(shared / max(1, len(one) + len(other) - shared))
    return np.array(found)


def measure_script(name: str, script: Script, kind: str) -> dict[str, Any]:
    """One row: shingles an article, similarities, and what bands make of them."""
    sets: dict[str, Hashes] = {}
    groups = {
        "copies": _similarities(kind, script.copies, sets),
        "templates": _similarities(kind, script.templates, sets),
        "strangers": _similarities(kind, script.strangers(), sets),
    }
    row: dict[str, Any] = {
        "script": name,
        "kind": kind,
        "shingles": round(float(np.mean([len(own) for own in sets.values()]))),
        "copies": len(script.copies),
        "templates": len(script.templates),
        "similarity of copies": round(float(groups["copies"].mean()), 3),
        "similarity of templates": round(float(groups["templates"].mean()), 3),
    }
    for bands, rows in BANDS:
        chance = {key: 1 - (1 - found**rows) ** bands for key, found in groups.items()}
        row[f"copies found by {bands}×{rows}"] = round(float(chance["copies"].mean()), 4)
        strangers = chance["strangers"]
        row[f"strangers an article by {bands}×{rows}"] = (
            round(float(strangers.mean()) * _COLLECTION, 2) if len(strangers) else None
        )
    return row


def measure_all(data: Path | None) -> list[dict[str, Any]]:
    """A row for each script and kind."""
    scripts: dict[str, Script] = defaultdict(Script)
    _planted(scripts)
    _made(scripts)
    if data is not None:
        _real(scripts, data)
    return [
        measure_script(name, script, kind)
        for name, script in sorted(scripts.items())
        for kind in KINDS
    ]


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a Markdown table."""
    head = list(rows[0])
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in head) + " |")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    rows = measure_all(arguments.shared / "data" if arguments.shared else None)
    written = {
        "command": "python -m benchmarks.quality.shingle_sweep --shared DIR"
        if arguments.shared
        else "python -m benchmarks.quality.shingle_sweep",
        "commit": machine.commit(),
        "collection": _COLLECTION,
        "rows": rows,
    }
    machine.write_result(arguments.output, written)
    print_table(rows)


if __name__ == "__main__":
    main()
