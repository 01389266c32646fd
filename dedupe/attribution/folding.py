"""Verbatim text -> the folded view that rules are matched on, with a way back to every code point.

Rules are written plainly; texts carry tatweel, bidi marks, entities, curly quotes, full-width forms
and three spellings of hamza. Folding both sides with one table keeps the rules readable, and as it
only ever maps one code point to one or drops it, offsets into the verbatim text stay exact.
Punctuation is kept (unlike `dedupe.normalize`, which is for fingerprints): brackets, stops and line
breaks are what tells a credit from a citation.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.stored import (
    find_table_store,
    read_table_store,
    write_table_store,
)
from dedupe.jit import inner_kernel, kernel

__all__ = [
    "BARRIER",
    "DECOMPOSED",
    "compose",
    "fold_batch",
    "fold_text",
    "is_word_char",
    "tables",
    "word_char",
]

BARRIER = "\ue000"
"""Stands between head and tail of a long body; no pattern crosses it."""
_TABLE_SIZE = 0x10000
_BULLET = np.uint32(42)
_PICTURED = range(0x2190, 0x2C00)
"""Arrows, dingbats and other signs that stand before a line as a bullet does."""
_SPACE, _NEWLINE, _DASH, _TATWEEL = 32, 10, 45, 0x640
_PUNCTUATION = {
    '"': '"״«»“”„‟‹›「」『』《》〈〉〝〞＂❝❞',
    "'": "'׳‘’‛ʼ´`′",
    "(": "([{（【［｛〔〖｟",
    ")": ")]}）】］｝〕〗｠",
    ",": ",،、，",
    ";": ";؛；<＜",
    "?": "?؟？",
    "!": "!！",
    ":": ":：﹕∶፡",
    "/": "/／⁄∕",
    "|": "|｜¦│┃׀‖>＞",
    "*": "*•·●▪■◆★※▶►◄◀⬤○◦‣∙",
    "-": "-־_‐‑‒–—―−─━＿－\x96\x97",
    "。": "。।۔｡",
    "\n": "\n\r\v\f\x85\u2028\u2029",
}
# Letter forms that a reader takes for the same letter but that no decomposition relates.
_LETTERS = {
    **dict.fromkeys("ىیېے", "ي"),
    **dict.fromkeys("ةہھۃە", "ه"),
    **dict.fromkeys("کڪ", "ك"),
    **{"ٱ": "ا", "ı": "i", "İ": "i", "ø": "o", "ł": "l", "đ": "d"},
}
_NUKTAS = frozenset("\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc")
"""Dots below letters of Indic scripts: written apart, in one letter, or left out."""
_INDIC = ("\u0900", "\u0dff")
_INDIC_WORD = r"[\w\u0900-\u0963\u0966-\u096f\u0971-\u0dff]"
"""Letters and vowel signs, which are no `\\w`; without dandas and the sign of abbreviations."""
_MARKS = ((0x300, 0x36F), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x6D6, 0x6ED))
_ACCENTED = (0x00C0, 0x06FF)  # Latin, Greek, Cyrillic and Arabic: accents and hamza are folded away
_LATIN_EXTENDED = (0x1E00, 0x1FFF)
_UNSPACED_FROM = 0x2E80  # from here on two letters can be a word


def _fold_mark(char: str, code: int) -> str | None:
    """Fold what is not a letter or digit; None = it is one."""
    category = unicodedata.category(char)
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F:
        return ""
    folded = code == 0x670 or char in _NUKTAS or any(a <= code <= b for a, b in _MARKS)
    if category == "Mn" and folded:
        return ""
    if category in ("Zs", "Cc", "Cs"):
        return " "
    return None


def _fold_char(code: int) -> int:
    """One code point of the basic plane -> the code point it is matched as; 0 = left out."""
    char = chr(code)
    mark = _fold_mark(char, code)
    if mark is not None:
        return ord(mark) if mark else 0
    if char.isdecimal():
        return ord(str(unicodedata.digit(char)))
    plain = unicodedata.normalize("NFKC", char)
    plain = plain if len(plain) == 1 and ord(plain) < _TABLE_SIZE else char
    lower = plain.casefold()
    lower = lower if len(lower) == 1 else plain.lower()[:1]
    lower = _LETTERS.get(lower, lower)
    low = ord(lower)
    parts = unicodedata.normalize("NFD", lower)
    accented = _ACCENTED[0] <= low <= _ACCENTED[1]
    accented = accented or _LATIN_EXTENDED[0] <= low <= _LATIN_EXTENDED[1]
    if accented or parts[1:] in _NUKTAS:
        lower = parts[0]
    return ord(_LETTERS.get(lower, lower))


@cache
def tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Build `(fold, letters)`, uint32 of 65,536 each.

    `fold` maps a code point to the one it is matched as (0 = left out). `letters` maps a folded
    code point to itself if it is a letter, digit or mark, and to a blank otherwise: the text in
    which anchors are looked for.
    """
    path = find_table_store()
    kept = read_table_store(path, 2, _TABLE_SIZE) if path is not None else None
    if kept is not None:
        return kept[0], kept[1]
    fold, letters = _build_tables()
    fold.flags.writeable = letters.flags.writeable = False  # as they are when read: one kernel
    if path is not None:
        write_table_store(path, np.stack([fold, letters]))
    return fold, letters


