"""Values made through their slots are those that the dataclass itself makes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from dedupe.models import Article, Credit, Member
from dedupe.slotted import constructor_of


def test_values_are_equal_to_those_of_the_class_and_as_frozen() -> None:
    fields = ("a", None, "Title", None, None, None, None, 0.5, 0.25, 1.0, Credit.UNCLEAR)
    made = constructor_of(Member)(*fields)
    assert made == Member(*fields)
    assert hash(made) == hash(Member(*fields))
    with pytest.raises(FrozenInstanceError):
        made.id = "b"  # type: ignore[misc]


def test_defaults_are_those_of_the_class_and_nothing_is_shared() -> None:
    make = constructor_of(Article)
    one, other = (make("a", None, None, "", "body") for _ in range(2))
    assert one == Article("a", None, None, "", "body")
    assert one.metadata is not other.metadata
    assert make("a", None, None, "", body="b", lang="ar").lang == "ar"


def test_a_missing_field_is_refused_as_by_the_class() -> None:
    with pytest.raises(TypeError):
        constructor_of(Article)("a")  # type: ignore[call-arg]


def test_a_class_that_does_more_than_to_set_its_slots_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        size: int

        def __post_init__(self) -> None:
            """Not done by a constructor of slots."""

    @dataclass(frozen=True, slots=True)
    class Partial:
        size: int = field(init=False, default=1)

    for kind in (Checked, Partial):
        with pytest.raises(TypeError, match=kind.__name__):
            constructor_of(kind)
