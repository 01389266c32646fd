"""Slow and obvious versions of the kernels, from the definitions, for comparison."""

import numpy as np

from dedupe.foldtable import (
    DIGIT,
    DROP,
    MARK,
    SEPARATOR,
    TABLE_SIZE,
    UNSPACED,
    describe,
)

MASK64 = (1 << 64) - 1


def pack_keys(keys, articles, article_bits):
    bits = np.uint64(article_bits)
    return ((keys >> bits) << bits) | articles.astype(np.uint64)


def mix64(value):
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & MASK64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & MASK64
    return value ^ (value >> 33)


def fold(char):
    """[(kind, folded)] and capital of any character, those beyond the table included."""
    code = ord(char)
    if code < TABLE_SIZE:
        if 0xD800 <= code <= 0xDFFF:
            return [(SEPARATOR, "")], False
        return describe(char)
    if 0x20000 <= code <= 0x323AF:
        return [(UNSPACED, char)], False
    return [(SEPARATOR, "")], False


def words(text, cuts=()):
    """[(folded word, start, end, digit, capital, after cut, unspaced)] by the definitions."""
    out, current, after_cut = [], None, False

    def flush():
        nonlocal current, after_cut
        if current:
            out.append((*current[:5], after_cut, current[5]))
            after_cut = False
        current = None

    for position, char in enumerate(text):
        if any(start <= position < end for start, end in cuts):
            flush()
            after_cut = True
            continue
        if any(end == position and start < end for start, end in cuts):
            flush()
        parts, capital = fold(char)
        first = parts[0][0]
        if first == SEPARATOR:
            flush()
            continue
        if first == DROP or (first == MARK and current is None):
            if current is not None and 0x300 <= ord(char) < 0x1100 and char != "\u061c":
                current[2] = position + 1  # seen on the letter before it
            continue
        if current is not None and first != MARK and (first == UNSPACED or current[5]):
            flush()
        if current is None:
            current = ["", position, position, False, capital, first == UNSPACED]
        current[0] += "".join(folded for _, folded in parts)
        current[3] = current[3] or any(kind == DIGIT for kind, _ in parts)
        current[2] = position + 1
    flush()
    return out


def identity(word):
    base = 0x9E3779B97F4A7C15
    return mix64(sum(ord(char) * base**place for place, char in enumerate(word)) & MASK64) >> 36


def gram(identities):
    base, state = 0xD6E8FEB86659FD93, len(identities)
    for value in identities:
        state = (state * base + value) & MASK64
    state ^= state >> 32
    state = state * base & MASK64
    return state ^ (state >> 32)


def grams(tokens, size, letters):
    """[gram or None] at each token of `words`; None where it does not fit."""
    out = []
    for index, token in enumerate(tokens):
        length = letters if token[6] else size
        part = tokens[index : index + length]
        fits = len(part) == length and not any(other[5] for other in part[1:])
        out.append(gram([identity(other[0]) for other in part]) if fits else None)
    return out


def shingles(text, cuts=(), size=3, letters=5):
    tokens = words(text, cuts)
    found = [value & 0xFFFFFFFF for value in grams(tokens, size, letters) if value is not None]
    if not found and tokens:
        found = [gram([identity(token[0]) for token in tokens]) & 0xFFFFFFFF]
    return found


def winnow(values, window):
    """Winnowing by the definition: the rightmost minimum of every window of a run."""
    chosen, run = [], []

    def close():
        picked = []
        spans = range(max(1, len(run) - window + 1)) if run else ()
        for start in spans:
            part = run[start : start + window]
            least = min(part)
            place = start + max(i for i, value in enumerate(part) if value == least)
            if not picked or picked[-1] != place:
                picked.append(place)
        chosen.extend(run[place] for place in picked)
        run.clear()

    for value in values:
        if value is None:
            close()
        else:
            run.append(value)
    close()
    return chosen
