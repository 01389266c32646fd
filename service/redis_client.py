"""An address -> a connection to Redis, alone or a cluster, with the time limits of this house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from dedupe.errors import IsnadError

__all__ = ["REDIS_AWAY", "RedisAway", "RedisUnusable", "open_redis", "reach_redis"]

REDIS_AWAY = (RedisError, RedisClusterException)
"""What redis-py raises; the second is no kind of the first."""

_CLUSTER = {"redis+cluster://": "redis://", "rediss+cluster://": "rediss://"}
_ANSWER_S, _CONNECT_S = 10.0, 5.0
"""Longer than what a read of the queue may block."""


class RedisUnusable(IsnadError):
    """The address cannot be one of Redis; it is not shown."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(f"ISNAD_REDIS_URL: {reason}")


class RedisAway(RedisUnusable):
    """Nobody answers at the address, or not as Redis does: later somebody may."""


def open_redis(url: str) -> Redis | RedisCluster:
    """Connect when it is first needed; `redis+cluster://HOST:PORT` names a node of a cluster.

    What breaks is tried twice more at once, so that a restart of the server is hardly noticed.
    Raises RedisUnusable, and RedisAway where a cluster is asked for its nodes.
    """
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.05), 2)
    options = {
        "socket_timeout": _ANSWER_S,
        "socket_connect_timeout": _CONNECT_S,
        "health_check_interval": 30,
    }
    try:
        for scheme, plain in _CLUSTER.items():
            if url.startswith(scheme):
                return RedisCluster.from_url(plain + url.removeprefix(scheme), **options)
        return Redis.from_url(url, retry=retry, **options)
    except ValueError:
        raise RedisUnusable("redis://HOST:PORT/0 is wanted") from None
    except REDIS_AWAY as error:  # a cluster is asked for its nodes
        raise RedisAway(f"{type(error).__name__}: is it running?") from None


@contextmanager
def reach_redis() -> Iterator[None]:
    """Raise RedisAway for what redis-py raises: one sentence for whoever started us."""
    try:
        yield
    except REDIS_AWAY as error:
        raise RedisAway(f"{type(error).__name__}: is it running?") from error
