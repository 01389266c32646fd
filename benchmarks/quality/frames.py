"""`frames.toml` -> pairs of reports: templates of other events, and edited copies of one report.

The hardest contrast there is: both kinds share the same frame, and only what differs tells them
apart. Templates fill slots with other values; copies replace, insert or drop words and sentences,
or correct a single value.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dedupe.config import Config
from dedupe.corpus import Corpus, prepare_corpus
from dedupe.fingerprint import fingerprint_texts

__all__ = ["Frame", "Pair", "corpus_of", "load_frames", "make_pairs"]

_PATH = Path(__file__).with_name("frames.toml")
_SENTENCE = re.compile(r"(?<=[.。])\s*")
_SEED = 20261128


@dataclass(frozen=True)
class Frame:
    """A report with slots: `values` holds what may stand in each."""

    lang: str
    kind: str
    text: str
    values: dict[str, list[str]]

    def fill(self, chosen: dict[str, int]) -> str:
        """The report with the chosen value in each slot."""
        return self.text.format(**{name: self.values[name][at] for name, at in chosen.items()})

    def constant_words(self) -> list[str]:
        """Words of the frame itself but names; pairs of letters in Chinese."""
        bare = re.sub(r"\{\w\}", " ", self.text)
        if self.lang == "zh":
            return re.findall(r"[\u4e00-\u9fff]{2}", bare)
        nouns = self.lang == "de"  # written with capitals
        return [w for w in re.findall(r"[^\W\d_]{4,}", bare) if nouns or w == w.lower()]


@dataclass(frozen=True)
class Pair:
    """Two texts, how the second was made, and whether it is a copy."""

    lang: str
    edit: str
    left: str
    right: str
    copying: bool


def load_frames(path: Path = _PATH) -> list[Frame]:
    """All frames of the file."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["frame"]
    return [
        Frame(row["lang"], row["kind"], row["text"], {k: v for k, v in row.items() if len(k) == 1})
        for row in rows
    ]


def make_pairs(frames: list[Frame], rounds: int) -> Iterator[Pair]:
    """`rounds` templates and as many copies of each kind of every frame, always the same."""
    for number, frame in enumerate(frames):
        chance = random.Random(_SEED + number)
        others = [other for other in frames if other.lang == frame.lang and other is not frame]
        words = [word for other in others for word in other.constant_words()]
        for _ in range(rounds):
            chosen = {name: chance.randrange(len(v)) for name, v in frame.values.items()}
            body = frame.fill(chosen)
            mate = chance.choice(others)
            spare = mate.fill({name: chance.randrange(len(v)) for name, v in mate.values.items()})
            for edit, text in _templates(frame, chosen, mate, spare, chance):
                left = f"{body} {spare}" if edit == "two frames" else body
                yield Pair(frame.lang, edit, left, text, False)
            for edit, text in _copies(frame, chosen, words, spare, chance):
                yield Pair(frame.lang, edit, body, text, True)


def _other(frame: Frame, chosen: dict[str, int], names: list[str], chance: random.Random) -> str:
    """The report with another value in each of the slots named."""
    changed = dict(chosen)
    for name in names:
        size = len(frame.values[name])
        changed[name] = (chosen[name] + chance.randrange(1, size)) % size
    return frame.fill(changed)


def _templates(
    frame: Frame, chosen: dict[str, int], mate: Frame, spare: str, chance: random.Random
) -> Iterator[tuple[str, str]]:
    names = list(chosen)
    yield "all slots", _other(frame, chosen, names, chance)
    if len(names) > 2:
        yield "most slots", _other(frame, chosen, chance.sample(names, len(names) - 1), chance)
    # a bulletin of two parts, both of another day
    drawn = {name: chance.randrange(len(v)) for name, v in mate.values.items()}
    second = mate.fill(drawn)
    if second != spare:
        yield "two frames", f"{_other(frame, chosen, names, chance)} {second}"
    if frame.lang != "zh":
        words = _other(frame, chosen, names, chance).split(" ")
        keep = chance.randrange(len(words) * 3 // 4, len(words))
        yield "slots, shortened", " ".join(words[:keep])


def _copies(
    frame: Frame, chosen: dict[str, int], words: list[str], spare: str, chance: random.Random
) -> Iterator[tuple[str, str]]:
    body = frame.fill(chosen)
    sentences = _SENTENCE.split(body.strip())
    sentences = [sentence for sentence in sentences if sentence]
    glue = "" if frame.lang == "zh" else " "
    extra = chance.choice([s for s in _SENTENCE.split(spare) if s])
    at = chance.randrange(len(sentences) + 1)
    yield "inserted", glue.join([*sentences[:at], extra, *sentences[at:]])
    gone = chance.randrange(len(sentences))
    yield "dropped", glue.join(s for n, s in enumerate(sentences) if n != gone)
    yield "restyled", _restyle(frame, body, words, 0.08, chance)
    yield "rewritten", _restyle(frame, body, words, 0.16, chance)
    corrected = _other(frame, chosen, [chance.choice(list(chosen))], chance)
    yield "corrected", corrected
    yield "corrected, restyled", _restyle(frame, corrected, words, 0.04, chance)
    mixed = _restyle(frame, body, words, 0.06, chance)
    yield "restyled, framed", glue.join([extra, mixed])
    moved = sentences[1:] + sentences[:1]
    yield "reordered", glue.join(moved)


def _restyle(frame: Frame, body: str, words: list[str], rate: float, chance: random.Random) -> str:
    """Replace about `rate` of the words by others of the same language, as an editor would."""
    if frame.lang == "zh":
        return re.sub(
            r"[\u4e00-\u9fff]{2}",
            lambda found: chance.choice(words) if chance.random() < rate else found[0],
            body,
        )
    own = set(frame.constant_words())
    out = []
    for word in body.split(" "):
        if word in own and chance.random() < rate * 1.6:
            out.append(chance.choice(words))
            if chance.random() < 0.2:
                out.append(chance.choice(words))
        else:
            out.append(word)
    return " ".join(out)


def corpus_of(bodies: list[str], config: Config) -> Corpus:
    """The texts ready to be compared, numbered as they come."""
    prints = fingerprint_texts(bodies, [None] * len(bodies), config, places=False)
    firsts = np.minimum(prints.key_bounds[:-1] + config.bands, prints.key_bounds[1:])
    return prepare_corpus(
        prints.tokens,
        prints.token_bounds[:-1],
        prints.token_bounds[1:],
        prints.keys.copy(),
        firsts,
        prints.key_bounds[1:],
        np.zeros(len(bodies), np.uint64),
        config,
    )
