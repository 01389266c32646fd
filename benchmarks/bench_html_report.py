"""Articles -> the HTML report over them: what it weighs, costs to write, and takes to open.

    python -m benchmarks.bench_html_report [--n 120000] [--report FILE] [--output FILE]

120,000 generated articles make 10,000 clusters, as many as the report embeds. Debian's Chromium
opens the file in a window of a desk and of a phone; times are wall milliseconds since the start of
the navigation, so the machine should be quiet. Needs the packages of `make test`.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import corpora, machine, measure

OUTPUT = machine.ROOT / "benchmarks" / "results" / "html_report.json"
ROUNDS = 5
WINDOWS = {"desk": (1280, 900), "phone": (390, 844)}
SEARCHED = "zzzz"
"""A word that nothing has: every title is looked at."""
WATCH = """new MutationObserver((_, watch) => {
  if (!document.querySelector("#found")?.textContent) return;
  window.readyAt = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });"""
"""The report says how many clusters it found when the first page of them stands."""
READY = "window.readyAt ?? null"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
SEARCH = """(word) => new Promise((done) => {
  const found = document.querySelector("#found"), query = document.querySelector("#query");
  const began = performance.now();
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - began));
  }).observe(found, { childList: true, characterData: true, subtree: true });
  query.value = word;
  query.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=120_000, help="articles to generate")
    parser.add_argument("--report", type=Path, help="a report to open as it is")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def write_report(n: int, path: Path) -> dict[str, Any]:
    """Report `n` generated articles once as HTML and once as lines: the difference is the page."""
    articles = str(corpora.provide_corpus(n) / "articles.jsonl")
    costs = {}
    for form, output in (("jsonl", path.with_suffix(".jsonl")), ("html", path)):
        command = measure.isnad("report", articles, "--format", form, "--output", str(output))
        costs[form] = measure.run(command, cwd=machine.ROOT).cpu_s
    return {"articles": n, "cpu_s": {form: round(cost, 1) for form, cost in costs.items()}}


def await_value(page: Page, expression: str) -> float:
    """Ask the page until it knows; its policy lets nothing be evaluated inside of it."""
    for _ in range(1200):
        value = page.evaluate(expression)
        if value is not None:
            return float(value)
        page.wait_for_timeout(50)
    raise SystemExit(f"{expression}: nothing within a minute")


def open_report(browser: Browser, path: Path, size: tuple[int, int]) -> dict[str, float]:
    """Open the file in a fresh window, wait until it can be searched, and search it."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    told = {
        "first_paint_ms": await_value(page, PAINT),
        "ready_ms": await_value(page, READY),
        "first_search_ms": page.evaluate(SEARCH, SEARCHED),
        "next_search_ms": page.evaluate(SEARCH, ""),
        "nodes": page.evaluate("document.getElementsByTagName('*').length"),
        "heap_mib": page.evaluate("performance.memory.usedJSHeapSize") / 2**20,
    }
    context.close()
    return {name: float(value) for name, value in told.items()}


def measure_opening(path: Path) -> dict[str, dict[str, float]]:
    """Medians of some openings for every size of window."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is missing: apt install chromium")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        found = {}
        for name, size in WINDOWS.items():
            rounds = [open_report(browser, path, size) for _ in range(ROUNDS)]
            found[name] = {
                key: round(statistics.median(each[key] for each in rounds), 1) for key in rounds[0]
            }
        browser.close()
    return found


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the report, where none is given, and open it."""
    occasion = machine.Occasion()
    with tempfile.TemporaryDirectory(prefix="isnad-html-") as folder:
        path = args.report or Path(folder) / "report.html"
        written = {} if args.report else write_report(args.n, path)
        data = path.read_bytes()
        opened = measure_opening(path.absolute())
    return {
        "command": f"python -m benchmarks.bench_html_report --n {args.n}",
        **occasion.describe(),
        **written,
        "clusters": data.count(b"\n", data.index(b'id="index">'), data.index(b'id="cards"')) + 1,
        "bytes": len(data),
        "bytes_gzip": len(gzip.compress(data, 6)),
        "opened": opened,
    }


def main() -> None:
    """Measure, write the result, print it."""
    args = parse()
    result = run(args)
    machine.write_result(args.output, result)
    print(f"{result['clusters']:,} clusters, {result['bytes'] / 1e6:.1f} MB")
    for name, times in result["opened"].items():
        print(name, " ".join(f"{key} {value:,.0f}" for key, value in times.items()))


if __name__ == "__main__":
    main()
