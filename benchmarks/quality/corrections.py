"""Articles -> copies of them with a few values put right, and other events told in their words.

The contrast that frames of a few sentences cannot show: an edited republication keeps most of its
numbers, dates and names, another event in the same frame hardly any. How many are changed is
planted; which words tell something is read by the word lists of the engine.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.frames import Pair
from dedupe.lexicon import COMMON, DATE, NUMBER, TITLE
from dedupe.normalize import HAS_DIGIT, IS_CAPITAL, IS_UNSPACED, Tokens, tokenize

__all__ = ["make_corrections"]

_SEED = 20261129
_MOST_CHANGED = 4
_WORDS_A_CHANGE = 60  # from here on a change is an edit, whatever else the text tells
_SENTENCE_ENDS = ".!?…。！？؟۔:\n"


@dataclass(frozen=True)
class _Story:
    """A body, its words, and the places that tell a number, a date or a name, by kind."""

    lang: str
    body: str
    words: Tokens
    told: dict[int, str]

    def surface(self, place: int) -> str:
        return self.body[self.words.starts[place] : self.words.ends[place]]

    def with_words(self, changed: dict[int, str]) -> str:
        """The body with other words at some places."""
        parts, at = [], 0
        for place in sorted(changed):
            parts += [self.body[at : self.words.starts[place]], changed[place]]
            at = int(self.words.ends[place])
        return "".join([*parts, self.body[at:]])


Pools = dict[tuple[str, str], list[str]]


def _read_story(lang: str, body: str, kinds: NDArray[np.uint8]) -> _Story:
    words = tokenize(body)
    bits = kinds[words.ids & np.uint32(len(kinds) - 1)]
    told = {}
    for place in range(len(words.ids)):
        flags, own = int(words.flags[place]), int(bits[place])
        before = int(bits[place - 1]) if place else 0
        if flags & HAS_DIGIT or own & NUMBER:
            told[place] = "digits" if flags & HAS_DIGIT else "number"
        elif own & DATE:
            told[place] = "date"
        elif not own & COMMON and not flags & IS_UNSPACED:
            between = body[words.ends[place - 1] : words.starts[place]] if place else "."
            inside = not any(end in between for end in _SENTENCE_ENDS)
            if before & TITLE or (flags & IS_CAPITAL and inside):
                told[place] = "name"
    return _Story(lang, body, words, told)


def _fill_pools(stories: Sequence[_Story]) -> Pools:
    """Words by language and kind; plain ones as often as they stand in the stories.

    An editor puts common words for common words, so an uncommon one in the place of an uncommon
    one must stay rare among copies.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for story in stories:
        for place in range(len(story.words.ids)):
            found[story.lang, story.told.get(place, "plain")].append(story.surface(place))
    return {key: words if key[1] == "plain" else sorted(set(words)) for key, words in found.items()}


def _other_word(story: _Story, place: int, pools: Pools, chance: random.Random) -> str:
    """Another word of the same kind; of digits, as many others."""
    kind, old = story.told.get(place, "plain"), story.surface(place)
    if kind == "digits":
        return "".join(str(chance.randint(1, 9)) if char.isdigit() else char for char in old)
    return chance.choice(pools[story.lang, kind])


def _change(
    story: _Story, places: Sequence[int], pools: Pools, chance: random.Random
) -> dict[int, str]:
    """Other words at some places and wherever the same word stands again."""
    changed = {}
    for place in places:
        new, identity = _other_word(story, place, pools, chance), story.words.ids[place]
        changed.update(dict.fromkeys(np.flatnonzero(story.words.ids == identity).tolist(), new))
    return changed


def _restyle(story: _Story, rate: float, pools: Pools, chance: random.Random) -> dict[int, str]:
    """Words replaced, put in and left out as an editor does, three to one to one."""
    changed = {}
    for place in range(len(story.words.ids)):
        if place in story.told or chance.random() >= rate:
            continue
        new, glue = _other_word(story, place, pools, chance), " "
        if story.words.flags[place] & IS_UNSPACED:
            glue = ""
        kept = f"{story.surface(place)}{glue}{new}"
        changed[place] = chance.choice([new, new, new, kept, ""])
    return changed


def _copies(story: _Story, pools: Pools, chance: random.Random) -> Iterator[Pair]:
    """The story with one to four values put right, plain and with other edits."""
    count, places = len(story.words.ids), list(story.told)
    for restyled in (False, True):
        changes = chance.randint(1, _MOST_CHANGED)
        enough = len(places) >= 3 * changes and count >= 25 * changes + 25
        if len(places) < changes or not (enough or count >= _WORDS_A_CHANGE * changes):
            continue
        changed = _change(story, chance.sample(places, changes), pools, chance)
        if len(changed) > changes + 2:  # a name that the whole story is about
            continue
        if restyled:
            changed = _restyle(story, chance.uniform(0.01, 0.08), pools, chance) | changed
        edit = f"{changes} put right" + (", restyled" if restyled else "")
        yield Pair(story.lang, edit, story.body, story.with_words(changed), True)


def _templates(story: _Story, pools: Pools, chance: random.Random) -> Iterator[Pair]:
    """The story with nearly all it tells changed: another event in its words."""
    places = [place for place in story.told if chance.random() < 0.85]
    values = sum(story.told[place] != "name" for place in places)
    if len(places) >= 3 and values >= 2 and len(story.words.ids) <= 35 * len(places):
        changed = _change(story, places, pools, chance)
        yield Pair(story.lang, "all told", story.body, story.with_words(changed), False)


def make_corrections(articles: Sequence[tuple[str, str]], kinds: NDArray[np.uint8]) -> list[Pair]:
    """Pairs of (language, body) articles, always the same; `kinds` as `Config.kinds`."""
    stories = [_read_story(lang, body, kinds) for lang, body in articles]
    pools = _fill_pools(stories)
    pairs: list[Pair] = []
    for number, story in enumerate(stories):
        chance = random.Random(_SEED + number)
        pairs += _copies(story, pools, chance)
        pairs += _templates(story, pools, chance)
    return pairs
