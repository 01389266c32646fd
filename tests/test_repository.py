"""What the repository promises besides its code: nothing private, a package, commands, an image."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dedupe

# Letters in brackets, so that this file does not find itself.
PRIVATE = {
    "a registry's host": r"files\.python[a-z]*\.org|py[p]i\.(org|python)|registry\.np[m]"
    r"|(deb|security)\.deb[i]an|static\.crates|(extra-)?index-ur[l]\s*=|^\s*--(extra-)?index-ur[l]"
    r"|^\s*--find-link[s]",
    "a path of somebody's machine": r"(?<![\w.])/(work|home|roo[t]|Users)/[\w.]+/",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KE[Y]",
    "an access token": r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abp]-[\w-]{10,}|sk-\w{20,})\b",
}
LARGEST = 1024 * 1024


@pytest.fixture(scope="session")
def files(checkout: Path) -> list[Path]:
    """What git tracks or would add."""
    if not (checkout / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [checkout / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


# --- nothing private, nothing large ---------------------------------------------------------------


@pytest.mark.parametrize("what", PRIVATE)
def test_no_file_holds(files: list[Path], checkout: Path, what: str) -> None:
    pattern = re.compile(PRIVATE[what], re.M)
    found = [
        f"{path.relative_to(checkout)}:{number}: {line.strip()[:80]}"
        for path in files
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join([what, *found])


def test_no_file_is_larger_than_a_mebibyte(files: list[Path]) -> None:
    assert not [f"{path}: {path.stat().st_size}" for path in files if path.stat().st_size > LARGEST]


def test_tests_reach_real_data_only_through_the_fixture(checkout: Path) -> None:
    exempt = {checkout / "tests" / "conftest.py", Path(__file__)}
    offences = [
        f"{path}:{node.lineno}: ask for the fixture `shared` instead"
        for path in sorted(set((checkout / "tests").rglob("*.py")) - exempt)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\.\./shared|ISNAD_SHARED|/shared/data", node.value)
    ]
    assert not offences, "\n".join(offences)


# --- the package ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def wheel(
    files: list[Path], checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """File name -> content of the wheel, built from a copy so that the checkout stays clean."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in files:
        copy = source / path.relative_to(checkout)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    command = "-m pip --quiet wheel --no-deps --no-index --no-build-isolation --wheel-dir"
    built = subprocess.run(
        [sys.executable, *command.split(), str(target), "."],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (archive,) = target.glob("*.whl")
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_wheel_holds_every_file_of_the_packages(
    wheel: dict[str, bytes], files: list[Path], checkout: Path
) -> None:
    names = {path.relative_to(checkout).as_posix() for path in files}
    packaged = {name for name in names if name.startswith(("dedupe/", "service/"))}
    assert packaged - wheel.keys() == set(), "name it in [tool.setuptools.package-data]"
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {
        "dedupe",
        "service",
    }


def test_the_wheel_says_what_it_is(wheel: dict[str, bytes]) -> None:
    (metadata,) = (wheel[name].decode() for name in wheel if name.endswith(".dist-info/METADATA"))
    (entries,) = (wheel[n].decode() for n in wheel if n.endswith(".dist-info/entry_points.txt"))
    assert f"\nVersion: {dedupe.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert any(name.endswith("/licenses/LICENSE") for name in wheel)
    assert "isnad = dedupe.cli:start" in entries


def test_the_changelog_knows_the_version(checkout: Path) -> None:
    text = (checkout / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{dedupe.__version__}]" in text or "## [Unreleased]" in text


# --- commands -------------------------------------------------------------------------------------


def test_every_make_target_is_described(checkout: Path) -> None:
    text = (checkout / "Makefile").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)", text, re.M)[0].split()) - {"debian"}
    described = set(re.findall(r"^([a-z-]+):.*## ", text, re.M))
    assert described == phony
    shown = subprocess.run(
        ["make", "help"], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert all(f"make {target}" in shown.stdout for target in described)


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        "scripts/lock",
        "scripts/install-debian-packages",
        "scripts/run-distributed",
        "scripts/try-image",
    ],
)
def test_scripts_are_strict_and_executable(checkout: Path, name: str) -> None:
    script = checkout / name
    text = script.read_text("utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert re.search(r"^set -euo pipefail$", text, re.M)
    assert script.stat().st_mode & stat.S_IXUSR


def test_the_package_list_installer_leaves_present_packages_alone(
    checkout: Path, tmp_path: Path
) -> None:
    """With every package present nothing is called; with one missing and no rights, it says so."""
    tools = tmp_path / "bin"
    tools.mkdir()
    fakes = {
        "dpkg-query": "[[ ${!#} == present ]] && echo -n installed || exit 1",
        "sudo": "exit 1",
        "apt-get": 'echo "apt-get $*" >> "$LOG"',
    }
    for name, body in fakes.items():
        (tools / name).write_text(f"#!/bin/bash\n{body}\n")
        (tools / name).chmod(0o755)
    log, wish = tmp_path / "log", tmp_path / "list"
    environment = {"PATH": f"{tools}:{os.defpath}", "LOG": str(log)}
    script = checkout / "scripts" / "install-debian-packages"
    wish.write_text("# a comment\n\npresent  # with a reason\n")
    subprocess.run([script, wish], env=environment, check=True)
    assert not log.exists()
    wish.write_text("present\nabsent\n")
    ran = subprocess.run([script, wish], env=environment, check=True, capture_output=True)
    if os.geteuid() == 0:
        assert log.read_text().splitlines()[-1].endswith("--no-install-recommends absent")
    else:
        assert b"tests that need these will skip: absent" in ran.stderr


# --- the image ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def instructions(checkout: Path) -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continuation lines joined."""
    text = (checkout / "Dockerfile").read_text("utf-8")
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    lines = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name.upper(), arguments) for name, arguments in lines]


