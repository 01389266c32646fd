"""Code point -> what it is to a comparison: one packed uint32 each, shipped with the package.

The table is data, made once by `python -m dedupe.foldtable OUTPUT` and part of `config_id`, because
Python releases carry different Unicode versions and would otherwise fold the same text differently.

Folding (comparison only, never display): NFKC, case-fold, NFKD; then combining marks of cased and
Arabic or Hebrew script, tatweel, zero-width and bidi controls are dropped; Arabic, Persian and Urdu
letter forms, decimal digits of all scripts and the Cyrillic and Greek look-alikes of Latin letters
are unified. Marks of other scripts (Devanagari, Thai, ...) carry meaning and stay in the word.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CAPITAL",
    "CODE_POINT",
    "COMPLEX",
    "DIGIT",
    "DROP",
    "EXPAND",
    "HANGUL",
    "KIND_SHIFT",
    "LAST",
    "LETTER",
    "MARK",
    "PLAIN",
    "SEPARATOR",
    "SKIP",
    "TABLE_SIZE",
    "UNSPACED",
    "WORD_HASH",
    "build_table",
    "describe",
    "fold_words",
    "identity_version",
    "load_table",
    "table_hash",
]

TABLE_SIZE = 0x20000
"""Code points below this are in the shipped file; `load_table` adds the rare ideographs above."""
_RARE_FIRST, _RARE_LAST = 0x20000, 0x323AF  # CJK extensions B to H (Unicode 15)
LAST = np.uint32(_RARE_LAST + 1)
"""Last index of the loaded table, a separator: what larger code points are clamped to. A constant,
so that the compiler drops the clamp where code points have 16 bits."""
CODE_POINT = np.uint32(0x1FFFFF)
CAPITAL = np.uint32(1 << 27)
PLAIN = np.uint32(1 << 28)
"""Set on a LETTER or DIGIT that is one code point: nearly all text, the kernel's fast path."""
SKIP = np.uint32(1 << 29)
"""Set on DROP by `load_table`."""
COMPLEX = np.uint32(1 << 30)
"""Set by `load_table` on what is neither PLAIN nor a separator nor dropped."""
KIND_SHIFT = np.uint32(24)
SEPARATOR, DROP, LETTER, UNSPACED, MARK, DIGIT, EXPAND, HANGUL = range(8)

WORD_HASH = "polynomial-9E3779B97F4A7C15-mix64-28"

