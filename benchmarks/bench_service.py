"""Articles over HTTP -> what the service does a second, how long one request waits, what it holds.

    python benchmarks/bench_service.py [--n 20000] [--grow 200000] [--corpus FILE...]

Service and clients share this machine, as they do on a small installation. The service is the one
that `isnad serve` starts, on a fresh SQLite file. Real articles come from `--corpus` (JSON Lines,
also compressed), synthetic ones from the generator; a stream holds both in turn.
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
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson

from benchmarks import corpora, machine

OUTPUT = machine.ROOT / "benchmarks" / "results" / "service.json"
SERVE = """
import sys
from pathlib import Path
from service.wiring import serve_embedded
serve_embedded(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))
"""
CLIENTS = 20
JSON, NDJSON = "application/json", "application/x-ndjson"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=20_000, help="articles of the measured stream")
    parser.add_argument("--grow", type=int, default=0, help="store this many in the end")
    parser.add_argument("--requests", type=int, default=2_000, help="single requests")
    parser.add_argument("--paced", type=int, default=100, help="single requests a second")
    parser.add_argument("--corpus", type=Path, nargs="*", default=[], help="real articles")
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

    def cpu(self) -> float:
        """Seconds that the worker has used, all threads, user and system."""
        fields = (self.worker() / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> dict[str, int]:
        """MiB of the worker: resident now, and at most so far."""
        status = (self.worker() / "status").read_text().splitlines()
        found = {line.split(":")[0]: line.split()[1] for line in status if "kB" in line}
        return {"now_mib": int(found["VmRSS"]) >> 10, "peak_mib": int(found["VmHWM"]) >> 10}


@contextmanager
def serving(database: Path) -> Iterator[Service]:
    """Start the service, wait until it is ready, stop it after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    command = [sys.executable, "-c", SERVE, str(database), str(port)]
    with (database.parent / "service.log").open("ab") as log:
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


def mix(real: Sequence[Path], synthetic: Path) -> Iterator[bytes]:
    """Real and synthetic articles in turn, then what is left of either."""
    both = zip_longest(chain.from_iterable(map(read_lines, real)), read_lines(synthetic))
    return (line for pair in both for line in pair if line is not None)


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
        "service_cpu_us": round((service.cpu() - cpu) / len(lines) * 1e6),
        "answer_bytes": len(answer),
        **last,
    }


def single(
    service: Service, path: str, bodies: Sequence[bytes], clients: int, per_s: float | None = None
) -> dict[str, Any]:
    """Requests of one article each from several clients; with `per_s` they arrive at that pace.

    A paced request waits from the moment it was due, so that a stall counts for all it delays.
    """
    waits: list[float] = []
    statuses: dict[str, int] = {}
    begin = threading.Barrier(clients + 1)
    start = [0.0]

    def work(number: int) -> None:
        to = http.client.HTTPConnection("127.0.0.1", service.port)
        mine = []
        begin.wait()
        for place in range(number, len(bodies), clients):
            due = time.perf_counter()
            if per_s is not None:
                due = start[0] + place / per_s
                time.sleep(max(0.0, due - time.perf_counter()))
            status, _ = ask(to, "POST", path, bodies[place])
            mine.append(time.perf_counter() - due)
            statuses[str(status)] = statuses.get(str(status), 0) + 1
        waits.extend(mine)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    start[0] = time.perf_counter() + 0.05
    begin.wait()
    cpu, begun = service.cpu(), time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    return {
        "requests": len(waits),
        "clients": clients,
        "pace_per_s": per_s,
        "per_s": round(len(waits) / seconds, 1),
        "service_cpu_us": round((service.cpu() - cpu) / len(waits) * 1e6),
        **describe(waits),
        "statuses": statuses,
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


def measure(args: argparse.Namespace, lines: Iterator[bytes], folder: Path) -> dict[str, Any]:
    """Run all measurements on one database."""
    database = folder / "isnad.sqlite"
    found: dict[str, Any] = {}
    count = args.requests
    with serving(database) as service:
        found["start_s"] = round(service.ready_s, 2)
        found["stream"] = stream(service, list(islice(lines, args.n)))
        print(json.dumps(found["stream"]), flush=True)
        found["memory_after_stream"] = service.memory()
        for name, path, clients, pace in (
            ("post_one_client", "/v1/articles", 1, None),
            ("post_closed", "/v1/articles", CLIENTS, None),
            ("post_paced", "/v1/articles", CLIENTS, args.paced),
            ("check_one_client", "/v1/check", 1, None),
            ("check_closed", "/v1/check", CLIENTS, None),
            ("check_paced", "/v1/check", CLIENTS, args.paced),
        ):
            bodies = list(islice(lines, count))
            found[name] = single(service, path, bodies, clients, pace)
            print(name, json.dumps(found[name]), flush=True)
        found["growth"] = []
        stored = args.n + 3 * count
        while stored < args.grow and (batch := list(islice(lines, args.n))):
            took = stream(service, batch)
            stored += len(batch)
            grown = {"stored": stored, "articles_per_s": took["articles_per_s"]}
            found["growth"].append(grown | service.memory())
            print(json.dumps(found["growth"][-1]), flush=True)
        found["memory_at_end"] = service.memory()
    with serving(database) as service:
        found["restart_s"] = round(service.ready_s, 2)
        found["stream_after_restart"] = stream(service, list(islice(lines, min(args.n, 5000))))
        found["memory_after_restart"] = service.memory()
    found["database_bytes"] = sum(path.stat().st_size for path in folder.rglob("*"))
    return found


def main() -> None:
    """Measure and write the result."""
    args = parse()
    wanted = max(args.n, args.grow) + 6 * args.requests + 5000
    synthetic = corpora.provide_corpus(100_000 if wanted <= 100_000 else 1_000_000)
    started, before = machine.now(), machine.load()
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as folder:
        lines = mix(args.corpus, synthetic / "articles.jsonl")
        found = measure(args, lines, Path(folder))
    names = [path.name for path in args.corpus]
    result = {
        "command": f"python benchmarks/bench_service.py --n {args.n} --grow {args.grow}"
        f" --requests {args.requests} --paced {args.paced}",
        "started": started,
        "finished": machine.now(),
        "commit": machine.commit(),
        "machine": machine.describe_machine(),
        "load_before": before,
        "load_after": machine.load(),
        "real": names,
        "synthetic": corpora.describe_corpus(synthetic),
        "versions": machine.our_versions(),
        **found,
    }
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
