"""Articles -> their texts as other outlets carry them: a part in one piece, the rest of their own.

The contrast that edits of words cannot show: a republication often keeps the wire's text as it is
and puts its own head, tail and related links around it. What decides is how much is shared.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.quality.frames import Pair
from dedupe.limits import MOST

__all__ = ["carry_articles"]

_SEED = 20261128
_LEAST = 40  # words; a tenth of less is hardly a passage
_SHARES = (0.15, 1.0)
_DOUBTFUL = 0.1  # below the half that copying asks for, neither side is claimed


def _edit_of(share: float) -> str:
    floor = int(share * 10) / 10
    return f"{floor:.1f} carried"


def carry_articles(articles: Sequence[tuple[str, str]]) -> list[Pair]:
    """One pair of each (language, body), always the same; words apart by blanks.

    The right text holds a run of the left's words where they stood, within words of another
    article of that language. Pairs that share 40 to 50 % are left out: a definition is no fact.
    """
    bodies: dict[str, list[list[str]]] = defaultdict(list)
    for lang, body in articles:
        if len(words := body.split()) >= _LEAST:
            bodies[lang].append(words)
    chance = random.Random(_SEED)
    pairs = []
    for lang, texts in sorted(bodies.items()):
        for words in texts:
            other, share = chance.choice(texts), chance.uniform(*_SHARES)
            own = len(words) - int(share * len(words))
            if other is words or MOST - _DOUBTFUL <= share < MOST:
                continue
            head = chance.choice([0, own, own // 2, chance.randint(0, own)])
            tail = own - head
            kept = words[head : len(words) - tail]
            text = " ".join([*other[:head], *kept, *other[head : head + tail]])
            pairs.append(Pair(lang, _edit_of(share), " ".join(words), text, share >= MOST))
    return pairs