_WRITTEN_MOST = 1 << 16  # entries: hostile text does not fill the memory
_PATH = Path(__file__).parent / "data" / "fold.npz"
_LETTERS = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىیېۍےۓئ", "ي"),
    **dict.fromkeys("ةهہھەۀۂۃ", "ه"),
    "ؤ": "و",
    "ک": "ك",
    "ڪ": "ك",
    "ı": "i",
    "ё": "e",  # Latin, as Cyrillic е becomes below
    # look-alikes of Latin letters, upper or lower case, one to one within each script
    **dict(zip("авеԁнһіјкӏмоԛрсѕтухԝ", "abedhhijklmoqpcstyxw", strict=True)),
    **dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True)),
}
# Scripts written without spaces between words, by block (Unicode 16): each letter is a token.
_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3038, 0x303C),
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3105, 0x312F),  # Bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA48F),  # Yi
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x16FE0, 0x18DFF),  # Tangut, Khitan
    (0x1AFF0, 0x1B2FF),  # Kana extensions, Nushu
)
# Marks of these blocks do not make another word: accents, vowel signs of Arabic and Hebrew,
# variation selectors.
_DROPPED_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x0897, 0x089F),
    (0x08CA, 0x08FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFB1E, 0xFB1E),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
)
# Drawn as nothing though they are letters, marks or symbols (Default_Ignorable_Code_Point of
# Unicode, and the blank Braille pattern), and tatweel: stuffed into words they make no others.
_INVISIBLE = frozenset("\u0640\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Letters by category, written for the apostrophe that is none: здоровʼя is здоров'я.
_APOSTROPHES = frozenset("\u02bb\u02bc")


def _within(code: int, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in blocks)


def _fold_letter(char: str) -> list[str]:
    """Compatibility, case and decomposition of one code point, marks still in."""
    folded = unicodedata.normalize("NFKC", char).casefold()
    return list(unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", folded)))


def _classify(char: str) -> tuple[int, str]:
    """(kind, folded character) of one character that is already decomposed and case-folded."""
    code, category = ord(char), unicodedata.category(char)
    if char in _APOSTROPHES:
        return SEPARATOR, ""
    if category == "Cf" or char in _INVISIBLE or _within(code, _DROPPED_MARKS):
        return DROP, ""
    if category == "Nd":
        return DIGIT, str(unicodedata.decimal(char))
    if category[0] == "M":
        return MARK, char
    if category[0] in "LN":
        kind = UNSPACED if _within(code, _UNSPACED_BLOCKS) else LETTER
        return kind, _LETTERS.get(char, char)
    return SEPARATOR, ""


def describe(char: str) -> tuple[list[tuple[int, str]], bool]:
    """What one code point becomes: (kind, folded) for each resulting character, and capital or not.

    This is the definition; the table and the kernels only make it fast.
    """
    if "\uac00" <= char <= "\ud7a3":
        parts = [(LETTER, part) for part in unicodedata.normalize("NFKD", char)]
        return parts, False
    if char in _LETTERS:  # before decomposition, which would split some of them
        return [(LETTER, _LETTERS[char])], False
    parts = [_classify(part) for part in _fold_letter(char)]
    kept = [part for part in parts if part[0] not in (DROP, SEPARATOR)]
    if not kept:
        dropped = bool(parts) and all(kind == DROP for kind, _ in parts)
        return [(DROP if dropped else SEPARATOR, "")], False
    capital = unicodedata.category(char) in ("Lu", "Lt")
    return kept, capital


class _Written(dict[int, str]):
    """Code point -> what is left of it for comparing, filled as characters come."""

    def __missing__(self, code: int) -> str:
        parts = describe(chr(code))[0]
        kept = "".join(char for kind, char in parts if kind not in (DROP, SEPARATOR))
        dropped = all(kind == DROP for kind, _ in parts)
        text = kept if kept or dropped else " "
        if len(self) < _WRITTEN_MOST:
            self[code] = text
        return text


_WRITTEN = _Written()


def fold_words(text: str) -> str:
    """The words of a short text as they are compared, a blank between two: for looking it up.

    Case, accents, vowel signs and the forms of one letter make no difference; marks between words
    are blanks.
    """
    return " ".join(text.translate(_WRITTEN).split())


def build_table() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(table, expansions): table uint32[TABLE_SIZE]; expansions uint32[n] of packed entries.

    An EXPAND entry holds `offset << 5 | length` into `expansions` in its low 21 bits.
    """
    table = np.zeros(TABLE_SIZE, np.uint32)
    expansions: list[int] = []
    for code in range(TABLE_SIZE):
        if 0xD800 <= code <= 0xDFFF:
            continue
        if 0xAC00 <= code <= 0xD7A3:
            table[code] = HANGUL << 24 | code
            continue
        parts, capital = describe(chr(code))
        packed = [kind << 24 | (ord(char) if char else 0) for kind, char in parts]
        if len(packed) == 1 and parts[0][0] in (LETTER, DIGIT):
            packed[0] |= int(PLAIN)
        elif len(packed) > 1:
            offset = len(expansions)
            expansions += packed
            packed = [EXPAND << 24 | offset << 5 | len(parts)]
        table[code] = packed[0] | (int(CAPITAL) if capital else 0)
    return table, np.array(expansions, np.uint32)


@cache
def load_table() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The shipped (table, expansions), read-only; see `build_table` for the layout.

    The table is longer here: uint32[0x323B1], so that a code point clamped to its last index (a
    separator) needs no other check.
    """
    with np.load(_PATH, allow_pickle=False) as data:
        shipped, expansions = data["table"], data["expansions"]
    rare = np.arange(_RARE_FIRST, _RARE_LAST + 1, dtype=np.uint32) | np.uint32(UNSPACED << 24)
    table = np.concatenate([shipped, rare, np.zeros(1, np.uint32)])
    kind = (table >> KIND_SHIFT) & np.uint32(7)
    table[kind == DROP] |= SKIP
    table[(kind != DROP) & (kind != SEPARATOR) & (table & PLAIN == 0)] |= COMPLEX
    table.flags.writeable = False
    expansions.flags.writeable = False
    return table, expansions


@cache
def table_hash() -> str:
    """64 hex digits of SHA-256 over the shipped table and its expansions."""
    table, expansions = load_table()
    return hashlib.sha256(table.tobytes() + expansions.tobytes()).hexdigest()


@cache
def identity_version() -> str:
    """What word identities depend on: 16 hex digits of the table's hash and of the word hash.

    `WORD_HASH` names the latter and changes with it, so that files which hold identities made
    otherwise are refused instead of silently meaning other words.
    """
    return hashlib.sha256(f"{WORD_HASH}/{table_hash()}".encode()).hexdigest()[:16]


def main(arguments: list[str]) -> None:
    """Write the table of the running Python's Unicode version to the file named."""
    table, expansions = build_table()
    np.savez_compressed(arguments[0], table=table, expansions=expansions)


if __name__ == "__main__":
    main(sys.argv[1:])
