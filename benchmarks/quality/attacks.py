"""Hostile edits of whole articles -> what share of the copies is still found, and what is lost.

    python -m benchmarks.quality.attacks [--output benchmarks/results/attacks.json]

Articles are those of the demonstration corpus and reports made of `frames.toml`, in twelve
languages. A copy counts as found when it shares a key with its original (it would be compared) and
the pair is judged copying. The peer is datasketch as its documentation shows it: MinHash over word
3-grams of the lower-cased text, found from an estimated similarity of 0.5.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from datasketch import MinHash

from benchmarks import machine
from benchmarks.quality.fit_samples import load_rows
from benchmarks.quality.frames import corpus_of, load_frames
from dedupe.config import Config, default_config
from dedupe.fingerprint import fingerprint_texts
from dedupe.matching import RELATIONS, judge_pairs

__all__ = ["ATTACKS", "list_bodies", "share_found"]

_LATIN_TO_CYRILLIC = str.maketrans("aeopcxiykjsTHBKMAEOPCX", "аеорсхіукјѕТНВКМАЕОРСХ")
_CYRILLIC_TO_LATIN = str.maketrans("аеорсхуАЕОРСХТНВКМ", "aeopcxyAEOPCXTHBKM")
_ARABIC_TO_PERSIAN = str.maketrans("يكةه", "یکۀہ")
_DIGITS = str.maketrans("0123456789٠١٢٣٤٥٦٧٨٩", "٠١٢٣٤٥٦٧٨٩0123456789")
_MARKS = "\u0301\u0323\u0308"
_HARAKAT = "\u064b\u064e\u064f\u0650\u0651\u0652"
_STUFFING = (
    "Subscribe to our newsletter and never miss a story. Follow us on every platform. Accept all "
    "cookies to go on reading. Download our app for faster news. "
)

Attack = Callable[[str, random.Random], str]


def _every(text: str, chance: random.Random, rate: float, change: Callable[[str], str]) -> str:
    return "".join(
        change(char) if char.isalpha() and chance.random() < rate else char for char in text
    )


def _is_arabic(char: str) -> bool:
    return "ARABIC" in unicodedata.name(char, "")


def _tatweel(text: str, chance: random.Random) -> str:
    return _every(text, chance, 0.5, lambda c: c + "\u0640" if _is_arabic(c) else c)


def _zero_width(text: str, chance: random.Random) -> str:
    return _every(text, chance, 0.5, lambda c: c + chance.choice("\u200b\u200c\u200d\u2060\u00ad"))


def _diacritics(text: str, chance: random.Random) -> str:
    return _every(
        text, chance, 0.4, lambda c: c + chance.choice(_HARAKAT if _is_arabic(c) else _MARKS)
    )


def _homoglyphs(rate: float) -> Attack:
    tables = _LATIN_TO_CYRILLIC | _CYRILLIC_TO_LATIN | _ARABIC_TO_PERSIAN

    def attack(text: str, chance: random.Random) -> str:
        return _every(text, chance, rate, lambda c: c.translate(tables))

    return attack


def _shuffle_words(share: float) -> Attack:
    def attack(text: str, chance: random.Random) -> str:
        words = text.split(" ")
        for _ in range(int(len(words) * share / 2)):
            at = chance.randrange(max(1, len(words) - 1))
            words[at : at + 2] = words[at : at + 2][::-1]
        return " ".join(words)

    return attack


def _shuffle_sentences(text: str, chance: random.Random) -> str:
    sentences = [part for part in re.split(r"(?<=[.。؟!?۔])\s*", text) if part]
    chance.shuffle(sentences)
    return " ".join(sentences)


def _stuff(times: int) -> Attack:
    def attack(text: str, _: random.Random) -> str:
        return _STUFFING * times + text + " " + _STUFFING * times

    return attack


def _punctuate(text: str, chance: random.Random) -> str:
    return re.sub(r" ", lambda _: chance.choice([" ", " - ", ", ", " … "]), text.swapcase())


ATTACKS: dict[str, Attack] = {
    "none": lambda text, _: text,
    "tatweel in Arabic words": _tatweel,
    "zero-width characters and soft hyphens": _zero_width,
    "diacritics on two letters in five": _diacritics,
    "homoglyphs, one letter in ten": _homoglyphs(0.1),
    "homoglyphs, every letter": _homoglyphs(1.0),
    "full width and compatibility forms": lambda text, _: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    ),
    "digits of other scripts": lambda text, _: text.translate(_DIGITS),
    "case and punctuation": _punctuate,
    "sentences shuffled": _shuffle_sentences,
    "words swapped, one in ten": _shuffle_words(0.1),
    "words swapped, one in three": _shuffle_words(0.33),
    "boilerplate around it, 60 words": _stuff(1),
    "boilerplate around it, 240 words": _stuff(4),
}


def list_bodies() -> list[str]:
    """The texts that are attacked."""
    demonstration = load_rows(machine.ROOT / "seeds" / "demo.jsonl")
    bodies = [str(row.get("body") or "") for row in demonstration]
    for number, frame in enumerate(load_frames()):
        bodies.append(frame.fill({name: number % len(v) for name, v in frame.values.items()}))
    return [body for body in bodies if len(body) > 200]


def share_found(originals: list[str], copies: list[str], config: Config) -> tuple[float, float]:
    """(share of copies that share a key with their original, of those judged copying too)."""
    count = len(originals)
    texts = originals + copies
    prints = fingerprint_texts(texts, [None] * len(texts), config, places=False)
    bounds = prints.key_bounds
    keys = [set(prints.keys[bounds[i] : bounds[i + 1]].tolist()) for i in range(len(texts))]
    met = np.array([not keys[i].isdisjoint(keys[count + i]) for i in range(count)])
    left = np.arange(count, dtype=np.uint32)
    judged = judge_pairs(corpus_of(texts, config), left, left + np.uint32(count), config)
    copying = np.array([RELATIONS[code].copying for code in judged.relation.tolist()])
    return float(met.mean()), float((met & copying).mean())


def _peer_sketch(text: str) -> MinHash:
    words = text.lower().split()
    sketch = MinHash(num_perm=128)
    grams = (" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))
    sketch.update_batch([gram.encode() for gram in grams])
    return sketch


def _share_by_peer(originals: list[str], copies: list[str]) -> float:
    found = [
        _peer_sketch(a).jaccard(_peer_sketch(b)) >= 0.5
        for a, b in zip(originals, copies, strict=True)
    ]
    return float(np.mean(found))


def run_attacks() -> Iterator[dict[str, float | str]]:
    """One row an attack: shares found, ours and the peer's."""
    config, originals = default_config(), list_bodies()
    for name, attack in ATTACKS.items():
        chance = random.Random(name)
        copies = [attack(body, chance) for body in originals]
        met, found = share_found(originals, copies, config)
        peer = _share_by_peer(originals, copies)
        yield {
            "attack": name,
            "candidates": round(met, 4),
            "found": round(found, 4),
            "recall_lost": round(1 - found, 4),
            "datasketch_found": round(peer, 4),
            "datasketch_recall_lost": round(1 - peer, 4),
        }


def main() -> None:
    """Attack, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = machine.ROOT / "benchmarks" / "results" / "attacks.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    rows = list(run_attacks())
    written = {
        "command": "python -m benchmarks.quality.attacks",
        "commit": machine.commit(),
        "articles": len(list_bodies()),
        "rows": rows,
    }
    machine.write_result(arguments.output, written)
    for row in rows:
        print(f"{row['attack']}: lost {row['recall_lost']}, peer {row['datasketch_recall_lost']}")


if __name__ == "__main__":
    main()