def _build_tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    fold = np.arange(_TABLE_SIZE, dtype=np.uint32)
    for code in range(_TABLE_SIZE):
        if code < 0xAC00 or code >= 0xD7B0:  # Hangul syllables stand for themselves
            fold[code] = _fold_char(code) if not 0x3400 <= code < 0xA000 else code
    for target, sources in _PUNCTUATION.items():
        for char in sources:
            fold[ord(char)] = ord(target)
    for code in _PICTURED:
        if unicodedata.category(chr(code)) in ("So", "Sm") and fold[code] == code:
            fold[code] = _BULLET
    fold[_TATWEEL] = _TATWEEL
    fold[ord(BARRIER)] = ord(BARRIER)
    letters = np.arange(_TABLE_SIZE, dtype=np.uint32)
    blank = [c for c in range(_TABLE_SIZE) if unicodedata.category(chr(c))[0] not in "LNM"]
    letters[blank] = _SPACE
    letters[_TATWEEL] = _SPACE
    return fold, letters


@inner_kernel
def _is_emoji(code: int) -> bool:
    return 0x1F000 <= code < 0x1FB00


@kernel
def _fold_parts(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    fold: NDArray[np.uint32],
    letters: NDArray[np.uint32],
    view: NDArray[np.uint32],
    offsets: NDArray[np.int32],
    view_starts: NDArray[np.int64],
) -> None:
    size = np.int64(0)
    for part in range(starts.size - 1):
        first, last = starts[part], starts[part + 1]
        base = view_starts[part] = size
        view[size], offsets[size] = 10, 0
        size += 1
        # blanks at the beginning belong to that line break
        blanks, newline, at = 3, True, first
        for i in range(first, last):
            code = codes[i]
            char = fold[code] if code < 65536 else (_BULLET if _is_emoji(code) else code)
            if char == 0:
                continue
            if char == 0x640:  # inside a word it only stretches; on its own it is a dash
                inside = letters[view[size - 1]] != 32
                after = i + 1 < last and codes[i + 1] < 65536 and letters[fold[codes[i + 1]]] != 32
                if inside or after:
                    continue
                char = np.uint32(45)
            # written without a branch, which would be guessed wrongly at every other word: a blank
            # behind one takes its place
            blank = (char == 32) | (char == 10)
            more = blank & (blanks > 0)
            newline = (newline & more) | (char == 10)
            blanks = blanks + 1 if blank else 0
            # a long run of blanks is how flattened pages set a credit apart
            broken = blank & (newline | (blanks >= 3))
            at = at if more else i
            size -= np.int64(more)
            view[size] = 10 if broken else char
            offsets[size] = at - first
            size += 1
        size -= np.int64((blanks > 0) & (size - 1 > base))
        view[size], offsets[size] = 10, last - first
        size += 1
    view_starts[starts.size - 1] = size


def fold_batch(
    parts: list[str],
) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
    """Fold texts, one after the other.

    Returns `(view, offsets, starts)`: folded code points (uint32, blanks collapsed, a line break at
    both ends of each text), for each the offset in its text (int32), and where each text's view
    starts (int64, one more than there are texts).
    """
    fold, letters = tables()
    codes = np.frombuffer("".join(parts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    view = np.empty(codes.size + 2 * len(parts), dtype=np.uint32)
    offsets = np.empty(view.size, dtype=np.int32)
    view_starts = np.empty(len(parts) + 1, dtype=np.int64)
    _fold_parts(codes, starts, fold, letters, view, offsets, view_starts)
    size = int(view_starts[-1])
    return view[:size], offsets[:size], view_starts


class _Folded(dict[int, str]):
    """Code point -> its folded spelling, filled as code points are met."""

    def __missing__(self, code: int) -> str:
        fold, _ = tables()
        folded = int(fold[code]) if code < _TABLE_SIZE else code
        text = "" if folded in (0, _TATWEEL) else chr(folded)
        if 0x1F000 <= code < 0x1FB00:
            text = "*"
        if code < _TABLE_SIZE:
            self[code] = text
        return text


_FOLDED = _Folded()


def fold_text(text: str) -> str:
    """Fold one short text (a rule's literal, a name) as `fold_batch` does; ends stripped.

    Tatweel is always dropped here, also where it stands for a dash.
    """
    return " ".join(_compose_all(text.translate(_FOLDED)).split())


def is_word_char(char: str) -> bool:
    """Whether a character is part of a word: letters, digits, vowel signs of Indic scripts."""
    return char.isalnum() or (char != "" and _INDIC[0] <= char <= _INDIC[1])


def word_char(beside: str) -> str:
    """Regular expression for a character that would go on with a word of this letter's script."""
    return _INDIC_WORD if _INDIC[0] <= beside <= _INDIC[1] else r"\w"


DECOMPOSED = re.compile(
    "[\u1100-\u1112\u3040-\u30ff](?:(?<![\u3040-\u30ff])[\u1161-\u1175][\u11a8-\u11c2]?"
    "|(?<![\u1100-\u1112])[\u3099\u309a])"
)
"""What folding a letter at a time cannot join: syllables of Hangul, kana and their sound marks.

It begins with one set of letters, which is found at once: most texts hold none.
"""


def compose(match: re.Match[str]) -> str:
    """Join the parts of a match of `DECOMPOSED`."""
    return unicodedata.normalize("NFC", match.group())


def _compose_all(text: str) -> str:
    return text if text.isascii() else DECOMPOSED.sub(compose, text)
