"""What happens in one app -> Prometheus metrics, in a registry of its own."""

from __future__ import annotations

import logging
import time
from collections import Counter as Counted
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dedupe.answers import Counts, Verdict
from service.heads import BEGUN, Moment, Step, add_step

__all__ = ["Meters"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_KEPT_S, _SHARE = 5.0, 20  # some scrape every second: counting takes a twentieth of the time
_log = logging.getLogger("isnad.metrics")


class Meters:
    """Counters of one app."""

    def __init__(self, summary: Callable[[], Counts]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "isnad_http_requests",
            "Requests answered",
            ["endpoint", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "isnad_http_request_seconds",
            "Time to the head of the answer",
            ["endpoint"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._articles = Counter(
            "isnad_articles", "Articles taken", ["outcome"], registry=self.registry
        )
        self.registry.register(_Archive(summary))
        self._of = cache(self._find)  # endpoints and statuses are few

    def watch(self, app: Flask) -> None:
        """Count the requests of an app."""
        add_step(app, self._learn, _begin, self._finish)

    def count(self, verdicts: Sequence[Verdict]) -> None:
        """Count articles that were stored."""
        for outcome, count in Counted(verdict.outcome.value for verdict in verdicts).items():
            self._articles.labels(outcome).inc(count)

    def write(self) -> bytes:
        """Give all in the text format of Prometheus."""
        return generate_latest(self.registry)

    def _learn(self) -> Step:
        return _Counting(request.endpoint or "none", self._note)

    def _finish(self, response: Response) -> Response:
        self._note(request.endpoint or "none", response.status_code, g.begun_s)
        return response

    def _note(self, endpoint: str, status: int, begun_s: float) -> None:
        answered, seconds = self._of(endpoint, status)
        answered.inc()
        seconds.observe(time.perf_counter() - begun_s)

    def _find(self, endpoint: str, status: int) -> tuple[Counter, Histogram]:
        answered = self._requests.labels(endpoint, str(status))
        return answered, self._seconds.labels(endpoint)


def _begin() -> None:
    g.begun_s = request.environ.get(BEGUN) or time.perf_counter()


@dataclass(frozen=True, slots=True)
class _Counting(Step):
    """The requests of a head."""

    endpoint: str
    note: Callable[[str, int, float], None]

    def leave(self, moment: Moment, status: int) -> bytes:
        """Count the answer."""
        self.note(self.endpoint, status, moment.begun_s)
        return b""


class _Archive(Collector):
    """How much the archive holds, asked at most every few seconds."""

    def __init__(self, summary: Callable[[], Counts]) -> None:
        self._summary = summary
        self._until = float("-inf")
        self._kept: list[Metric] = []

    def describe(self) -> Iterator[Metric]:
        """Nothing to say before it is asked: registering must not count the archive."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give the gauges; of a store that is away only that it is."""
        begun = time.monotonic()
        if begun >= self._until:
            try:
                self._kept = [_tell_up(up=True), *_measure(self._summary())]
            except Exception as error:  # whatever a store raises, the other metrics are given
                _log.warning("the archive cannot be counted: %s", type(error).__name__)
                self._kept = [_tell_up(up=False)]
            ended = time.monotonic()
            self._until = ended + max(_KEPT_S, _SHARE * (ended - begun))
        return iter(self._kept)


def _tell_up(*, up: bool) -> Metric:
    return GaugeMetricFamily("isnad_archive_up", "Whether the stores answer", value=int(up))


def _measure(counts: Counts) -> list[Metric]:
    gauges: list[Metric] = [
        GaugeMetricFamily(f"isnad_archive_{name}", text, value=getattr(counts, name))
        for name, text in (
            ("articles", "Articles stored"),
            ("revisions", "Texts stored"),
            ("clusters", "Clusters of two or more"),
            ("clustered", "Articles in such clusters"),
            ("indexed", "Texts in the index"),
            ("sequence", "Last line of the ledger"),
        )
    ]
    matches = GaugeMetricFamily("isnad_archive_matches", "Matches stored", labels=["relation"])
    for relation, count in counts.matches.items():
        matches.add_metric([relation], count)
    return [*gauges, matches]
