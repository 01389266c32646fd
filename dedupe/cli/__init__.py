"""The command `isnad`: words on a command line -> files, pages and an exit code.

Exit codes: 0 done, 1 done but some records were rejected, 2 the command cannot be carried out as
asked (one sentence on standard error), 70 a defect of ours, 130 interrupted, 141 the reader of
standard output went away, 143 terminated, 129 hung up.

Command bodies import what they need when they run: the numeric libraries take most of a second,
and `isnad --help` must not.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from dedupe import __version__
from dedupe.cli.archive import db, export, import_, reindex
from dedupe.cli.attribute import attribute as attribute_command
from dedupe.cli.boilerplate import boilerplate as boilerplate_command
from dedupe.cli.compare import compare as compare_command
from dedupe.cli.fingerprint import fingerprint as fingerprint_command
from dedupe.cli.keys import key as key_command
from dedupe.cli.online import check as check_command
from dedupe.cli.online import ingest as ingest_command
from dedupe.cli.online import ready as ready_command
from dedupe.cli.online import watch as watch_command
from dedupe.cli.queue import queue as queue_command
from dedupe.cli.report import report as report_command
from dedupe.cli.schema import schema as schema_command
from dedupe.cli.serve import serve as serve_command
from dedupe.cli.statistics import statistics as statistics_command
from dedupe.cli.terminal import show_line
from dedupe.cli.worker import worker as worker_command
from dedupe.errors import IsnadError

__all__ = ["isnad", "main", "start"]

EXIT_USAGE, EXIT_DEFECT, EXIT_INTERRUPTED, EXIT_PIPE = 2, 70, 130, 141
_SIGNAL_BASE = 128  # as shells count: 143 for SIGTERM
_RARELY = (200_000, 20, 50)
"""When cycles are looked for: values are frozen and hold none, and it took 6 % of a report."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="isnad", message="%(prog)s %(version)s")
def isnad() -> None:
    """Find republished news articles and say where they come from."""


for _command in (
    report_command,
    attribute_command,
    compare_command,
    fingerprint_command,
    statistics_command,
    boilerplate_command,
    schema_command,
    serve_command,
    ingest_command,
    check_command,
    watch_command,
    ready_command,
    queue_command,
    worker_command,
    key_command,
    db,
    reindex,
    export,
    import_,
):
    isnad.add_command(_command)


def start() -> int:
    """Run one command in a process that ends with it: what `isnad` is."""
    gc.set_threshold(*_RARELY)
    code = _run(sys.argv[1:])
    gc.freeze()  # the interpreter's last look for cycles would take 0.15 s
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` None takes the process's own."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    finally:
        gc.set_threshold(*before)


def _run(argv: Sequence[str]) -> int:
    try:
        with _unwind_when_terminated():
            code = _invoke(list(argv))
            sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        code = EXIT_INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = EXIT_USAGE
    except click.ClickException as error:
        code = _complain(error.format_message())
    except IsnadError as error:
        code = _complain(str(error))
    except BrokenPipeError:
        _abandon_stdout()
        code = EXIT_PIPE
    except OSError as error:  # a full disk, a lost mount
        _abandon_stdout()
        place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        code = _complain(f"{place}{error.strerror or error}")
    except Exception:  # 1 would say "done, some records rejected"
        traceback.print_exc()
        code = EXIT_DEFECT
    return int(code or 0)


def _invoke(argv: list[str]) -> int | None:
    """Run the command; not by `isnad.main`, which calls a broken pipe exit code 1."""
    try:
        with isnad.make_context("isnad", argv) as context:
            code: int | None = isnad.invoke(context)
    except click.exceptions.Exit as done:  # --help and --version
        return done.exit_code
    return code


def _complain(sentence: str) -> int:
    """Tell on one line what stands in the way; names of files may hold anything."""
    click.echo(f"isnad: {show_line(sentence)}", err=True)
    return EXIT_USAGE


def _abandon_stdout() -> None:
    """Let the interpreter's last flush go nowhere instead of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):  # a stand-in without a descriptor, as in tests
        return
    finally:
        os.close(nowhere)


@contextmanager
def _unwind_when_terminated() -> Iterator[None]:
    """Leave by way of the `finally` blocks when killed, so that no half-written file stays.

    A signal that is ignored or handled already (nohup, a host program) is left as it is.
    """
    owner = os.getpid()

    def leave(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a forked worker has nothing of ours to clean up
            os._exit(_SIGNAL_BASE + number)
        raise SystemExit(_SIGNAL_BASE + number)

    ours = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
        and threading.current_thread() is threading.main_thread()
    ]
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
