"""What the documents show is run: commands, Python examples, links.

- A block marked `console` holds commands (`$ ` first, `> ` goes on) and what they print, standard
  error included. `...` stands for any text, on a line of its own for any lines; nothing below a
  command asks for its success only; `# exit 1` behind it for that exit code. All blocks of a
  document run in one folder that holds `seeds/`, one after the other.
- A document whose commands speak to 127.0.0.1:8080 gets a service of its own, fresh and empty, on
  another port; the address is exchanged on the way. Commands that would start one are read only.
- A block marked `python` is a doctest when it has `>>>`, else it is run.
"""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.running import running_service

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
]
NOT_RUN = {"make", "docker", "git", "sudo", "apt-get", "cd", "pip"}
"""Commands that set things up or need what a test has not; their blocks are read, not run."""
SERVES = ("isnad serve", "isnad worker")
ADDRESS = "127.0.0.1:8080"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its lines, the line number of the first of them."""

    language: str
    lines: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Step:
    """One command with what it should print."""

    command: str
    expected: tuple[str, ...]
    line: int

    @property
    def exit_code(self) -> int:
        found = re.search(r"\s# exit (\d+)$", self.command)
        return int(found[1]) if found else 0


def read_blocks(text: str) -> Iterator[Block]:
    fence, language, lines, start = "", "", list[str](), 0
    for number, line in enumerate(text.splitlines(), 1):
        opening = re.match(r"\s*(```+|~~~+)\s*(\w*)", line)
        if fence and line.strip() == fence:
            yield Block(language, tuple(lines), start)
            fence = ""
        elif fence:
            lines.append(line)
        elif opening:
            fence, language, lines, start = opening[1], opening[2], [], number + 1


def read_steps(block: Block) -> Iterator[Step]:
    command, expected, start = "", list[str](), 0
    for number, line in enumerate(block.lines, block.line):
        if line.startswith("$ "):
            if command:
                yield Step(command, tuple(expected), start)
            command, expected, start = line[2:], [], number
        elif line.startswith("> ") and not expected:
            command += "\n" + line[2:]
        else:
            expected.append(line)
    if command:
        yield Step(command, tuple(expected), start)


def matches(printed: str, expected: tuple[str, ...]) -> bool:
    """Whether the output is the expected lines, `...` standing for anything."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("..."))
            pattern += r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def run_step(step: Step, folder: Path, address: str = ADDRESS) -> str:
    """Run in bash as a reader would, with `isnad` of this Python first on the path."""
    kept = {name: os.environ[name] for name in ("HOME", "NUMBA_CACHE_DIR") if name in os.environ}
    ran = subprocess.run(
        ["bash", "-c", step.command.replace(ADDRESS, address)],
        cwd=folder,
        env=kept
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "TERM": "dumb",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == step.exit_code, f"exit {ran.returncode}\n{ran.stdout}"
    return ran.stdout.replace(address, ADDRESS)


@contextmanager
def service_for(blocks: list[Block], folder: Path) -> Iterator[str]:
    """The address of a service where a document speaks to one, else the one it shows."""
    console = "\n".join("\n".join(block.lines) for block in blocks if block.language == "console")
    if ADDRESS not in console:
        yield ADDRESS
        return
    (folder / "data").mkdir()
    with running_service(folder / "data") as running:
        yield f"127.0.0.1:{running.port}"


@pytest.fixture
def folder(tmp_path: Path, seeds: Path) -> Path:
    """Where examples run: they may write, and see `seeds/`."""
    shutil.copytree(seeds, tmp_path / "seeds")
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS)
def test_console_examples_print_what_the_document_shows(document: str, folder: Path) -> None:
    blocks = list(read_blocks((ROOT / document).read_text("utf-8")))
    steps = [step for block in blocks if block.language == "console" for step in read_steps(block)]
    with service_for(blocks, folder) as address:
        for step in steps:
            if step.command.split()[0] in NOT_RUN or step.command.startswith(SERVES):
                continue
            where = f"{document}:{step.line}: $ {step.command}"
            try:
                printed = run_step(step, folder, address)
            except AssertionError as wrong:
                raise AssertionError(f"{where}\n{wrong}") from None
            if any(step.expected):
                assert matches(printed, step.expected), f"{where}\nprinted:\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_python_examples_run(document: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    for block in read_blocks((ROOT / document).read_text("utf-8")):
        if block.language != "python":
            continue
        source = "\n".join(block.lines) + "\n"
        if ">>>" not in source:
            exec(compile(source, f"{document}:{block.line}", "exec"), names)
            continue
        example = doctest.DocTestParser().get_doctest(
            source, names, document, str(ROOT / document), block.line - 1
        )
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(example, out=report.append, clear_globs=False)
        assert not runner.failures, "".join(report)
        names = example.globs


def test_examples_in_docstrings_hold() -> None:
    for path in sorted((ROOT / "dedupe").rglob("*.py")):
        if ">>>" in path.read_text("utf-8"):
            name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            module = importlib.import_module(name.removesuffix(".__init__"))
            result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
            assert result.attempted > 0, path
            assert result.failed == 0, path


# --- links ----------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The anchors that the headings of a document give, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")
        for heading in headings
    }


def links(document: str) -> Iterator[tuple[str, str]]:
    """(file, anchor) of each link into the repository."""
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            place = (ROOT / document).parent / path if path else ROOT / document
            yield os.path.relpath(place.resolve(), ROOT), anchor


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    for path, anchor in links(document):
        assert (ROOT / path).exists(), f"{document} links to {path}"
        if anchor:
            assert anchor in anchors((ROOT / path).read_text("utf-8")), f"{path}#{anchor}"


def test_every_document_is_reached_from_the_index() -> None:
    seen, waiting = set[str](), ["docs/index.md"]
    while waiting:
        document = waiting.pop()
        if document not in seen and document.endswith(".md") and (ROOT / document).is_file():
            seen.add(document)
            waiting += [path for path, _ in links(document)]
    documents = {name for name in DOCUMENTS if name.startswith("docs/")}
    assert not documents - seen, "name it in docs/index.md"


# --- the reader of examples itself ----------------------------------------------------------------


def test_steps_are_read_with_their_output() -> None:
    text = "x\n```console\n$ echo a \\\n> b\nab\n$ false  # exit 1\n```\n```python\n1\n```\n"
    console, python = read_blocks(text)
    first, second = read_steps(console)
    assert (first.command, first.expected, first.line) == ("echo a \\\nb", ("ab",), 3)
    assert (second.exit_code, second.expected) == (1, ())
    assert python.lines == ("1",)


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [
        ("a\nb\n", ("a", "b"), True),
        ("a\nb\n", ("a",), False),
        ("a\nb\nc\n", ("a", "..."), True),
        ("a\nb\nc\n", ("...", "c"), True),
        ("took 3 s\n", ("took ... s",), True),
        ("took 3 s\n", ("took ... min",), False),
        ("a  \n", ("a",), True),
        ("a*\n", ("a.",), False),
    ],
)
def test_dots_stand_for_anything(printed: str, expected: tuple[str, ...], same: bool) -> None:
    assert matches(printed, expected) is same


def test_a_step_that_fails_is_reported(folder: Path) -> None:
    assert run_step(Step("ls", (), 1), folder) == "seeds\n"
    with pytest.raises(AssertionError, match="exit 3"):
        run_step(Step("exit 3", (), 1), folder)
