"""Named errors of the core. Each carries the values a caller needs to mend the cause.

A record that cannot be read is not an error but a `models.Reject`; these are for what stops a run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = [
    "ArticleMissing",
    "CatalogAway",
    "CatalogBusy",
    "CatalogDamaged",
    "CatalogMismatch",
    "CatalogUnreachable",
    "CatalogVersion",
    "ComponentTooLarge",
    "ConfigInvalid",
    "ConfigMismatch",
    "CursorInvalid",
    "DependencyMissing",
    "EngineUnavailable",
    "ExportInvalid",
    "FieldUnknown",
    "FormatUnknown",
    "IndexFull",
    "IndexUnready",
    "InputMissing",
    "InputUnreadable",
    "IsnadError",
    "JudgementInvalid",
    "OutputUnwritable",
    "RecordDamaged",
    "ReportFormatUnknown",
    "ResultMismatch",
    "RuleInvalid",
    "SchemaUnknown",
    "StatisticsInvalid",
    "WorkerLost",
]


class IsnadError(Exception):
    """Base of all errors that end a run with one sentence for the user."""

    def __reduce__(self) -> tuple[Callable[..., IsnadError], tuple[object, ...]]:
        """From a worker to its parent as it is: errors take other arguments than their sentence."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[IsnadError], args: tuple[object, ...], state: dict[str, Any]) -> IsnadError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InputMissing(IsnadError):
    """A named input does not exist."""

    def __init__(self, path: str) -> None:
        """Keep the path that was asked for."""
        self.path = path
        super().__init__(f"{path}: no such file or folder")


class InputUnreadable(IsnadError):
    """An input exists but cannot be opened or is not what its format says, as a whole."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep the path and the reason."""
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class FormatUnknown(IsnadError):
    """No reader knows this input; `known` lists the formats there are."""

    def __init__(self, path: str, known: tuple[str, ...], asked: str | None = None) -> None:
        """Keep the path, the formats known and the one asked for, if any."""
        self.path, self.known, self.asked = path, known, asked
        what = f"unknown input format {asked!r}" if asked else f"{path}: format not recognised"
        super().__init__(f"{what}; use --input-format with one of {', '.join(known)}")


class ExportInvalid(IsnadError):
    """A file is not what `isnad export` writes, or cannot be imported here."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        """Keep the file, the line and the reason."""
        self.path, self.line, self.reason = path, line, reason
        super().__init__(f"{path}:{line}: {reason}")


class ResultMismatch(IsnadError):
    """A finished report and what it is to be joined with do not belong together."""


class FieldUnknown(IsnadError):
    """`--field` names something that is not an article field, or a column that is not there."""

    def __init__(self, field: str, known: tuple[str, ...], what: str = "unknown field") -> None:
        """Keep the field and what could have been said; `what` says what is wrong with it."""
        self.field, self.known = field, known
        super().__init__(f"{what} {field!r}; known: {', '.join(known)}")


class DependencyMissing(IsnadError):
    """An optional extra is needed and not installed."""

    def __init__(self, what: str, extra: str) -> None:
        """Keep what was wanted and the extra that brings it."""
        self.what, self.extra = what, extra
        super().__init__(f"{what} needs the extra {extra!r}: pip install 'isnad[{extra}]'")


class EngineUnavailable(IsnadError):
    """Spark cannot be started as asked."""

    def __init__(self, master: str | None, reason: str) -> None:
        """Keep the master URL and the reason."""
        self.master, self.reason = master, reason
        asked = f" on --master {master}" if master else ""
        super().__init__(f"Spark does not start{asked}: {reason}")


class ComponentTooLarge(IsnadError):
    """Links hold more articles together than one task may take."""

    def __init__(self, links: int, most: int) -> None:
        """Keep the links of the component and the limit."""
        self.links, self.most = links, most
        super().__init__(
            f"{links:,} links hold one group of articles together, more than the {most:,} one task"
            " may take: learn the outlets' boilerplate (isnad statistics learn), raise"
            " --threshold, or raise the limit"
        )


class ConfigMismatch(IsnadError):
    """Two things made with different configurations were to be compared."""

    def __init__(self, expected: str, found: str) -> None:
        """Keep both configuration ids."""
        self.expected, self.found = expected, found
        super().__init__(
            f"made with configuration {found}, but this is {expected}: make it again with this one"
        )


class ConfigInvalid(IsnadError):
    """A parameter is out of its range."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        """Keep the parameter, its value and the range."""
        self.name, self.value, self.wanted = name, value, wanted
        super().__init__(f"{name} = {value!r} is not allowed: {wanted}")


class StatisticsInvalid(IsnadError):
    """A statistics file cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep the path and the reason."""
        self.path, self.reason = path, reason
        super().__init__(f"{path}: not a statistics file: {reason}")


class RuleInvalid(IsnadError):
    """A rule or outlet file says something the engine cannot use."""

    def __init__(self, file: str, rule: str, reason: str) -> None:
        """Keep the file, the rule's id and the reason."""
        self.file, self.rule, self.reason = file, rule, reason
        super().__init__(f"{file}: rule {rule}: {reason}")


