"""Frames with articles on standard input -> frames with their readings: the inside of a process.

Started by `text_process`. A frame is eight bytes of length, four of the length of its head, the
head as JSON and, behind it, plain arrays: one buffer for many texts, nothing that is unpickled.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from dedupe.archive.prepared import Prepared
from dedupe.archive.preparing import Reading, hash_revision, pack_article, read_articles
from dedupe.attribution import Extractor, load_extractor
from dedupe.config import Config
from dedupe.models import Article
from dedupe.records import read_attribution
from dedupe.statistics import Statistics

__all__ = [
    "decode_readings",
    "describe_config",
    "encode_articles",
    "main",
    "read_frame",
    "write_frame",
]

_LENGTH, _HEAD = 8, 4
_MOST_BYTES = 1 << 32
_STRICT = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)  # what would come back as another type is not sent
_TIMES = ("published", "modified", "seen")
_NAMES = tuple(field.name for field in fields(Article))
_SIZES = ("permutations", "seed", "shingle_words", "shingle_letters", "bands", "rows",
          "passage_words", "passage_letters", "passage_window")  # fmt: skip
"""Fields of a configuration that readings depend on; the others are about pairs."""
_IDLE_S = 1.0
_COLLECTED = (20_000, 20, 20)
_SPARED_LAST = b"500"
"""Where memory runs out the system ends this process and not the one that holds the archive."""
_WARM = (
    "A text that is read once before the first, so that nobody waits for it. " * 4,
    "Ein Text mit Umlauten: für Wörter über 127, die länger gelesen werden müssen. " * 4,
    "نص يقرأ مرة واحدة قبل أول طلب كي لا ينتظر أحد، وفيه أرقام ١٢٣ وتَشكيل. " * 4,
    "在第一个请求之前读一次的文本，以免有人等待。\U0001f4f0" * 4,
)
"""Each kind of text takes its own way through the kernels."""


def read_frame(stream: BinaryIO) -> memoryview:
    """Read one frame; raises EOFError where the other side is gone or sends none."""
    head = stream.read(_LENGTH)
    size = int.from_bytes(head, "little")
    if len(head) < _LENGTH or size > _MOST_BYTES:
        raise EOFError
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return memoryview(data)


def write_frame(stream: BinaryIO, head: bytes, *rest: bytes) -> None:
    """Write one frame."""
    size = _HEAD + len(head) + sum(map(len, rest))
    begin = size.to_bytes(_LENGTH, "little") + len(head).to_bytes(_HEAD, "little")
    stream.write(b"".join((begin, head, *rest)))
    stream.flush()


def _split(frame: memoryview) -> tuple[Any, memoryview]:
    """(head, what stands behind it)."""
    end = _HEAD + int.from_bytes(frame[:_HEAD], "little")
    return orjson.loads(frame[_HEAD:end]), frame[end:]


# --- articles -------------------------------------------------------------------------------------


def encode_articles(articles: Sequence[Article], *, packed: bool) -> bytes:
    """The head of a frame; raises TypeError for an article that JSON would bring as another one."""
    rows = [[getattr(article, name) for name in _NAMES] for article in articles]
    return orjson.dumps([packed, rows], option=_STRICT)


def _decode_article(row: Sequence[Any]) -> Article:
    values = dict(zip(_NAMES, row, strict=True))
    for name in _TIMES:
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    values["authors"], values["warnings"] = tuple(values["authors"]), tuple(values["warnings"])
    return Article(**values)


# --- readings -------------------------------------------------------------------------------------


def _encode_readings(
    articles: Sequence[Article], readings: Sequence[Reading], *, packed: bool
) -> tuple[bytes, list[bytes]]:
    heads: list[object] = []
    rest: list[bytes] = []
    for article, reading in zip(articles, readings, strict=True):
        text = reading.text
        body, details = pack_article(article, reading) if packed else (b"", b"")
        sizes = (len(text.keys), len(text.tokens), len(body), len(details))
        heads.append((reading.attribution, reading.warning, text.address, *sizes))
        arrays = (text.keys, text.tokens, text.starts, text.ends, text.signature)
        rest += [array.tobytes() for array in arrays]
        rest += [hash_revision(article), body, details]
    return orjson.dumps([packed, heads]), rest


def decode_readings(frame: memoryview, permutations: int) -> list[Reading]:
    """The readings of a frame, each with memory of its own.

    Raises ValueError and TypeError where it is none.
    """
    (packed, heads), rest = _split(frame)
    readings, first = [], 0
    for found, warning, address, keys, words, body, details in heads:
        size = 8 * keys + 12 * words + 4 * permutations
        block, end = bytearray(rest[first : first + size]), first + size + 32
        text = Prepared(address, *_arrays(block, keys, words, permutations))
        revision = bytes(rest[end - 32 : end])
        wide = bytes(rest[end : end + body]), bytes(rest[end + body : end + body + details])
        first = end + body + details
        attribution = None if found is None else read_attribution(found)
        readings.append(Reading(attribution, text, warning, revision, wide if packed else None))
    return readings


def _arrays(
    block: bytearray, keys: int, words: int, permutations: int
) -> tuple[
    NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint64],
    NDArray[np.uint32],
]:  # fmt: skip
    """(tokens, starts, ends, keys, signature) in a block."""
    own: NDArray[np.uint64] = np.frombuffer(block, np.uint64, keys)
    placed: NDArray[np.uint32] = np.frombuffer(block, np.uint32, offset=8 * keys)
    ends = placed[2 * words : 3 * words]
    signature = placed[3 * words : 3 * words + permutations]
    return placed[:words], placed[words : 2 * words], ends, own, signature


# --- configuration --------------------------------------------------------------------------------


def describe_config(config: Config) -> tuple[bytes, list[bytes]]:
    """The first frame: what readings depend on."""
    known = config.statistics
    head = {
        "sizes": {name: getattr(config, name) for name in _SIZES},
        "stories": known.stories,
        "identities": known.identities,
        "counts": [len(known.words), len(known.boilerplate)],
    }
    arrays = (known.words, known.shares, known.boilerplate)
    return orjson.dumps(head), [array.tobytes() for array in arrays]


def _read_config(frame: memoryview) -> Config:
    head, rest = _split(frame)
    words, grams = head["counts"]
    own = bytearray(rest)
    statistics = Statistics(
        np.frombuffer(own, np.uint32, words),
        np.frombuffer(own, np.uint16, words, 4 * words),
        np.frombuffer(own, np.uint64, grams, 6 * words),
        head["stories"],
        head["identities"],
    )
    return Config(**head["sizes"], statistics=statistics)


# --- the process ----------------------------------------------------------------------------------


def main() -> None:
    """Answer frames until standard input ends, as it does with the process at its other end."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the group; the other end decides
        signal.signal(number, signal.SIG_IGN)
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(_SPARED_LAST)
    with suppress(EOFError, BrokenPipeError):
        _serve(source, answers)


