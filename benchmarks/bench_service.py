"""Articles over HTTP -> what the service does a second, how long one request waits, what it holds.

    python -m benchmarks.bench_service [--n 20000] [--grow 500000] [--minutes 30] [--corpus FILE...]

Service and clients share this machine, as they do on a small installation. The service is the one
that `isnad serve` starts, with its log and its rates, on a fresh SQLite file. First come real
articles, from `--corpus` (JSON Lines, also compressed) or the shared folder, then synthetic ones
from the generator. What was measured is written after every step, so a run that is ended early is
not lost; growing ends after `--minutes`.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson

from benchmarks import callers, corpora, machine
from benchmarks.servers import children, cpu_s

OUTPUT = machine.ROOT / "benchmarks" / "results" / "service.json"
SERVE = """
import sys
from service.running import run_service
from service.settings import load_settings
rate = "1000000/second"  # counted as ever, never too many
settings = load_settings({"data": sys.argv[1], "port": sys.argv[2], "rate_limit": rate})
run_service(settings, lambda _: None, lambda _: None)
"""
REAL = ("ar_saudinewsnet", "multi_tgcontest", "en_wnam2015", "en_reuters21578")
CLIENTS = 20
JSON, NDJSON = "application/json", "application/x-ndjson"
Note = Callable[[str, object], dict[str, Any]]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=20_000, help="articles of the measured stream")
    parser.add_argument("--grow", type=int, default=0, help="store this many in the end")
    parser.add_argument("--minutes", type=float, default=30, help="bound on growing")
    parser.add_argument("--requests", type=int, default=2_000, help="single requests")
    parser.add_argument(
        "--paced", type=int, nargs="*", default=[100, 200, 400], help="single requests a second"
    )
    parser.add_argument("--corpus", type=Path, nargs="*", default=real(), help="real articles")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


# --- the service ----------------------------------------------------------------------------------


@dataclass
class Service:
    """A running service: its arbiter and its port."""

    process: subprocess.Popen[bytes]
    port: int
    ready_s: float

    def worker(self) -> Path:
        """What the system knows of the process that answers."""
        workers = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return Path("/proc", workers.read_text().split()[0])

    def cpu(self) -> tuple[float, float]:
        """Seconds that the worker has used, and those of it that its own processes have."""
        worker = int(self.worker().name)
        return cpu_s(worker), cpu_s(*children(worker))

    def memory(self) -> dict[str, int]:
        """MiB of the worker: resident now, and at most so far; of its own processes."""
        worker = int(self.worker().name)
        own, texts = _memory(worker), [_memory(child) for child in children(worker)]
        return {**own, "texts_mib": sum(each["now_mib"] for each in texts)}


def _memory(process: int) -> dict[str, int]:
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in status if "kB" in line}
    return {"now_mib": int(found["VmRSS"]) >> 10, "peak_mib": int(found["VmHWM"]) >> 10}


def _cpu_each(service: Service, before: tuple[float, float], count: int) -> dict[str, int]:
    """CPU of all and of what reads articles, in us each, since `before`."""
    whole, texts = (now - then for now, then in zip(service.cpu(), before, strict=True))
    return {
        "service_cpu_us": round(whole / count * 1e6),
        "of_it_texts_us": round(texts / count * 1e6),
    }


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Start the service on a folder, wait until it is ready, stop it after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    command = [sys.executable, "-c", SERVE, str(folder / "data"), str(port)]
    with (folder / "service.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=machine.ROOT,
            env={**os.environ, "PYTHONPATH": str(machine.ROOT)},
            stdout=log,
            stderr=log,
        )
    try:
        wait_ready(process, port)
        yield Service(process, port, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


def wait_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask until the answer is yes."""
    while process.poll() is None:
        try:
            status, _ = ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/readyz")
            if status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"the service ended with {process.returncode}")


def ask(
    to: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    kind: str = JSON,
) -> tuple[int, bytes]:
    """Send one request and read the answer."""
    to.request(method, path, body, {"Content-Type": kind} if body else {})
    answer = to.getresponse()
    return answer.status, answer.read()


# --- articles -------------------------------------------------------------------------------------


