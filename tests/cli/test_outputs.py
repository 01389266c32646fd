"""Output files appear whole or not at all."""

from __future__ import annotations

import os
import stat

import click
import pytest

from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.errors import OutputUnwritable


def write_half(path, error):
    with Outputs() as outputs:
        outputs.open(str(path)).write(b"half")
        raise error


def test_files_appear_together_when_the_block_ends(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    with Outputs() as outputs:
        outputs.open(str(one)).write(b"1")
        outputs.open(str(two)).write(b"2")
        assert not one.exists()
        assert not two.exists()
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path, error):
    with pytest.raises(error):
        write_half(tmp_path / "one", error)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "one"
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError):
        write_half(path, RuntimeError)
    assert path.read_bytes() == b"before"


def test_replaced_file_keeps_its_mode(tmp_path):
    path = tmp_path / "one"
    path.write_bytes(b"before")
    path.chmod(0o640)
    with Outputs() as outputs:
        outputs.open(str(path)).write(b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_new_file_has_the_mode_the_user_set(tmp_path):
    before = os.umask(0o027)
    try:
        with Outputs() as outputs:
            outputs.open(str(tmp_path / "one"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o640


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"before")
    link.symlink_to(target)
    with Outputs() as outputs:
        outputs.open(str(link)).write(b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_a_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Outputs() as outputs:
        outputs.open(str(pipe)).write(b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "it is a folder"),
        ("loop", "symbolic links"),
        ("no/such/folder", "No such file"),
        ("x" * 300, "too long"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(tmp_path, name, reason):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputUnwritable, match=reason), Outputs() as outputs:
        outputs.open(str(tmp_path / name))


def test_an_output_may_not_be_an_input(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("{}")
    (tmp_path / "other.jsonl").hardlink_to(path)
    for output in (path, tmp_path / "other.jsonl", tmp_path / "." / "articles.jsonl"):
        with pytest.raises(click.UsageError, match="is an input"):
            check_outputs([None, str(output)], [str(path)])


def test_two_outputs_may_not_be_one_file(tmp_path):
    with pytest.raises(click.UsageError, match="named for two outputs"):
        check_outputs([str(tmp_path / "a"), str(tmp_path / "x" / ".." / "a")], [])
    with pytest.raises(click.UsageError, match="named for two outputs"):
        check_outputs(["-", "-"], [])


def test_the_null_device_may_be_named_twice():
    check_outputs(["/dev/null", "/dev/null"], ["-"])