def _serve(source: BinaryIO, answers: BinaryIO) -> None:
    config = _read_config(read_frame(source))
    extractor = load_extractor()
    _warm_up(config, extractor)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    write_frame(answers, b"{}")
    steps, more = iter(extractor.compile_patterns()), True
    while True:
        more = more and _use_idle_time(source, steps)
        (packed, rows), _ = _split(read_frame(source))
        articles = [_decode_article(row) for row in rows]
        readings = read_articles(articles, config, extractor)
        head, rest = _encode_readings(articles, readings, packed=packed)
        write_frame(answers, head, *rest)


def _use_idle_time(source: BinaryIO, steps: Iterator[object], idle_s: float = _IDLE_S) -> bool:
    """Compile patterns once nothing has come for a while, until a frame does; whether any is left.

    Else the first to need one waits for it: all are seconds, and 200 ms were seen for one frame
    (docs/decisions/0150). Between the frames of a stream the same steps would only keep it waiting.
    """
    if _holds(source) or _has_come(source, idle_s):
        return True
    return any(_has_come(source, 0) for _ in steps)


def _holds(source: BinaryIO) -> bool:
    """Whether something was received that is not read yet."""
    os.set_blocking(source.fileno(), False)
    try:
        return bool(cast(BufferedReader, source).peek(1))
    finally:
        os.set_blocking(source.fileno(), True)


def _has_come(source: BinaryIO, within_s: float) -> bool:
    """Whether something comes, or the end, within a time; for who holds nothing."""
    return bool(select.select([source], [], [], within_s)[0])


def _warm_up(config: Config, extractor: Extractor) -> None:
    for text in _WARM:  # one wide letter makes all texts of a batch wide
        read_articles([Article("1", "a", None, "", text)], config, extractor)
