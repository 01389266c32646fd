"""The figures of docs/decisions/0001: what a dependency costs to import, and what it saves.

    python -m benchmarks.bench_dependencies

Articles are random words of a fixed seed, so that everyone measures the same. CPU time, the best
of three. Prints one JSON object.
"""

from __future__ import annotations

import difflib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable

import orjson
from rapidfuzz.distance import Indel

IMPORTS = [
    "numpy", "numba", "datasketch", "rapidfuzz", "orjson", "tld",
    "click", "argparse", "rich.table", "jinja2", "flask", "redis", "pyarrow",
]  # fmt: skip
ARTICLES, WORDS = 1000, 550


def best_cpu_s(work: Callable[[], object], rounds: int = 3) -> float:
    """CPU seconds of the fastest round."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def measure_import(module: str) -> float:
    """CPU milliseconds to import a module in a fresh interpreter, the best of three."""
    code = f"import time; s = time.process_time(); import {module}; print(time.process_time() - s)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    return round(min(runs) * 1000)


def make_articles() -> list[list[str]]:
    """Articles of 550 words from a vocabulary of 20,000 Arabic and Latin ones."""
    draw = random.Random(1)
    letters = ["ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "abcdefghijklmnopqrstuvwxyz"]
    vocabulary = [
        "".join(draw.choices(letters[index % 2], k=draw.randint(2, 9))) for index in range(20_000)
    ]
    return [draw.choices(vocabulary, k=WORDS) for _ in range(ARTICLES)]


def measure_json(articles: list[list[str]]) -> dict[str, float]:
    """Records of one article read and written a second."""
    records = [{"id": str(n), "body": " ".join(words)} for n, words in enumerate(articles)]
    lines = [orjson.dumps(record) for record in records]
    work: dict[str, Callable[[], object]] = {
        "orjson_read": lambda: [orjson.loads(line) for line in lines],
        "json_read": lambda: [json.loads(line) for line in lines],
        "orjson_write": lambda: [orjson.dumps(record) for record in records],
        "json_write": lambda: [json.dumps(record, ensure_ascii=False) for record in records],
    }
    return {name: round(len(lines) / best_cpu_s(each)) for name, each in work.items()}


def measure_alignment(articles: list[list[str]]) -> dict[str, float]:
    """Pairs of articles aligned a second, one with every tenth word of the other changed."""
    ids: dict[str, int] = {}
    left = [[ids.setdefault(word, len(ids)) for word in words] for words in articles[:100]]
    right = [[-index if index % 10 == 0 else n for index, n in enumerate(text)] for text in left]
    pairs = list(zip(left, right, strict=True))
    return {
        "rapidfuzz": round(
            len(pairs) / best_cpu_s(lambda: [Indel.opcodes(a, b) for a, b in pairs])
        ),
        "difflib": round(
            len(pairs)
            / best_cpu_s(
                lambda: [
                    difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
                    for a, b in pairs
                ]
            )
        ),
    }


def main() -> None:
    """Measure and print."""
    articles = make_articles()
    result = {
        "import_ms": {module: measure_import(module) for module in IMPORTS},
        "json_records_per_s": measure_json(articles),
        "alignments_per_s": measure_alignment(articles),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