class OutputUnwritable(IsnadError):
    """A result cannot be written where it was asked for."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep the path and the reason."""
        self.path, self.reason = path, reason
        super().__init__(f"{path}: cannot write: {reason}")


class RecordDamaged(IsnadError):
    """What a run kept of an article cannot be read."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("a record in the work folder is damaged: remove the folder and run again")


class ArticleMissing(IsnadError):
    """An id that is not in the input, or not in the archive."""

    def __init__(self, article: str, where: str = "input") -> None:
        """Keep the id."""
        self.article = article
        super().__init__(f"no article with id {article!r} in the {where}")


class SchemaUnknown(IsnadError):
    """No published shape has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        """Keep the name and the shapes there are."""
        self.name, self.known = name, known
        super().__init__(f"unknown schema {name!r}; known: {', '.join(known)}")


class ReportFormatUnknown(IsnadError):
    """No writer has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        """Keep the name and the formats there are."""
        self.name, self.known = name, known
        super().__init__(f"unknown report format {name!r}; use one of {', '.join(known)}")


class CatalogBusy(IsnadError):
    """Another process owns the catalogue."""

    def __init__(self, path: str, owner: str) -> None:
        """Keep the path and what is known of the owner."""
        self.path, self.owner = path, owner
        super().__init__(
            f"{path}: in use by {owner or 'another process'}: stop it first, or ask it to do this"
        )


class IndexUnready(IsnadError):
    """A shared index does not hold the texts of the catalogue, or those of another one."""

    def __init__(
        self,
        reason: str,
        remedy: str = "build it from the catalogue with `isnad reindex --to redis`",
    ) -> None:
        """Keep the reason; `remedy` says what to do."""
        self.reason = reason
        super().__init__(f"the index {reason}: {remedy}")


class IndexFull(IsnadError):
    """A text has a number that the index has no room for."""

    def __init__(self, number: int, largest: int) -> None:
        """Keep both."""
        self.number, self.largest = number, largest
        super().__init__(
            f"text {number} cannot be indexed: the index has room for numbers up to {largest}; "
            "begin a new archive, which numbers anew"
        )


class CatalogDamaged(IsnadError):
    """A catalogue holds what this program never wrote."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(f"the catalogue is damaged: {reason}; restore a backup")


class CatalogMismatch(IsnadError):
    """A catalogue was made with another configuration."""

    def __init__(self, path: str, expected: str, found: str, archive: str | None = None) -> None:
        """Keep the path and both configuration ids; `archive` is how commands are told of it."""
        self.path, self.expected, self.found = path, expected, found
        super().__init__(
            f"{path}: made with configuration {found}, but this is {expected}: use that one, or "
            f"compute everything again with `isnad reindex {archive or path}` and this one "
            "(--config, or ISNAD_CONFIG as here)"
        )


class CatalogUnreachable(IsnadError):
    """The server of a catalogue does not let us in, or is not one."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep where it is (without a password) and the reason."""
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class CatalogAway(CatalogUnreachable):
    """The server of a catalogue does not answer, or does not let us in: later it may."""


class CatalogVersion(IsnadError):
    """The tables of a catalogue have the form of another version of this program."""

    def __init__(self, path: str, found: str, *, newer: bool, archive: str | None = None) -> None:
        """Keep the path, the version found and whether this program is too old for it."""
        self.path, self.found, self.newer = path, found, newer
        remedy = (
            "made by a newer version of isnad: install that one"
            if newer
            else f"made by an older version of isnad: run `isnad db upgrade {archive or path}`"
        )
        super().__init__(f"{path}: tables of version {found}, {remedy}")


class CursorInvalid(IsnadError):
    """A cursor that no page gave out, or one of another list."""

    def __init__(self, cursor: str) -> None:
        """Keep the cursor."""
        self.cursor = cursor
        super().__init__("this cursor was not given out by this list: start again without one")


class JudgementInvalid(IsnadError):
    """A judgement that says nothing or contradicts one that stands."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(f"this judgement cannot be taken: {reason}")


class WorkerLost(IsnadError):
    """A worker process was ended from outside, as the system does when memory runs out."""

    def __init__(self, jobs: int) -> None:
        """Keep how many processes there were."""
        self.jobs = jobs
        super().__init__(
            f"one of {jobs} worker processes was killed (out of memory?): try fewer with --jobs 1"
        )


class TextLost(IsnadError):
    """Reading one article ended the process that read it, twice."""

    def __init__(self, article: str) -> None:
        """Keep the id of the article."""
        self.article = article
        super().__init__(
            f"{article[:100]!r} cannot be read: it ends the process that reads it (out of memory?)"
        )
