"""Invented articles for tests of the engine: stories of words that only one of them holds."""

import random

COMMON = (
    "the",
    "of",
    "to",
    "and",
    "a",
    "in",
    "for",
    "is",
    "on",
    "that",
    "by",
    "this",
    "with",
    "it",
)


def spell(number):
    """Letters for a number: words with digits would count as numbers."""
    return "".join("bcdfghjklm"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(number))


def story(number, length):
    """`length` words; two stories share common words and nothing else."""
    chance = random.Random(number)
    return [
        chance.choice(COMMON)
        if chance.random() < 0.3
        else spell(number) + spell(chance.randrange(10**6))
        for _ in range(length)
    ]


def article(name, words, outlet="paper", hour=6):
    """An input row."""
    return {
        "id": name,
        "outlet": outlet,
        "title": " ".join(words[:5]),
        "body": " ".join(words),
        "published": f"2026-03-01T{hour:02}:00:00Z",
    }


def fill_frame(number, size, places=2):
    """Texts of one frame, each with a name of its own; `places` share a second slot's values."""
    for own in range(size):
        words = story(5000 + number, 70)
        words[30], words[50] = f"name{number}n{own}", f"place{own % places}"
        yield words
