"""What a pattern of a language file is made of, once it is read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Blank", "Choice", "Mark", "Node", "Nodes", "Slot", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Punctuation, with or without blanks around it."""

    char: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place filled from the text."""

    name: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank between words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several branches, or none of them where it is optional."""

    branches: tuple[tuple[Node, ...], ...]
    optional: bool


Node = Text | Mark | Slot | Blank | Choice
Nodes = tuple[Node, ...]
