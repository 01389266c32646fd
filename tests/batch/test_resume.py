"""A run that is killed at any stage goes on there and gives what an undisturbed one gives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from core.corpus import article, story

from dedupe.batch import checkpoint
from dedupe.batch.checkpoint import _state
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.errors import OutputUnwritable, RecordDamaged
from dedupe.readers import ReadOptions
from dedupe.report.encode import encode_json

KILLED = """
import os, signal, sys
from pathlib import Path
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.readers import ReadOptions

def kill(stage, done, total):
    if stage == sys.argv[3] and (stage != "read" or done):
        os.kill(os.getpid(), signal.SIGKILL)

options = RunOptions(jobs=1, keep_matches=True, keep_dir=Path(sys.argv[2]), progress=kill)
run([sys.argv[1]], ReadOptions(), default_config(), options)
"""


FULL = """
import resource, sys
from dedupe.batch import local, workers
from dedupe.cli import main
from dedupe.errors import OutputUnwritable

def in_a_pool(work, parts):  # as for an input that is worth two processes
    with workers._forked_pool(2) as pool:
        return list(pool.map(work, parts))

workers.map = in_a_pool
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.exit(main(["report", sys.argv[1], "--quiet", "--jobs", "1", "--work-dir", sys.argv[2]]))
"""
LEFT_ALONE = """
import os, signal
from dedupe.batch.workers import _forked_pool

pool = _forked_pool(2)
assert len(pool._processes) == 2
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    rows = []
    for number in range(30):
        words = story(number, 150)
        rows.append(article(f"o{number:02}", words, outlet=f"p{number % 5}", hour=number % 20))
        if number % 2:
            rows.append(article(f"c{number:02}", words[:110], outlet="carrier", hour=22))
    rows.append(rows[0])
    path = tmp_path_factory.mktemp("corpus") / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{\n", "utf-8")
    return str(path)


def everything(corpus, keep_dir=None, seen=None):
    def note(stage, done, total):
        if seen is not None:
            seen.append(stage)

    options = RunOptions(jobs=1, keep_matches=True, keep_dir=keep_dir, progress=note)
    with run([corpus], ReadOptions(), default_config(), options) as result:
        parts = [*result.clusters(), *result.matches(), *result.rejects]
        counts = json.loads(encode_json(result.summary))
    del counts["seconds"]
    return [encode_json(part) for part in parts], counts


@pytest.mark.parametrize(
    ("stage", "over"),
    [("read", []), ("candidates", ["read"]), ("verify", ["read", "candidates"]),
     ("cluster", ["read", "candidates", "verify"])],
)  # fmt: skip
def test_a_run_killed_at_a_stage_goes_on_there(corpus, checkout, tmp_path, stage, over):
    command = [sys.executable, "-c", KILLED, corpus, str(tmp_path / "work"), stage]
    done = subprocess.run(command, cwd=checkout, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    seen = []
    assert everything(corpus, tmp_path / "work", seen) == everything(corpus)
    assert not set(over) & set(seen)
    assert "cluster" in seen


def test_a_finished_run_is_taken_over_whole(corpus, tmp_path):
    first = everything(corpus, tmp_path / "work")
    seen = []
    assert everything(corpus, tmp_path / "work", seen) == first
    assert set(seen) == {"cluster"}


def test_a_folder_of_another_run_or_of_something_else_is_refused(corpus, tmp_path):
    everything(corpus, tmp_path / "work")
    other = tmp_path / "b.jsonl"
    other.write_text(json.dumps(article("x", story(1, 80))) + "\n")
    with pytest.raises(OutputUnwritable, match="other inputs"):
        everything(str(other), tmp_path / "work")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").touch()
    with pytest.raises(OutputUnwritable, match="not empty"):
        everything(corpus, tmp_path / "mine")
    assert [entry.name for entry in (tmp_path / "mine").iterdir()] == ["notes"]
    with pytest.raises(OutputUnwritable, match="not a folder"):
        everything(corpus, other)


def resumed(corpus, keep_dir, read=None, **other):
    options = RunOptions(**{"jobs": 1, "keep_matches": True, "keep_dir": keep_dir, **other})
    with run([corpus], read or ReadOptions(), default_config(), options) as result:
        return [encode_json(match) for match in result.matches()]


def test_a_run_with_matches_serves_one_without_and_not_the_other_way_round(corpus, tmp_path):
    first = resumed(corpus, tmp_path / "with")
    assert first
    without = resumed(corpus, tmp_path / "with", keep_matches=False)
    assert without == first == resumed(corpus, tmp_path / "with")
    resumed(corpus, tmp_path / "without", keep_matches=False)
    with pytest.raises(OutputUnwritable, match="without --matches"):
        resumed(corpus, tmp_path / "without")


def test_what_differs_from_the_run_of_a_folder_is_named(corpus, tmp_path):
    resumed(corpus, tmp_path / "work")
    with pytest.raises(OutputUnwritable, match=r"with other reading options .* and the other of"):
        resumed(corpus, tmp_path / "work", ReadOptions(outlet="Herald"), learn=True)


def test_a_damaged_record_ends_a_run_with_a_remedy(corpus, tmp_path):
    resumed(corpus, tmp_path)
    (tmp_path / "records").write_bytes((tmp_path / "records").read_bytes().replace(b"[", b"{"))
    with pytest.raises(RecordDamaged, match="remove the folder"):
        resumed(corpus, tmp_path)


def test_a_disk_that_is_full_is_named_also_by_a_worker(corpus, checkout, tmp_path):
    command = [sys.executable, "-c", FULL, corpus, str(tmp_path / "work")]
    done = subprocess.run(command, cwd=checkout, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        f"isnad: {tmp_path}/work/tokens: cannot write: File too large\n",
    )


@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_an_input_that_changed_within_its_size_and_time_is_another(corpus, tmp_path, place):
    path = tmp_path / "a.jsonl"
    path.write_bytes(Path(corpus).read_bytes())
    everything(str(path), tmp_path / "work")
    before, state = path.stat(), _state(str(path))
    with path.open("r+b") as file:
        file.seek(int(place * (before.st_size - 1)))
        file.write(b"#")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert _state(str(path))[-1] != state[-1]  # by its content alone, too
    with pytest.raises(OutputUnwritable, match="other inputs"):
        everything(str(path), tmp_path / "work")


def test_workers_end_with_the_run_that_was_killed(checkout):
    command = [sys.executable, "-c", LEFT_ALONE]
    done = subprocess.run(command, cwd=checkout, capture_output=True, check=False, timeout=60)
    # what they print to has ended only when the last of them has
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_folder_in_use_is_refused(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "_PATIENCE_S", 0.0)
    options = RunOptions(jobs=1, keep_dir=tmp_path / "work")
    with (
        run([corpus], ReadOptions(), default_config(), options),
        pytest.raises(OutputUnwritable, match=f"another run .*process {os.getpid()}"),
    ):
        run([corpus], ReadOptions(), default_config(), options)


@pytest.mark.parametrize("name", ["tokens", "records", "read.npz"])
def test_a_damaged_work_folder_is_named_and_refused(corpus, tmp_path, name):
    everything(corpus, tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:50])
    with pytest.raises(OutputUnwritable, match="remove the work folder"):
        everything(corpus, tmp_path)