def last_stage(instructions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    starts = [index for index, (name, _) in enumerate(instructions) if name == "FROM"]
    assert len(starts) > 1, "one stage builds, another one runs"
    return instructions[starts[-1] :]


def test_the_image_runs_as_nobody_in_particular(instructions: list[tuple[str, str]]) -> None:
    users = [arguments for name, arguments in last_stage(instructions) if name == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])


def test_the_image_starts_the_command_itself(instructions: list[tuple[str, str]]) -> None:
    last = dict(last_stage(instructions))
    assert json.loads(last["ENTRYPOINT"]) == ["isnad"]
    assert json.loads(last["HEALTHCHECK"].partition(" CMD ")[2]) == ["isnad", "ready"]
    assert json.loads(last["CMD"]) == ["serve"]


def test_the_image_holds_no_secret(instructions: list[tuple[str, str]]) -> None:
    for name, arguments in instructions:
        assert name != "ADD", "COPY does not fetch or unpack"
        if name in {"ARG", "ENV"}:
            assert not re.search(r"(?i)passw|secret|token|credential|api_?key", arguments)


def test_the_image_installs_only_what_is_locked(instructions: list[tuple[str, str]]) -> None:
    steps = [text for name, text in instructions if name == "RUN"]
    commands = [command for text in steps for command in re.split(r"&&|;", text)]
    installs = [each for each in commands if re.search(r"\bpip\b.*\b(install|wheel)\b", each)]
    assert len(installs) == 4
    for command in installs:
        assert "--require-hashes" in command or "--no-index" in command, command


def test_the_image_copies_what_exists_and_is_not_ignored(
    instructions: list[tuple[str, str]], checkout: Path
) -> None:
    ignore = (checkout / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignore, "nothing enters the build that is not named"
    kept = [line[1:] for line in ignore if line.startswith("!")]
    mounts = re.findall(r"type=bind,source=([^, ]+)", " ".join(text for _, text in instructions))
    copies = [
        source
        for name, arguments in instructions
        if name == "COPY" and "--from=" not in arguments
        for source in arguments.split()[:-1]
    ]
    for source in copies + mounts:
        assert (checkout / source).exists(), source
        assert any(Path(source).match(pattern) for pattern in kept), f"{source} is ignored"


def test_what_the_image_writes_to_is_a_volume(instructions: list[tuple[str, str]]) -> None:
    last = last_stage(instructions)
    volumes = json.loads(next(text for name, text in last if name == "VOLUME"))
    environment = " ".join(text for name, text in last if name == "ENV")
    assert re.search(r"NUMBA_CACHE_DIR=(\S+)", environment)[1] in volumes
    assert next(text for name, text in last if name == "WORKDIR") in volumes
    assert "PYTHONDONTWRITEBYTECODE=1" in environment
