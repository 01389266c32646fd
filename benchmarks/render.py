"""Result JSON -> Markdown tables; `--write` puts them between the markers of the pages in docs/.

python benchmarks/render.py [--write]
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import ROOT

QUALITY_COLUMNS = ("section", "measure", "value", "n", "target", "met")
RESULTS = ROOT / "benchmarks" / "results"
PAGES = (ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "scale.md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, columns padded so that it reads in a terminal too."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def _about(result: dict[str, Any]) -> str:
    host = result["machine"]
    return (
        f"{host['cpu']}, {host['cores']} cores, {host['memory_gib']} GiB, Python {host['python']}; "
        f"{result['started']}; commit {result['commit']}; load {result['load_before'][0]} before, "
        f"{result['load_after'][0]} after. `{result['command']}`"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def peers_table(result: dict[str, Any]) -> str:
    """Signing rates and the cost of clusters."""
    about = result["peers"]
    signing = sorted(result["signing"].items(), key=lambda item: -item[1]["median_per_s"])
    rates = [
        (name, _versions(about[name]), about[name]["note"], f"{s['median_per_s']:,.0f}", _range(s))
        for name, s in signing
    ]
    clusters = sorted(result["clusters"].items(), key=lambda item: item[1]["median"]["cpu_s"])
    parts = [
        _about(result),
        "Signing, tokenising included, one core, articles a CPU second:",
        table(("who", "version", "how", "median", "rounds"), rates),
        "From JSON Lines to written clusters, whole process tree:",
        table(
            ("who", "CPU s", "wall s", "peak MiB", "precision", "recall", "F1", "hard negatives"),
            [_cluster_row(label, c) for label, c in clusters],
        ),
    ]
    verdict = result["verdict"]
    if "signing" in verdict:
        v = verdict["signing"]
        parts.append(f"Signing: {v['times_as_fast']} times as fast as {v['fastest_peer']}.")
    if "clusters" in verdict:
        v = verdict["clusters"]
        parts.append(
            f"The whole report: {v['share_of_its_cpu']} of the CPU of {v['cheapest_peer']}."
        )
    parts += [
        f"Not measured: {what}: {why}"
        for what, why in (result["not_installed"] | result["failures"]).items()
    ]
    return "\n\n".join(parts)


def _versions(about: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in about["versions"].items())


def _range(signing: dict[str, Any]) -> str:
    rates = [r["per_s"] for r in signing["rounds"]]
    return f"{min(rates):,.0f}–{max(rates):,.0f} (n={len(rates)})"


def _cluster_row(label: str, cluster: dict[str, Any]) -> tuple[str, ...]:
    median, scores = cluster["median"], cluster["scores"]
    return (
        label,
        f"{median['cpu_s']:.1f}",
        f"{median['wall_s']:.1f}",
        f"{median['max_process_mib']:,.0f}",
        *(_share(scores[k]) for k in ("precision", "recall", "f1", "hard_negatives_united")),
    )


def edits_table(result: dict[str, Any]) -> str:
    """Share of copies found by kind of edit, everyone who made clusters."""
    clusters = result["clusters"]
    kinds = sorted({k for c in clusters.values() for k in c["scores"]["recall_by_edit"]})
    rows = [
        (label, *(_share(c["scores"]["recall_by_edit"].get(kind)) for kind in kinds))
        for label, c in clusters.items()
    ]
    return table(("who", *kinds), rows)


def report_table(result: dict[str, Any]) -> str:
    """Our report alone on a large corpus."""
    usage, scores = result["usage"], result["scores"]
    names = ("wall_s", "cpu_s", "max_process_mib", "peak_mib", "peak_anon_mib", "peak_file_mib")
    rows: list[tuple[object, ...]] = [(name, f"{usage[name]:,.1f}") for name in names]
    rows += [(k, _share(scores[k])) for k in ("precision", "recall", "f1", "hard_negatives_united")]
    rows += [(f"found: {k}", _share(v)) for k, v in scores["recall_by_edit"].items()]
    return f"{_about(result)}\n\n" + table((f"{result['corpus']['articles']:,} articles", ""), rows)


def quality_table(result: dict[str, Any]) -> str:
    """Every measure of `python -m benchmarks.quality`, with its target where one is written."""
    rows = [
        tuple("" if row[key] is None else row[key] for key in QUALITY_COLUMNS)
        for row in result["rows"]
    ]
    parts = [_about(result), table(QUALITY_COLUMNS, rows)]
    for what in ("skipped", "failed"):
        parts += [f"{what.title()}: {name}: {why}" for name, why in result[what].items()]
    return "\n\n".join(parts)


def scale_table(result: dict[str, Any]) -> str:
    """What a report costs as the collection grows: a row a run, each with its commit and load."""
    head = ("run", "articles", "wall s", "CPU s", "anonymous MiB", "mapped MiB", "disk MiB", "more")
    commands = sorted({f"`{row['command']}`" for row in result["rows"]})
    return table(head, map(_scale_cells, result["rows"])) + "\n\n" + ", ".join(commands)


def _scale_cells(row: dict[str, Any]) -> list[object]:
    more = [f"{k} {row[k]:.3f}" for k in ("f1", "cpu_s_ratio", "wall_s_ratio") if k in row]
    if "equal" in row:
        compared = ", ".join(
            f"{row[k]:,} {k[:-2]}" for k in ("clusters_n", "matches_n") if k in row
        )
        more.append(f"{compared or 'clusters'} {'equal' if row['equal'] else 'DIFFERENT'}")
    if "shuffle_bytes" in row:
        more.append(f"{row['shuffle_bytes'] / row['n']:,.0f} bytes shuffled an article")
    others = [name for name in ("local", "scratch", "without") if f"{name}_cpu_s" in row]
    more += [f"{name} {row[f'{name}_cpu_s']:,.1f} CPU s" for name in others]
    more.append(f"load {row['load_before'][0]}, {row['commit'][:7]}")
    names = ("wall_s", "cpu_s", "peak_anon_mib", "peak_file_mib", "disk_mib")
    return [row["kind"], f"{row['n']:,}", *(f"{row[k]:,.1f}" for k in names), ", ".join(more)]


TABLES: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "peers": ("peers.json", peers_table),
    "edits": ("peers.json", edits_table),
    "report": ("report.json", report_table),
    "quality": ("quality.json", quality_table),
    "scale": ("scale.json", scale_table),
}
"""Name of the marker in the page -> result file and its table."""


def render(name: str) -> str:
    """The table of one marker; a sentence where the result has not been committed."""
    file, draw = TABLES[name]
    path = RESULTS / file
    if not path.is_file():
        return f"No `benchmarks/results/{file}` has been committed yet."
    return draw(json.loads(path.read_text(encoding="utf-8")))


def fill(page: str) -> str:
    """The page with every marked part drawn anew."""

    def redraw(match: re.Match[str]) -> str:
        return f"{match[1]}\n{render(match[2])}\n{match[3]}"

    return re.sub(r"(<!-- table:(\w+) -->)\n.*?(<!-- end -->)", redraw, page, flags=re.DOTALL)


def main() -> None:
    """Print all tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="fill the pages")
    if parser.parse_args().write:
        for page in PAGES:
            page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print("\n\n".join(render(name) for name in TABLES))


if __name__ == "__main__":
    main()
