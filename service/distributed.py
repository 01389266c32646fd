"""Settings -> the distributed mode: a queue between the app that takes articles and the workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from dedupe.errors import IsnadError
from service.queue import Queue
from service.redis_client import REDIS_AWAY, RedisUnusable, open_redis
from service.settings import Settings

__all__ = ["ModeMissing", "open_queue"]


class ModeMissing(IsnadError):
    """Something of the distributed mode was asked for without its servers."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("set ISNAD_DATABASE_URL and ISNAD_REDIS_URL: this needs the queue")


@contextmanager
def open_queue(settings: Settings) -> Iterator[Queue]:
    """The queue of the settings; raises ModeMissing, and RedisUnusable when it goes away."""
    if not settings.is_distributed or settings.redis_url is None:
        raise ModeMissing
    try:
        with closing(open_redis(settings.redis_url.get_secret_value())) as client:
            yield Queue(client, limit=settings.queue_limit, answer_ttl_s=settings.answer_s)
    except REDIS_AWAY as error:
        raise RedisUnusable(f"{type(error).__name__}: is it running?") from error
