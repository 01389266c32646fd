"""Number of articles -> folder with `articles.jsonl` and `truth.tsv`, made once and kept.

The folder stands outside the checkout: $XDG_CACHE_HOME or the system's temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, sha256
from benchmarks.measure import RunFailedError

TOOLS = ROOT / "benchmarks" / "tools"


def cache_folder() -> Path:
    """Where generated corpora are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()
    return Path(base) / "isnad-benchmarks"


def provide_corpus(n: int, folder: Path | None = None) -> Path:
    """Return `folder`, or the kept corpus of `n` articles, making it when it is not there.

    A generator that is interrupted leaves nothing that looks finished.
    """
    if folder is not None:
        missing = [f for f in ("articles.jsonl", "truth.tsv") if not (folder / f).is_file()]
        if missing:
            raise SystemExit(
                f"{folder}: no {' and no '.join(missing)} there; leave --corpus out to make one"
            )
        return folder.absolute()
    wanted = cache_folder() / f"{n}-{sha256(TOOLS / 'make_corpus.py')}"
    if wanted.is_dir():
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=wanted.parent, prefix="unfinished-"))
    try:
        _run_tool("make_corpus.py", "--n", str(n), "--out", str(made))
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    try:
        made.rename(wanted)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not wanted.is_dir():  # else another run finished first
            raise
    return wanted


def score_clusters(truth: Path, clusters: Path) -> dict[str, Any]:
    """Scores of a clusters file (JSON Lines) against planted truth."""
    return _scored("score_clusters.py", "--truth", str(truth), "--clusters", str(clusters))


def score_pairs(matches: Path, **more: Path) -> dict[str, Any]:
    """Scores of a matches file; `more` names candidates, adjudicated, reference, articles."""
    options = [text for name, path in more.items() for text in (f"--{name}", str(path))]
    return _scored("score_pairs.py", "--matches", str(matches), *options)


def score_attribution(gold: Path, predicted: Path) -> dict[str, Any]:
    """Scores of attributions (JSON Lines) against labelled notices."""
    return _scored("score_attribution.py", "--gold", str(gold), "--pred", str(predicted))


def labelled_articles(gold: Path) -> str:
    """Labelled notices as articles, JSON Lines."""
    return _run_tool("score_attribution.py", "--input", str(gold))


def _scored(tool: str, *arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(_run_tool(tool, *arguments))
    return result


def _run_tool(tool: str, *arguments: str) -> str:
    command = [sys.executable, str(TOOLS / tool), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        raise RunFailedError(done.returncode, done.stderr)
    return done.stdout


def describe_corpus(folder: Path) -> dict[str, Any]:
    """Number of articles, bytes and hashes of a corpus."""
    articles, truth = folder / "articles.jsonl", folder / "truth.tsv"
    with truth.open("rb") as lines:
        count = sum(1 for _ in lines) - 1
    return {
        "articles": count,
        "bytes": articles.stat().st_size,
        "sha256": {"articles.jsonl": sha256(articles), "truth.tsv": sha256(truth)},
        "generator": sha256(TOOLS / "make_corpus.py"),
    }
