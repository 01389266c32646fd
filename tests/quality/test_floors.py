"""No measure of quality falls below its pinned floor: floors.toml holds the numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text(encoding="utf-8"))


def list_floors(kind: str) -> list[Any]:
    """Section, measure and bound of every floor of one kind."""
    return [
        pytest.param(section, name, bound, id=f"{section}: {name}")
        for section, bounds in FLOORS.get(kind, {}).items()
        for name, bound in bounds.items()
    ]


def check(rows: dict[str, Any], name: str, bound: dict[str, float]) -> None:
    """Fail where the measure is missing, no number, or outside of its bound."""
    assert name in rows, f"no such measure; there are: {', '.join(sorted(rows))}"
    value = rows[name]
    assert isinstance(value, (int, float)), f"{name} was not measured: {value!r}"
    assert value >= bound.get("at_least", value), f"{name} fell to {value}"
    assert value <= bound.get("at_most", value), f"{name} rose to {value}"


@pytest.mark.parametrize(("name", "measure", "bound"), list_floors("own"))
def test_quality_on_our_own_corpora_holds_its_floor(own, name, measure, bound) -> None:
    check(own(name), measure, bound)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "measure", "bound"), list_floors("shared"))
def test_quality_on_real_data_holds_its_floor(real, name, measure, bound) -> None:
    check(real(name), measure, bound)


def test_a_floor_names_a_bound_and_a_number() -> None:
    bounds = [b for kind in FLOORS.values() for part in kind.values() for b in part.values()]
    assert bounds
    for bound in bounds:
        assert bound
        assert set(bound) <= {"at_least", "at_most"}
        assert all(isinstance(value, (int, float)) for value in bound.values())
