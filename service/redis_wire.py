"""Columns of names and values -> commands of Redis as bytes, thousands at once, and the replies.

redis-py packs a command in some microseconds and reads a reply in one; an article has fifty. Here
commands of equal length are rows of one matrix. What appending replies says nothing that reading
does not: the server is told to keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOUD", "QUIET", "digits", "exchange", "pack_append", "pack_expire", "pack_read", "rows"]

Bytes = NDArray[np.uint8]
QUIET: Final = b"*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$3\r\nOFF\r\n"
LOUD: Final = b"*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$2\r\nON\r\n"
"""Between them nothing is replied; `LOUD` itself is answered."""
_NAMES_A_READ: Final = 1000
"""Of one command, which holds the server for half a millisecond."""
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)


def digits(values: NDArray[np.int64], width: int) -> Bytes:
    """Hexadecimal digits, `width` of them for each: bytes [n, width]."""
    shifts = 4 * np.arange(width - 1, -1, -1)
    found: Bytes = _HEX[(values[:, None] >> shifts) & 15]
    return found


def rows(count: int, *columns: bytes | Bytes) -> Bytes:
    """Put columns side by side; bytes stand in every row: bytes [count, width]."""
    parts = [
        np.broadcast_to(np.frombuffer(c, np.uint8), (count, len(c))) if isinstance(c, bytes) else c
        for c in columns
    ]
    return np.concatenate(parts, axis=1)


def _word(width: int) -> bytes:
    return b"$%d\r\n" % width


def pack_append(names: Bytes, entries: Bytes, added: NDArray[np.int64]) -> list[bytes]:
    """Append to each name as many of the entries, in order, as `added` says."""
    packed = []
    starts = np.cumsum(added) - added
    for count in np.unique(added[added > 0]).tolist():
        chosen = np.flatnonzero(added == count)
        values = entries[starts[chosen][:, None] + np.arange(count)].reshape(len(chosen), -1)
        head = b"*3\r\n$6\r\nAPPEND\r\n" + _word(names.shape[1])
        between = b"\r\n" + _word(values.shape[1])
        packed.append(rows(len(chosen), head, names[chosen], between, values, b"\r\n").tobytes())
    return packed


def pack_read(names: Bytes) -> list[bytes]:
    """Read all names, some at a time; each part of the list is replied with a list of values."""
    words = rows(len(names), _word(names.shape[1]), names, b"\r\n")
    return [
        b"*%d\r\n$4\r\nMGET\r\n" % (1 + len(some)) + some.tobytes()
        for some in np.split(words, range(_NAMES_A_READ, len(words), _NAMES_A_READ))
        if len(some)
    ]


def pack_expire(names: Bytes, second: int) -> bytes:
    """Let all names go at a second since 1970."""
    head = b"*3\r\n$8\r\nEXPIREAT\r\n" + _word(names.shape[1])
    at = b"%d" % second
    return rows(len(names), head, names, b"\r\n" + _word(len(at)) + at + b"\r\n").tobytes()


def exchange(redis: Any, packed: Sequence[bytes], replies: int) -> list[Any]:  # noqa: ANN401 - redis-py's own
    """Send commands on one connection and read so many replies; tried again as redis-py does.

    Raises what redis-py raises, the first error that was replied among it.
    """
    pool = redis.connection_pool
    connection = pool.get_connection()

    def talk() -> list[Any]:
        connection.send_packed_command([b"".join(packed)])
        return [connection.read_response(disable_decoding=True) for _ in range(replies)]

    try:
        found: list[Any] = connection.retry.call_with_retry(
            talk, lambda _error: connection.disconnect()
        )
    except BaseException:
        connection.disconnect()  # replies may be left, or turned off
        raise
    finally:
        pool.release(connection)
    return found