def read_lines(path: Path) -> Iterator[bytes]:
    """Lines of a corpus with only what the service takes."""
    opened: Any = gzip.open if path.suffix == ".gz" else Path.open
    with opened(path, "rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            kept = ("id", "source", "outlet", "url", "title", "body", "lang", "published")
            if str(record.get("body") or "").strip():
                yield orjson.dumps({name: record[name] for name in kept if name in record}) + b"\n"


def real() -> list[Path]:
    """The corpora of the shared folder, where there is one."""
    folder = Path(os.environ.get("ISNAD_SHARED") or ".") / "data"
    return [path for name in REAL if (path := folder / f"news_{name}.jsonl.gz").is_file()]


# --- measurements ---------------------------------------------------------------------------------


def stream(service: Service, lines: Sequence[bytes]) -> dict[str, Any]:
    """One NDJSON request: articles a second from the first byte sent to the last byte answered."""
    body = b"".join(lines)
    to = http.client.HTTPConnection("127.0.0.1", service.port)
    cpu, begun = service.cpu(), time.perf_counter()
    status, answer = ask(to, "POST", "/v1/articles", body, NDJSON)
    seconds = time.perf_counter() - begun
    if status != 200:
        raise SystemExit(f"status {status}: {answer[:500]!r}")
    last = orjson.loads(answer.splitlines()[-1])
    return {
        "articles": len(lines),
        "bytes": len(body),
        "seconds": round(seconds, 3),
        "articles_per_s": round(len(lines) / seconds, 1),
        **_cpu_each(service, cpu, len(lines)),
        "answer_bytes": len(answer),
        **last,
    }


def single(
    service: Service, path: str, bodies: Sequence[bytes], clients: int, per_s: float | None = None
) -> dict[str, Any]:
    """Requests of one article each from several clients; with `per_s` they arrive at that pace."""
    cpu = service.cpu()
    calls = callers.call(service.port, path, bodies, clients, per_s)
    count = len(calls.waits)
    return {
        "requests": count,
        "clients": clients,
        "pace_per_s": per_s,
        "per_s": round(count / calls.seconds, 1),
        **_cpu_each(service, cpu, count),
        "client_cpu_us": round(calls.cpu_s / count * 1e6),
        **describe(calls.waits),
        "statuses": calls.statuses,
    }


def describe(waits: Sequence[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    ms = sorted(1000 * wait for wait in waits)
    cuts = statistics.quantiles(ms, n=100)
    return {
        "p50_ms": round(cuts[49], 2),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
        "max_ms": round(ms[-1], 2),
    }


def requests_of(args: argparse.Namespace) -> Iterator[tuple[str, str, int, int | None]]:
    """(name, path, clients, pace) of every measurement of single requests."""
    for name, path in (("post", "/v1/articles"), ("check", "/v1/check")):
        yield f"{name}_one_client", path, 1, None
        yield f"{name}_closed", path, CLIENTS, None
        for pace in args.paced:
            yield f"{name}_paced_{pace}", path, CLIENTS, pace


def measure(
    args: argparse.Namespace, lines: Iterator[bytes], folder: Path, note: Note
) -> dict[str, Any]:
    """Run all measurements on one database; `note` hears of each when it is done."""
    with serving(folder) as service:
        note("start_s", round(service.ready_s, 2))
        note("stream", stream(service, list(islice(lines, args.n))))
        note("memory_after_stream", service.memory())
        stored = args.n
        for name, path, clients, pace in requests_of(args):
            bodies = list(islice(lines, args.requests))
            note(name, single(service, path, bodies, clients, pace))
            stored += args.requests if path.endswith("articles") else 0
        grow(args, service, lines, stored, note)
        note("memory_at_end", service.memory())
    with serving(folder) as service:
        note("restart_s", round(service.ready_s, 2))
        note("stream_after_restart", stream(service, list(islice(lines, min(args.n, 5000)))))
        note("memory_after_restart", service.memory())
    return note("database_bytes", sum(path.stat().st_size for path in (folder / "data").rglob("*")))


def grow(
    args: argparse.Namespace, service: Service, lines: Iterator[bytes], stored: int, note: Note
) -> None:
    """Stream on until so many are stored or the time is over."""
    steps: list[dict[str, Any]] = []
    end = time.monotonic() + 60 * args.minutes
    while stored < args.grow and time.monotonic() < end and (batch := list(islice(lines, args.n))):
        took = stream(service, batch)
        stored += len(batch)
        kept = ("articles_per_s", "service_cpu_us")
        steps.append({"stored": stored, **{name: took[name] for name in kept}, **service.memory()})
        note("growth", steps)


def tabulate(found: dict[str, Any]) -> str:
    """What was measured, as a table of Markdown."""
    rows = ["| | a second | p50 ms | p95 ms | p99 ms | CPU us each |", "|---|---|---|---|---|---|"]
    for name, row in found.items():
        if not isinstance(row, dict) or "service_cpu_us" not in row:
            continue
        values = [row.get("articles_per_s") or row.get("per_s")]
        values += [row.get(f"p{share}_ms", "") for share in (50, 95, 99)]
        rows.append(f"| {' | '.join(map(str, [name, *values, row['service_cpu_us']]))} |")
    for step in found.get("growth", ()):
        name = f"stream at {step['stored']:,} stored, {step['now_mib']} MiB"
        rows.append(f"| {name} | {step['articles_per_s']} | | | | {step['service_cpu_us']} |")
    told = {name: row for name, row in found.items() if name.startswith(("memory", "restart_s"))}
    return "\n".join([*rows, "", json.dumps(told)])


def main() -> None:
    """Measure and write the result."""
    args = parse()
    wanted = max(args.n, args.grow) + (4 + 2 * len(args.paced)) * args.requests + 5000
    synthetic = corpora.provide_corpus(100_000 if wanted <= 100_000 else 1_000_000)
    paces = " ".join(map(str, args.paced))
    occasion = machine.Occasion()
    result: dict[str, Any] = {
        "command": f"python -m benchmarks.bench_service --n {args.n} --grow {args.grow}"
        f" --minutes {args.minutes:g} --requests {args.requests} --paced {paces}",
        "real": [path.name for path in args.corpus],
        "synthetic": corpora.describe_corpus(synthetic),
    }
    found: dict[str, Any] = {}

    def note(name: str, value: object) -> dict[str, Any]:
        found[name] = value
        machine.write_result(args.output, {**result, **occasion.describe(), **found})
        print(name, json.dumps(value), flush=True)
        return found

    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as folder:
        generated = read_lines(synthetic / "articles.jsonl")
        lines = chain(chain.from_iterable(map(read_lines, args.corpus)), generated)
        print(tabulate(measure(args, lines, Path(folder), note)))


if __name__ == "__main__":
    main()
