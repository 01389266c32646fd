"""The import law: who may know whom. DESIGN in one table, checked on the syntax trees.

A rule is a function from a tree of modules to the places that break it; the tests below apply it
to this checkout, and to planted offences, so that no rule can go blind unnoticed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

GROUND = {"models", "errors", "slotted"}
CONFIG = {"config", "lexicon", "limits", "statistics", "verifier"}  # what two results must share
TEXT = {"boilerplate", "foldtable", "inflections", "jit", "keys", "minhash", "normalize", "plain"}
TEXT |= {"shingles"}  # pure functions of text, which every stage may use
BELOW = GROUND | CONFIG | TEXT | {"schemas"}
# What belongs to a stage but stands in a file of its own.
MATCHING = {"alignment", "blocks", "composites", "corpus", "differences", "features", "matching",
            "mentions", "shinglemap", "slots", "twins"}  # fmt: skip
CLUSTERING = {"clustering", "frames"}
ANSWERING = {"answers", "judgements"}
STAGES = {"attribution", "candidates", "fingerprint", "provenance", "readers", "report"}
STAGES |= MATCHING | CLUSTERING

MAY_IMPORT: dict[str, set[str]] = {
    **{area: set[str]() for area in ("", "judgements", *GROUND)},  # "": dedupe
    "schemas": GROUND,
    **dict.fromkeys(CONFIG | TEXT, GROUND | CONFIG | TEXT),
    **dict.fromkeys(STAGES, BELOW),
    **{area: BELOW | own for own in (MATCHING, CLUSTERING) for area in own},
    "pipeline": BELOW | STAGES,
    "records": GROUND,
    "answers": {"models"},
    "members": BELOW | STAGES | {"records"},
    "batch": BELOW | STAGES | ANSWERING | {"pipeline", "members", "records"},
    "index": GROUND | CONFIG | TEXT,
    "catalog": GROUND | CONFIG | {"schemas", "answers", "foldtable", "records"},
    "archive": BELOW | STAGES | ANSWERING | {"catalog", "index", "members", "pipeline", "records"},
    "report": BELOW | {"composites", "differences"},  # shows them
    "cli": BELOW | STAGES | {"", "answers", "archive", "batch", "catalog", "index", "pipeline"},
}
"""Area of `dedupe` -> areas it may import beside itself. A new module needs a line here."""

MAY_WAIT = {"trafilatura", "fastwarc", "feedparser", "lxml",
            "psycopg", "pyarrow", "zstandard", "compression", "datasketch"}  # fmt: skip
"""Imports that may stand inside a function: optional extras, and datasketch (it loads SciPy)."""

READS_ENVIRONMENT = {"service/settings.py"}
TELLS_TIME = {"batch", "cli", "pipeline"}
NETWORK = {"aiohttp", "ftplib", "httpx", "requests", "smtplib", "socket", "ssl", "urllib.request",
           "urllib3"}  # fmt: skip
OPENS = {"HTTPConnection", "HTTPSConnection", "create_connection", "fetch_url", "urlopen"}
UNPICKLERS = {"dill", "joblib", "marshal", "pickle", "shelve", "cloudpickle"}
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc"}
LIMIT_FILE, LIMIT_FUNCTION = 400, 60
AS_HANDED_OVER = "benchmarks/tools/"  # kept byte for byte


@dataclass(frozen=True)
class Import:
    """One imported module, with where and how."""

    place: str
    module: str
    deferred: bool
    for_types: bool


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def area(self) -> str | None:
        return area_of(self.name)

    def place(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True)
class House:
    """All Python files of a checkout."""

    root: Path

    @cached_property
    def modules(self) -> list[Module]:
        return [
            Module(path.relative_to(self.root).as_posix(), path.read_text("utf-8"))
            for top in ("dedupe", "service", "benchmarks", "tests")
            for path in sorted((self.root / top).rglob("*.py"))
        ]

    def core(self) -> list[Module]:
        return [module for module in self.modules if module.area is not None]

    @cached_property
    def names(self) -> set[str]:
        return {module.name for module in self.modules}

    def imports(self, module: Module) -> Iterator[Import]:
        """Every import, absolute; `from package import module` names the module."""
        for node, deferred, for_types in walk_imports(module.tree):
            place = module.place(node)
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(place, alias.name, deferred, for_types)
                continue
            base = node.module or ""
            if node.level:
                parts = module.name.split(".")
                keep = len(parts) - node.level + module.path.endswith("/__init__.py")
                base = ".".join([*parts[:keep], *filter(None, [base])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield Import(place, full if full in self.names else base, deferred, for_types)
        if "import_module" in module.text:  # a registry that names modules imports them
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Constant) and node.value in self.names:
                    yield Import(module.place(node), str(node.value), False, False)


def area_of(name: str) -> str | None:
    """The part of `dedupe` a module is, "" for the package itself, None outside of it."""
    top, _, rest = name.partition(".")
    return rest.partition(".")[0] if top == "dedupe" else None


def walk_imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    """Import nodes with whether they run later than the module and whether they are for types."""
    stack: list[tuple[ast.AST, bool, bool]] = [(tree, False, False)]
    while stack:
        node, deferred, for_types = stack.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, deferred, for_types
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            deferred = True
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for_types = True
        stack.extend((child, deferred, for_types) for child in ast.iter_child_nodes(node))


# --- rules ----------------------------------------------------------------------------------------

Rule = Callable[[House], list[str]]


def ground_is_pure(house: House) -> list[str]:
    return [
        f"{found.place}: imports {found.module}; only the standard library is allowed here"
        for module in house.core()
        if module.area in GROUND
        for found in house.imports(module)
        if found.module.partition(".")[0] not in sys.stdlib_module_names
    ]


def areas_are_known(house: House) -> list[str]:
    return [
        f"{module.path}:1: area {module.area!r} has no line in MAY_IMPORT of tests/test_imports.py"
        for module in house.core()
        if module.area not in MAY_IMPORT
    ]


def areas_keep_apart(house: House) -> list[str]:
    offences = []
    for module in house.core():
        allowed = MAY_IMPORT.get(module.area or "", set()) | {module.area, None}
        for found in house.imports(module):
            area = area_of(found.module)
            if area not in allowed and module.area in MAY_IMPORT:
                offences.append(f"{found.place}: {module.area or 'dedupe'} imports {area}")
    return offences


def core_stands_alone(house: House) -> list[str]:
    # The command line, which is the top of the house, may name the service where a command runs.
    outside = {"service", "benchmarks", "tests", "flask", "redis", "werkzeug"}
    return [
        f"{found.place}: the core imports {found.module}"
        for module in house.core()
        for found in house.imports(module)
        if (top := found.module.partition(".")[0]) in outside
        if not (module.area == "cli" and top == "service" and (found.deferred or found.for_types))
    ]


def environment_is_read_in_one_place(house: House) -> list[str]:
    names = {"environ", "environb", "getenv"}
    return [
        f"{module.place(node)}: reads the environment"
        for module in house.modules
        if module.path.startswith(("dedupe/", "service/")) and module.path not in READS_ENVIRONMENT
        for node in ast.walk(module.tree)
        if (getattr(node, "attr", "") in names and ast.unparse(node) != "request.environ")  # WSGI's
        or (isinstance(node, ast.ImportFrom) and names.intersection(a.name for a in node.names))
    ]


def stages_do_not_tell_time(house: House) -> list[str]:
    ask = {"now", "today", "utcnow"}
    offences = []
    for module in house.core():
        if module.area in TELLS_TIME:
            continue
        offences += [
            f"{found.place}: imports the clock"
            for found in house.imports(module)
            if found.module == "time"
        ]
        offences += [
            f"{module.place(node)}: asks the clock"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and node.attr in ask
        ]
    return offences


def core_opens_no_connection(house: House) -> list[str]:
    offences = []
    for module in house.core():
        offences += [
            f"{found.place}: imports {found.module}, which opens connections"
            for found in house.imports(module)
            if any(f"{found.module}.".startswith(f"{name}.") for name in NETWORK)
        ]
        offences += [
            f"{module.place(node)}: opens a connection"
            for node in ast.walk(module.tree)
            if OPENS & {getattr(node, key, None) for key in ("id", "attr", "name")}
        ]
    return offences


def nothing_is_unpickled(house: House) -> list[str]:
    offences = []
    for module in house.modules:
        if module.path.startswith("tests/"):  # they show that values survive a trip to a process
            continue
        offences += [
            f"{found.place}: imports {found.module}"
            for found in house.imports(module)
            if found.module.partition(".")[0] in UNPICKLERS
        ]
        offences += [
            f"{module.place(node.value)}: allow_pickle"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
            if not (isinstance(node.value, ast.Constant) and node.value.value is False)
        ]
    return offences


def names_say_something(house: House) -> list[str]:
    return [
        f"{module.path}:1: {part!r} says nothing about what is inside"
        for module in house.modules
        for part in module.name.split(".")
        if part in VAGUE
    ]


def imports_make_no_circle(house: House) -> list[str]:
    graph: dict[str, dict[str, str]] = {module.name: {} for module in house.modules}
    for module in house.modules:
        for found in house.imports(module):
            if found.module in graph and found.module != module.name and not found.for_types:
                graph[module.name].setdefault(found.module, found.place)
    offences, done = [], set[str]()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            circle = [*path[path.index(name) :], name]
            offences.append(f"{graph[path[-1]][name]}: circle {' -> '.join(circle)}")
        elif name not in done:
            for other in graph[name]:
                visit(other, [*path, name])
            done.add(name)

    for name in graph:
        visit(name, [])
    return offences


def imports_stand_at_the_top(house: House) -> list[str]:
    return [
        f"{found.place}: {found.module} is imported inside a function"
        for module in house.modules
        if module.path.startswith(("dedupe/", "service/")) and module.area != "cli"
        for found in house.imports(module)
        if found.deferred and found.module.partition(".")[0] not in MAY_WAIT
    ]


def files_are_short(house: House) -> list[str]:
    return [
        f"{module.path}:{LIMIT_FILE + 1}: {lines} lines; does this file still do one job?"
        for module in house.modules
        if (lines := len(module.text.splitlines())) > LIMIT_FILE
        if not module.path.startswith(AS_HANDED_OVER)
    ]


def long_functions_give_a_reason(house: House) -> list[str]:
    """More than 60 lines need `# long: reason` on the line of `def` or directly above it."""
    offences = []
    for module in house.modules:
        if module.path.startswith(AS_HANDED_OVER):
            continue
        lines = module.text.splitlines()
        for node in ast.walk(module.tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            near = lines[max(0, first - 2) : node.body[0].lineno - 1]
            reason = any(line.partition("# long:")[2].strip() for line in near)
            if length > LIMIT_FUNCTION and not reason:
                offences.append(f"{module.place(node)}: {node.name} has {length} lines, no reason")
    return offences


RULES: list[Rule] = [
    ground_is_pure, areas_are_known, areas_keep_apart, core_stands_alone,
    environment_is_read_in_one_place, stages_do_not_tell_time, core_opens_no_connection,
    nothing_is_unpickled, names_say_something, imports_make_no_circle, imports_stand_at_the_top,
    files_are_short, long_functions_give_a_reason,
]  # fmt: skip


@pytest.fixture(scope="session")
def house(checkout: Path) -> House:
    return House(checkout)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(house: House, rule: Rule) -> None:
    offences = dict.fromkeys(rule(house))
    assert not offences, "\n" + "\n".join(offences)


PLANTED = [
    (ground_is_pure, "dedupe/models.py", "import numpy\n", 1),
    (areas_are_known, "dedupe/surprise.py", "", 1),
    (areas_keep_apart, "dedupe/readers/csv.py", "\nfrom dedupe.matching import verify\n", 2),
    (areas_keep_apart, "dedupe/readers/csv.py", "from ..clustering import link\n", 1),
    (areas_keep_apart, "dedupe/candidates.py", "def f():\n    from dedupe import matching\n", 2),
    (areas_keep_apart, "dedupe/candidates.py", "f = import_module('dedupe.matching')\n", 1),
    (core_stands_alone, "dedupe/report/html.py", "from flask import Flask\n", 1),
    (core_stands_alone, "dedupe/keys.py", "import redis.asyncio\n", 1),
    (core_stands_alone, "dedupe/cli/serve.py", "import service.app\n", 1),
    (core_stands_alone, "dedupe/pipeline.py", "def f():\n    import service.app\n", 2),
    (environment_is_read_in_one_place, "service/app.py", "import os\nx = os.environ['A']\n", 2),
    (environment_is_read_in_one_place, "dedupe/config.py", "from os import getenv\n", 1),
    (stages_do_not_tell_time, "dedupe/provenance.py", "import time\n", 1),
    (stages_do_not_tell_time, "dedupe/provenance.py", "x = datetime.now()\n", 1),
    (core_opens_no_connection, "dedupe/readers/feed.py", "import urllib.request\n", 1),
    (core_opens_no_connection, "dedupe/readers/feed.py", "\nx = trafilatura.fetch_url(u)\n", 2),
    (core_opens_no_connection, "dedupe/readers/feed.py", "from x import urlopen\n", 1),
    (nothing_is_unpickled, "service/queue.py", "import pickle\n", 1),
    (nothing_is_unpickled, "dedupe/config.py", "np.load(f, allow_pickle=True)\n", 1),
    (names_say_something, "dedupe/readers/utils.py", "", 1),
    (imports_make_no_circle, "dedupe/keys.py", "import dedupe.minhash\n", 1),
    (imports_stand_at_the_top, "dedupe/candidates.py", "def f():\n    import numpy\n", 2),
    (files_are_short, "dedupe/keys.py", "x = 1\n" * 401, 401),
    (long_functions_give_a_reason, "dedupe/keys.py", "def f():\n" + "    x = 1\n" * 60, 1),
]


@pytest.mark.parametrize(("rule", "path", "source", "line"), PLANTED)
def test_the_rule_sees_a_planted_offence(
    tmp_path: Path, rule: Rule, path: str, source: str, line: int
) -> None:
    others = {"dedupe/matching.py": "", "dedupe/minhash.py": "from dedupe.keys import band\n"}
    for name, text in (others | {path: source}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    places = [offence.partition(": ")[0] for offence in rule(House(tmp_path))]
    assert places == [f"{path}:{line}"] or (
        rule is imports_make_no_circle and places == ["dedupe/minhash.py:1"]
    )
