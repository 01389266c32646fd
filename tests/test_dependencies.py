"""What the project stands on: locked with hashes; declared if imported, imported if declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LOCKS = ("build", "runtime", "dev")
COMES_WITH = {
    "llvmlite": "numba",
    "lxml": "trafilatura",
    "markupsafe": "jinja2",
    "py4j": "pyspark",
    "werkzeug": "flask",
    "yaml": "schemathesis",
}
"""Part of their interfaces."""
NOT_YET = {
    "pandas",
}  # fmt: skip
"""Declared for the service and for Spark, which are built after the core."""


@pytest.fixture(scope="session")
def project(checkout: Path) -> dict[str, object]:
    return tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]


def locked(checkout: Path, lock: str) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Name -> its pins (one for each marker) with their hashes."""
    text = (checkout / "requirements" / f"{lock}.txt").read_text("utf-8")
    pins: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for entry in re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split(" --hash=")
        parsed = Requirement(requirement.strip())
        pins.setdefault(parsed.name.lower(), []).append((parsed, [one.strip() for one in hashes]))
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_exact_and_hashed(checkout: Path, lock: str) -> None:
    pins = locked(checkout, lock)
    assert pins
    for name, entries in pins.items():
        for requirement, hashes in entries:
            assert [spec.operator for spec in requirement.specifier] == ["=="], name
            assert not requirement.url, name
            assert hashes, name
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), name


def wanted(project: dict[str, object], extras: list[str]) -> list[Requirement]:
    """The direct requirements of the project with these extras, its own extras resolved."""
    optional: dict[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    lines: list[str] = list(project["dependencies"])  # type: ignore[call-overload]
    found = []
    for line in lines + [line for extra in extras for line in optional[extra]]:
        requirement = Requirement(line)
        if requirement.name == "isnad":
            lines = [line for extra in sorted(requirement.extras) for line in optional[extra]]
            found += [Requirement(line) for line in lines]
        else:
            found.append(requirement)
    return found


@pytest.mark.parametrize(
    ("lock", "extras"), [("runtime", ["html", "parquet", "postgres"]), ("dev", ["dev"])]
)
def test_the_lock_is_what_pyproject_asks_for(
    checkout: Path, project: dict[str, object], lock: str, extras: list[str]
) -> None:
    pins = locked(checkout, lock)
    stale = []
    for requirement in wanted(project, extras):
        entries = pins.get(requirement.name.lower(), [])
        if not entries or not all(
            requirement.specifier.contains(next(iter(pin.specifier)).version) for pin, _ in entries
        ):
            stale.append(str(requirement))
    assert not stale, f"run `make lock`: {', '.join(stale)}"


def test_tests_run_on_the_versions_that_users_get(checkout: Path) -> None:
    development = locked(checkout, "dev")
    for name, entries in (locked(checkout, "build") | locked(checkout, "runtime")).items():
        users, ours = (
            [(pin.specifier, hashes) for pin, hashes in pins]
            for pins in (entries, development.get(name, []))
        )
        assert users == ours, f"run `make lock`: {name} differs"


# --- declared and imported ------------------------------------------------------------------------


@pytest.fixture(scope="session")
def imported(checkout: Path) -> dict[str, str]:
    """Third-party module -> one place in the packages that imports it."""
    found: dict[str, str] = {}
    for path in sorted(
        [*(checkout / "dedupe").rglob("*.py"), *(checkout / "service").rglob("*.py")]
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules = [node.module]
            for module in modules:
                top = module.partition(".")[0]
                if top not in sys.stdlib_module_names | {"dedupe", "service", "compression"}:
                    found.setdefault(top, f"{path.relative_to(checkout)}:{node.lineno}")
    return found


@pytest.fixture(scope="session")
def declared(project: dict[str, object]) -> set[str]:
    """Modules of the declared dependencies, those of the tests left out."""
    extras = [name for name in project["optional-dependencies"] if name != "dev"]  # type: ignore[attr-defined]
    return {requirement.name.lower() for requirement in wanted(project, extras)}


def test_what_is_imported_is_declared(imported: dict[str, str], declared: set[str]) -> None:
    missing = [
        f"{place}: {name}"
        for name, place in imported.items()
        if COMES_WITH.get(name, name.replace("_", "-")) not in declared
    ]
    assert not missing, "not in pyproject.toml:\n" + "\n".join(missing)


def test_what_is_declared_is_imported(imported: dict[str, str], declared: set[str]) -> None:
    names = {name.replace("_", "-") for name in imported}
    assert not declared - names - NOT_YET, "in pyproject.toml, and nothing imports it"
    assert not NOT_YET & names, "imported by now: take it out of NOT_YET"


def test_every_dependency_has_its_row_in_the_decision(
    checkout: Path, project: dict[str, object]
) -> None:
    text = (checkout / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    rows = {
        word
        for row in re.findall(r"^\| (.*) \|$", text, re.M)
        for word in re.findall(r"[\w-]+", row)
    }
    extras = [name for name in project["optional-dependencies"] if name != "dev"]  # type: ignore[attr-defined]
    assert not {requirement.name.lower() for requirement in wanted(project, extras)} - rows
