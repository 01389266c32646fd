"""What a report costs as the collection grows: one machine, Spark, a hot key, a day added.

    python benchmarks/bench_scale.py local --n 100000 [--n 1000000 …]
    python benchmarks/bench_scale.py spark --n 20000 [--master local[2]] [--clusters-only]
    python benchmarks/bench_scale.py hot --n 20000 --members 80000 [--engine spark]
    python benchmarks/bench_scale.py against --n 100000 --share 0.1
    python benchmarks/bench_scale.py show

Each run adds a row to `benchmarks/results/scale.json` (one of the same kind and size takes its
place); `show` prints the table of docs/scale.md and draws docs/scale.svg. Spark's rows tell
whether every match and cluster equals that of one machine; `--clusters-only` spares the file of
all matches, which one machine writes with the places of every passage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine, measure, render

OUTPUT = machine.ROOT / "benchmarks" / "results" / "scale.json"
PLOT = machine.ROOT / "docs" / "scale.svg"
Row = dict[str, Any]
_PARAGRAPH_WORDS, _SHORT_WORDS = 60, 90
MATCH = ("left", "right", "relation", "container", "similarity", "probability")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["local", "spark", "hot", "against", "show"])
    parser.add_argument("--n", type=int, action="append", help="articles; may be repeated")
    parser.add_argument("--corpus", type=Path, help="a folder that make_corpus.py has filled")
    parser.add_argument("--inputs", type=Path, nargs="*", help="other articles, for spark")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--engine", choices=["local", "spark"], default="local")
    parser.add_argument("--members", type=int, default=80_000, help="articles that share a passage")
    parser.add_argument("--share", type=float, default=0.1, help="of the articles that come later")
    parser.add_argument("--clusters-only", action="store_true", help="spark: compare no matches")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def measure_local(inputs: Sequence[Path], folder: Path, *options: str) -> tuple[Row, Path]:
    """(cost, clusters file) of one report with a kept work folder below `folder`."""
    clusters, work = folder / "clusters.jsonl", folder / "work"
    command = measure.isnad("report", *map(str, inputs), "--format", "jsonl", "--output")
    command += [str(clusters), "--work-dir", str(work), "--quiet", *options]
    cost: Row = dict(measure.run(command, cwd=machine.ROOT, accept=(0, 1)).numbers())
    cost["disk_mib"] = round(_size(work) / (1 << 20), 1)
    return cost, clusters


def measure_spark(inputs: Sequence[Path], folder: Path, master: str) -> tuple[Row, Path]:
    """(cost, output folder) of one report on Spark, with what its event log tells."""
    log, output = folder / "events", folder / "spark"
    log.mkdir()
    command = [sys.executable, "-c", _ON_SPARK, master, str(log), str(output), *map(str, inputs)]
    cost: Row = dict(measure.run(command, cwd=machine.ROOT, accept=(0, 1)).numbers())
    cost["disk_mib"] = round(_size(output) / (1 << 20), 1)
    cost |= _read_events(log)
    return cost, output


_ON_SPARK = """
import sys
from dedupe.batch.spark import SparkOptions, open_session, run
from dedupe.config import default_config
from dedupe.readers import ReadOptions
master, log, output, *inputs = sys.argv[1:]
conf = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": "file://" + log,
        "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false",
        "spark.driver.memory": "4g"}
