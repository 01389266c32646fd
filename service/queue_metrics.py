"""What the queue holds and what a worker does -> Prometheus metrics."""

from __future__ import annotations

import logging
import time
from collections import Counter as Counted
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dedupe.answers import Verdict
from service.queue import QueueStatus

__all__ = ["QueueGauges", "WorkerMeters"]

_KEPT_S = 1.0
_BATCH_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_log = logging.getLogger("isnad.queue")


class QueueGauges(Collector):
    """The state of the queue, asked when it is scraped, at most once a second."""

    def __init__(self, status: Callable[[], QueueStatus]) -> None:
        self._status = status
        self._asked_s = float("-inf")
        self._kept: list[Metric] = []

    def describe(self) -> Iterator[Metric]:
        """Nothing to say before it is asked: registering must not need the server."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give the gauges; while the server is away only that it is."""
        if time.monotonic() - self._asked_s > _KEPT_S:
            try:
                self._kept = _measure(self._status())
            except Exception as error:  # a scrape must show the rest, whatever the server says
                _log.warning("the queue cannot be asked: %s", type(error).__name__)
                self._kept = [_gauge("up", "Whether the queue answers", 0)]
            self._asked_s = time.monotonic()
        return iter(self._kept)


def _measure(status: QueueStatus) -> list[Metric]:
    return [
        _gauge("up", "Whether the queue answers", 1),
        _gauge("length", "Jobs waiting and in work", status.length),
        _gauge("lag", "Jobs that no worker has read", status.lag),
        _gauge("pending", "Jobs read and not yet answered", status.pending),
        _gauge("dead", "Jobs set aside", status.dead),
        _gauge("workers", "Workers of the group", len(status.consumers)),
        _gauge("oldest_seconds", "Age of the oldest job", status.oldest_s),
        _gauge("oldest_pending_seconds", "Since the oldest was taken", status.oldest_idle_s),
    ]


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"isnad_queue_{name}", text, value=value)


class WorkerMeters:
    """Counters of one worker."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._articles = Counter(
            "isnad_articles", "Articles taken", ["outcome"], registry=self.registry
        )
        self.dead = Counter(
            "isnad_worker_dead", "Jobs set aside", ["reason"], registry=self.registry
        )
        self.taken_over = Counter(
            "isnad_worker_taken_over", "Jobs taken over from others", registry=self.registry
        )
        self.batch_s = Histogram(
            "isnad_worker_batch_seconds",
            "Time to store a batch, with the waits for stores that were away",
            buckets=_BATCH_S,
            registry=self.registry,
        )
        self._alive = Gauge(
            "isnad_worker_alive_timestamp_seconds", "Last sign of life", registry=self.registry
        )

    def alive(self) -> None:
        """Note that the worker goes on."""
        self._alive.set_to_current_time()

    def count(self, verdicts: Sequence[Verdict]) -> None:
        """Count articles that were stored."""
        for outcome, count in Counted(verdict.outcome.value for verdict in verdicts).items():
            self._articles.labels(outcome).inc(count)
