"""The command as a whole: start, exit codes, one sentence for what cannot be done."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dedupe
from dedupe import cli
from dedupe.cli.report import FORMATS
from dedupe.report import FORMATS as WRITERS


def test_help_loads_none_of_the_heavy_libraries(start):
    names = "numpy numba pyarrow jinja2 rich orjson rapidfuzz scipy flask redis"
    code = (
        "import sys; from dedupe.cli import main\n"
        "assert main(['--help']) == 0\n"
        f"print([name for name in {names.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.endswith(b"\n[]\n")


def test_version(isnad):
    assert isnad("--version").out.decode() == f"isnad {dedupe.__version__}\n"


def test_command_line_knows_the_formats_there_are():
    assert FORMATS == WRITERS


@pytest.mark.parametrize(
    "words",
    [["report"], ["attribute"], ["compare"], ["fingerprint"], ["statistics", "learn"], ["schema"]],
)
def test_every_command_has_help(isnad, words):
    run = isnad(*words, "--help")
    assert run.code == 0
    assert run.out.startswith(b"Usage: isnad " + " ".join(words).encode())


def test_no_command_shows_the_help_and_fails(isnad):
    run = isnad()
    assert run.code == 2
    assert "Usage: isnad" in run.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["report"], "Missing argument 'INPUT...'"),
        (["report", "x", "--format", "xml"], "'xml' is not one of"),
        (["report", "x", "--threshold", "2"], "2.0 is not in the range 0<=x<=1"),
        (["report", "x", "--jobs", "-1"], "-1 is not in the range"),
        (["report", "x", "--min-size", "many"], "'many' is not a valid integer"),
        (["report", "x", "--format", "parquet"], "--format parquet needs --output FILE"),
        (["report", "/no/such/file"], "/no/such/file: no such file or folder"),
        (["report", "x", "--config", "/no/such.toml"], "/no/such.toml: no such file or folder"),
        (["report", "x", "--field", "nonsense=a"], "unknown field 'nonsense'"),
        (["report", "x", "--field", "body"], "--field wants FIELD=COLUMN, not 'body'"),
        (["attribute", "/no/such/file"], "/no/such/file: no such file or folder"),
        (["compare", "/no/a", "/no/b"], "/no/a: no such file or folder"),
        (["fingerprint", "/no/such/file"], "/no/such/file: no such file or folder"),
        (["schema", "nonsense"], "unknown schema 'nonsense'; known: article"),
        (["statistics", "learn", "x"], "give --output FILE"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(isnad, words, sentence):
    run = isnad(*words)
    assert run.code == 2
    assert run.out == b""
    assert run.err.startswith("isnad: ")
    assert run.err.count("\n") == 1
    assert sentence in run.err


@pytest.mark.parametrize("command", ["report", "attribute", "fingerprint"])
def test_unknown_input_format_names_the_known_ones(isnad, articles, command):
    run = isnad(command, articles, "--input-format", "nonsense")
    assert run.code == 2
    assert "unknown input format 'nonsense'; use --input-format with one of" in run.err
    assert "jsonl" in run.err


def test_an_output_in_a_folder_that_is_not_there_is_refused_before_the_work(isnad, articles):
    run = isnad("report", articles, "--output", "/no/such/folder/report.html")
    assert run.code == 2
    assert "cannot write" in run.err


def test_an_input_is_never_overwritten(isnad, articles):
    before = articles.read_bytes()
    run = isnad("report", articles, "--format", "jsonl", "--output", articles)
    assert run.code == 2
    assert "is an input" in run.err
    assert articles.read_bytes() == before


def test_a_defect_of_ours_is_not_mistaken_for_rejected_records(isnad, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(cli.isnad, "invoke", fail)
    run = isnad("schema")
    assert run.code == 70
    assert "ZeroDivisionError: a defect" in run.err


def test_terminal_escapes_in_names_do_not_reach_the_terminal(isnad):
    run = isnad("report", "/no/such/\x1b[31mfile")
    assert run.code == 2
    assert "\x1b" not in run.err


def test_full_disk_is_said_in_one_sentence(start):
    with Path("/dev/full").open("wb") as full:
        process = start("schema", stdout=full)
        _, err = process.communicate()
    assert process.returncode == 2
    assert err.decode() == "isnad: No space left on device\n"


def test_reader_that_goes_away_is_no_error_message(start):
    reader, writer = os.pipe()
    os.close(reader)
    process = start("schema", stdout=writer)
    os.close(writer)
    _, err = process.communicate()
    assert process.returncode == 141
    assert err == b""


def test_reader_that_has_seen_enough_costs_no_file_of_the_run(start, articles, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = start("report", articles, "--matches", tmp_path / "matches.jsonl", stdout=writer)
    os.close(writer)
    _, err = process.communicate()
    assert (process.returncode, err) == (141, b"")
    assert (tmp_path / "matches.jsonl").read_bytes()


def test_progress_is_shown_on_a_terminal_and_only_there(start, articles):
    terminal, inner = pty.openpty()
    process = start("report", articles, "--format", "jsonl", stderr=inner)
    os.close(inner)
    shown = b""
    while chunk := read_terminal(terminal):
        shown += chunk
    os.close(terminal)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert b"verify" in shown
    assert b"5 articles, 4 of them in 2 clusters" in shown
    assert all(line.startswith(b"{") for line in out.splitlines())


def read_terminal(terminal: int) -> bytes:
    """What the other side wrote; empty when it is gone (Linux then reports an error)."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("command", ["attribute", "report", "fingerprint"])
def test_interrupted_run_leaves_no_file(start, articles, tmp_path, number, code, command):
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.mkdir()
    scratch.mkdir()
    target = out / "result.jsonl"
    target.write_bytes(b"before")
    process = start(
        command, articles, "-", "--input-format", "jsonl", "--output", target,
        "--rejects", out / "rejects.jsonl", env={"TMPDIR": str(scratch)},
    )  # fmt: skip
    process.stdin.write(b"\n" * 1_000_000)  # more than a pipe holds: the command is at work
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == code, err.decode()
    assert b"Traceback" not in err
    assert [path.name for path in out.iterdir()] == ["result.jsonl"]
    assert target.read_bytes() == b"before"
    assert list(scratch.iterdir()) == []