session = open_session(master, conf)
run(session, inputs, output, ReadOptions(), default_config(), SparkOptions())
session.stop()
"""


def _read_events(log: Path) -> Row:
    """Bytes written to shuffles and spilled, over all tasks."""
    shuffled = spilled = tasks = 0
    for path in (p for p in log.rglob("*") if p.is_file() and not p.name.startswith(".")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                found = event.get("Task Metrics") or {}
                tasks += event.get("Event") == "SparkListenerTaskEnd"
                shuffled += found.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
                spilled += found.get("Disk Bytes Spilled", 0)
    return {"tasks": tasks, "shuffle_bytes": shuffled, "spilled_bytes": spilled}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def digest_local(clusters: Path, matches: Path | None) -> dict[str, str]:
    """Hashes over all clusters, and pairs, of files of JSON Lines, in a fixed order."""
    found: dict[str, Iterator[str]] = {
        "clusters": map(_as_line, map(json.loads, clusters.open("rb")))
    }
    if matches:
        found["matches"] = map(_as_pair, map(json.loads, matches.open("rb")))
    return _digest(found)


def digest_spark(output: Path, *, matches: bool) -> dict[str, str]:
    """The same hashes over the datasets of an output folder."""
    import pyarrow.dataset as ds

    def rows(name: str) -> Iterator[Row]:
        for batch in ds.dataset(output / name, format="parquet").to_batches():
            yield from batch.to_pylist()

    clusters = (_as_line(json.loads(row["cluster"])) for row in rows("clusters"))
    found: dict[str, Iterator[str]] = {"clusters": clusters}
    if matches:
        found["matches"] = map(_as_pair, rows("matches"))
    return _digest(found)


def _as_line(cluster: Row) -> str:
    return json.dumps(cluster, sort_keys=True)


def _as_pair(match: Row) -> str:
    return json.dumps([match[name] for name in MATCH])


def _digest(found: Mapping[str, Iterator[str]]) -> dict[str, str]:
    result = {}
    for name, lines in found.items():
        ordered = sorted(lines)
        result[name] = hashlib.sha256("\n".join(ordered).encode()).hexdigest()
        result[f"{name}_n"] = str(len(ordered))
    return result


# --- the runs -------------------------------------------------------------------------------------


def run_local(n: int, corpus: Path | None, folder: Path) -> Row:
    """One machine, as a user runs it."""
    made = corpora.provide_corpus(n, corpus)
    cost, clusters = measure_local([made / "articles.jsonl"], folder)
    scores = corpora.score_clusters(made / "truth.tsv", clusters)
    return {"kind": "local", "n": n, **cost, "f1": scores["f1"]}


def run_spark(
    inputs: Sequence[Path], n: int, name: str, args: argparse.Namespace, folder: Path
) -> Row:
    """Spark and one machine over the same articles, nothing learned, and whether they agree."""
    matches = None if args.clusters_only else folder / "matches.jsonl"
    options = [] if matches is None else ["--matches", str(matches)]
    own, clusters = measure_local(inputs, folder, "--no-learn", *options)
    cost, output = measure_spark(inputs, folder, args.master)
    ours, theirs = digest_local(clusters, matches), digest_spark(output, matches=bool(matches))
    return {
        "kind": f"spark {name}",
        "n": n,
        "master": args.master,
        **cost,
        "local_wall_s": own["wall_s"],
        "local_cpu_s": own["cpu_s"],
        **{what: int(count) for what, count in ours.items() if what.endswith("_n")},
        "equal": ours == theirs,
    }


def run_hot(n: int, members: int, engine: str, master: str, folder: Path) -> Row:
    """`members` short articles that share a paragraph beside `n` others, and that share none."""
    base = corpora.provide_corpus(n) / "articles.jsonl"
    costs = {}
    for shared in (False, True):
        own = folder / ("hot" if shared else "cold")
        own.mkdir()
        extra = own / "extra.jsonl"
        write_hot(extra, members, shared=shared)
        if engine == "local":
            costs[shared], _ = measure_local([base, extra], own, "--no-learn")
        else:
            costs[shared], _ = measure_spark([base, extra], own, master)
        shutil.rmtree(own)
    ratio = {f"{name}_ratio": round(costs[True][name] / costs[False][name], 3)
             for name in ("cpu_s", "wall_s")}  # fmt: skip
    without = {f"without_{name}": costs[False][name] for name in ("cpu_s", "wall_s")}
    return {"kind": f"hot {engine}", "n": n, "members": members, **costs[True], **without, **ratio}


def write_hot(path: Path, members: int, *, shared: bool) -> None:
    """Articles of random words under one paragraph, or each under a paragraph of its own."""
    chance = random.Random(8)

    def words(count: int) -> str:
        return " ".join(f"w{chance.randrange(200_000):x}" for _ in range(count))

    paragraph = words(_PARAGRAPH_WORDS)
    with path.open("w", encoding="utf-8") as out:
        for number in range(members):
            top = paragraph if shared else words(_PARAGRAPH_WORDS)
            body = f"{words(_SHORT_WORDS)}\n\n{top}"
            row = {"id": f"hot-{number}", "outlet": f"o{number % 50}", "title": words(6)}
            out.write(json.dumps(row | {"body": body}) + "\n")


def run_against(n: int, share: float, corpus: Path | None, folder: Path) -> Row:
    """The last `share` of a corpus added to a finished report over the rest, and from scratch."""
    source = corpora.provide_corpus(n, corpus) / "articles.jsonl"
    parts = [folder / "before.jsonl", folder / "after.jsonl"]
    with source.open("rb") as lines, parts[0].open("wb") as old, parts[1].open("wb") as new:
        for number, line in enumerate(lines):
            (old if number < n * (1 - share) else new).write(line)
    costs, found = {}, {}
    for name, inputs, options in (
        ("before", parts[:1], ()),
        ("added", parts[1:], ("--against", str(folder / "before" / "work"))),
        ("scratch", parts, ()),
    ):
        (folder / name).mkdir()
        costs[name], clusters = measure_local(inputs, folder / name, "--no-learn", *options)
        found[name] = hashlib.sha256(clusters.read_bytes()).hexdigest()
    scratch = {f"scratch_{name}": costs["scratch"][name] for name in ("cpu_s", "wall_s")}
    equal = found["added"] == found["scratch"]
    return {"kind": "against", "n": n, "share": share, **costs["added"], **scratch, "equal": equal}


# --- rows -----------------------------------------------------------------------------------------


def keep(row: Row, path: Path) -> None:
    """Put a row into the file, instead of one of the same kind and size."""
    rows = json.loads(path.read_text("utf-8"))["rows"] if path.exists() else []
    rows = [old for old in rows if (old["kind"], old["n"]) != (row["kind"], row["n"])]
    rows = sorted([*rows, row], key=lambda each: (each["kind"], each["n"]))
    machine.write_result(path, {"rows": rows})


def draw(path: Path, plot: Path) -> None:
    """Seconds, memory and disk of one machine against n, both axes by powers of ten."""
    import pygal

    rows = [row for row in json.loads(path.read_text("utf-8"))["rows"] if row["kind"] == "local"]
    if not rows:
        return
    chart = pygal.XY(
        logarithmic=True,
        xrange=(min(r["n"] for r in rows) / 2, max(r["n"] for r in rows) * 2),
        x_title="articles",
        title="isnad report on one machine",
        js=(),
        disable_xml_declaration=True,
        no_data_text="",
        x_value_formatter=lambda value: f"{value:,.0f}",
    )
    for name, label in (
        ("cpu_s", "CPU seconds"),
        ("wall_s", "wall seconds"),
        ("peak_anon_mib", "anonymous MiB"),
        ("disk_mib", "work folder MiB"),
    ):
        chart.add(label, [(row["n"], row[name]) for row in rows])
    plot.write_text(chart.render(is_unicode=True) + "\n", "utf-8")


def main() -> None:
    """Run what was asked for, keep its rows, print the table."""
    args = parse()
    if args.what == "show":
        draw(args.output, PLOT)
        print(render.scale_table(json.loads(args.output.read_text("utf-8"))))
        return
    for n in args.n or [100_000]:
        occasion = machine.Occasion()
        with tempfile.TemporaryDirectory(prefix="isnad-scale-") as scratch:
            row = measure_one(args, n, Path(scratch))
        row |= occasion.describe()
        row["command"] = f"python benchmarks/bench_scale.py {args.what} --n {n}" + (
            " --clusters-only" if args.clusters_only else ""
        )
        keep(row, args.output)
    print(render.scale_table(json.loads(args.output.read_text("utf-8"))))


def measure_one(args: argparse.Namespace, n: int, folder: Path) -> Row:
    """The row of one run."""
    if args.what == "local":
        return run_local(n, args.corpus, folder)
    if args.what == "against":
        return run_against(n, args.share, args.corpus, folder)
    if args.what == "hot":
        return run_hot(n, args.members, args.engine, args.master, folder)
    if args.inputs:
        return run_spark(args.inputs, n, args.inputs[0].name, args, folder)
    made = corpora.provide_corpus(n, args.corpus) / "articles.jsonl"
    return run_spark([made], n, "synthetic", args, folder)


if __name__ == "__main__":
    try:
        main()
    except measure.RunFailedError as error:
        raise SystemExit(f"a measured command failed: {error}") from error
