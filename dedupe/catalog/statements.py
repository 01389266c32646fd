"""Tables -> the text of every statement that a batch runs, made once for each kind of database.

Building a statement of Core, running it and reading its rows costs 100 to 300 us, the statement
itself some ten: what runs for every batch goes to the driver as text that was compiled once. Items
of a query are marks on SQLite, one array on PostgreSQL, so that the driver can keep it prepared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ClauseElement,
    Column,
    Delete,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from dedupe.answers import ChangeKind
from dedupe.catalog import tables
from dedupe.catalog.rows import Head, Place, Placement, Settling

__all__ = [
    "INSERTS",
    "change_arrays",
    "change_text",
    "copy_text",
    "in_steps",
    "make_asked",
    "steps_of",
    "whole_text",
    "write_text",
]

Item = TypeVar("Item")
_CREATED: Column[int] = literal_column(str(tuple(ChangeKind).index(ChangeKind.CREATED)))  # type: ignore[assignment]
"""A cluster is numbered by the line that made it, an adopted one by the report it came with."""
texts, contents, matches, waiting = tables.texts, tables.contents, tables.matches, tables.waiting

# --- what is written ---

INSERTS: Mapping[str, Table] = {
    "add texts": texts,
    "add titles": tables.titles,
    "add contents": contents,
    "add pending": tables.pending,
    "add links": matches,
    "add waiting": waiting,
    "add changes": tables.ledger,
    "add judgements": tables.judgements,
    "add configurations": tables.configurations,
}
_UPSERTS: Mapping[str, Table] = {
    "put contents": contents,
    "put clusters": tables.clusters,
    "put redirects": tables.moved,
    "put counters": tables.counters,
    "put facts": tables.facts,
}
_UPDATES: Mapping[str, tuple[Table, Sequence[str], str]] = {
    "place texts": (texts, Placement._fields[:-1], "number"),
    "settle texts": (texts, Settling._fields[:-1], "number"),
    "set words": (texts, ["words"], "number"),
    "turn redirects": (tables.moved, ["new"], "new"),
}
"""Name -> table, columns that are set, column that chooses; rows are tuples in that order."""

# --- what is asked or removed, by many items at a time ---


def _among(column: Column[Any]) -> Any:  # noqa: ANN401 - a condition
    return column.in_(bindparam("items", expanding=True))


_QUERIES: Mapping[str, tuple[Select[Any] | Delete, Column[Any]]] = {
    "heads": (select(*(texts.c[name] for name in Head._fields)), texts.c.id),
    "texts": (select(texts), texts.c.number),
    "places": (select(*(texts.c[name] for name in Place._fields)), texts.c.number),
    "bodies": (select(contents.c.number, contents.c.body, contents.c.details), contents.c.number),
    "details": (select(contents.c.number, contents.c.details), contents.c.number),
    "contents": (select(contents), contents.c.number),
    "links of left": (select(matches), matches.c.left),
    "links of right": (select(matches), matches.c.right),
    "waiting of left": (select(waiting), waiting.c.left),
    "waiting of right": (select(waiting), waiting.c.right),
    "members": (select(texts.c.cluster, texts.c.number), texts.c.cluster),
    "clusters": (select(tables.clusters), tables.clusters.c.number),
    "births": (
        select(tables.clusters.c.number, tables.clusters.c.born),
        tables.clusters.c.number,
    ),
    "moved into": (
        select(tables.moved.c.old, tables.moved.c.new, tables.ledger.c.article)
        .select_from(tables.moved)
        .join(
            tables.ledger,
            (tables.ledger.c.cluster == tables.moved.c.old)
            & or_(tables.ledger.c.sequence == tables.moved.c.old, tables.ledger.c.kind == _CREATED),
        ),
        tables.moved.c.new,
    ),
    "keys": (
        select(contents.c.number, texts.c.rank, texts.c.seen, contents.c["keys"])
        .join(texts, texts.c.number == contents.c.number)
        .order_by(contents.c.number),
        contents.c.number,
    ),
    "drop texts": (delete(texts), texts.c.number),
    "drop pending": (delete(tables.pending), tables.pending.c.number),
    "drop links of left": (delete(matches), matches.c.left),
    "drop links of right": (delete(matches), matches.c.right),
    "drop waiting of left": (delete(waiting), waiting.c.left),
    "drop waiting of right": (delete(waiting), waiting.c.right),
    "drop clusters": (delete(tables.clusters), tables.clusters.c.number),
    "drop redirects": (delete(tables.moved), tables.moved.c.old),
}
"""Name -> statement, and the column whose value is one of the items."""

_WHOLE: Mapping[str, Select[Any]] = {
    "facts": select(tables.facts.c.name, tables.facts.c.value),
    "counters": select(tables.counters.c.name, tables.counters.c.value),
    "standing judgements": select(tables.judgements)
    .where(tables.judgements.c.withdrawn.is_(None))
    .order_by(tables.judgements.c.number),
}
"""Name -> statement without parameters, for tables of a few rows."""

_SQLITE, _POSTGRESQL = "sqlite", "postgresql"
_DIALECTS: Mapping[str, Dialect] = {
    _SQLITE: sqlite.dialect(),
    _POSTGRESQL: postgresql.dialect(),  # type: ignore[no-untyped-call]
}
_MARKS = "(__[POSTCOMPILE_items])"
_STEPS: Final = {_SQLITE: 512, _POSTGRESQL: 8192}
_KINDS = (
    (SmallInteger, "int2"), (BigInteger, "int8"), (Integer, "int4"), (Text, "text"),
    (LargeBinary, "bytea"), (Float, "float8"), (Boolean, "bool"),
)  # fmt: skip


def in_steps(items: Sequence[Item], size: int = _STEPS[_SQLITE]) -> Iterator[list[Item]]:
    """Items in lists of a few lengths only, the last item repeated: few statements to prepare."""
    for first in range(0, len(items), size):
        step = list(items[first : first + size])
        wanted = 1 << (len(step) - 1).bit_length()
        yield step + step[-1:] * (wanted - len(step))


def steps_of(database: str, items: Set[Item]) -> Iterator[list[Item]]:
    """Items in order, as many at a time as one statement of this database takes."""
    wanted, size = sorted(items), _STEPS[database]  # type: ignore[type-var]
    if database == _SQLITE:
        return in_steps(wanted, size)
    return (wanted[first : first + size] for first in range(0, len(wanted), size))


def make_asked(database: str, name: str, items: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Text and parameters of a query by these items."""
    if database == _SQLITE:
        return _query_text(database, name, len(items)), items
    numbers = _is_whole(_QUERIES[name][1])
    return _query_text(database, name, 0), (write_numbers(items) if numbers else items,)


def write_numbers(values: Iterable[int | None]) -> str:
    """An array of whole numbers as PostgreSQL reads it; the driver makes an object for each."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _is_whole(column: Column[Any]) -> bool:
    return isinstance(column.type, Integer)


@cache
def _query_text(database: str, name: str, count: int) -> str:
    statement, column = _QUERIES[name]
    compiled = str(statement.where(_among(column)).compile(dialect=_DIALECTS[database]))
    if database == _SQLITE:
        return compiled.replace(_MARKS, f"({', '.join('?' * count)})")
    return compiled.replace(f"IN {_MARKS}", f"= ANY(%s::{_kind(column)}[])")


@cache
def whole_text(database: str, name: str) -> str:
    """Text of a query without parameters."""
    return str(_WHOLE[name].compile(dialect=_DIALECTS[database]))


@cache
def write_text(name: str) -> str:
    """The statement that writes one row on SQLite."""
    if name in INSERTS:
        statement: ClauseElement = insert(INSERTS[name])
    elif name in _UPSERTS:
        statement = _upsert(_UPSERTS[name])
    else:
        statement = _update(*_UPDATES[name])
    return str(statement.compile(dialect=_DIALECTS[_SQLITE]))


def _upsert(table: Table) -> ClauseElement:
    statement = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _update(table: Table, changed: Sequence[str], which: str) -> ClauseElement:
    chosen: BindParameter[Any] = bindparam(f"which_{which}")
    return (
        update(table)
        .ordered_values(*((table.c[name], bindparam(f"new_{name}")) for name in changed))
        .where(table.c[which] == chosen)
    )


# --- PostgreSQL: rows by COPY, changes as one statement with an array a column ---


def _kind(column: Column[Any]) -> str:
    return next(name for kind, name in _KINDS if isinstance(column.type, kind))


def _quote(names: Iterable[str]) -> str:
    """Names of our own tables and columns, some of which are words of SQL."""
    return ", ".join(f'"{name}"' for name in names)


def _arrays(columns: Sequence[Column[Any]]) -> str:
    """One parameter a column: an array of all its values."""
    return ", ".join(f"%s::{_kind(column)}[]" for column in columns)


@cache
def copy_text(name: str) -> tuple[str, list[str]]:
    """The COPY of an insert and the types of its columns."""
    table = INSERTS[name]
    columns = list(table.columns)
    shown = _quote(column.name for column in columns)
    statement = f'COPY "{table.name}" ({shown}) FROM STDIN (FORMAT BINARY)'
    return statement, [_kind(column) for column in columns]


@cache
def change_text(name: str) -> str:
    """The statement of an upsert or update whose parameters are columns of values."""
    if name in _UPSERTS:
        table = _UPSERTS[name]
        columns, keys = _changed_columns(name), [column.name for column in table.primary_key]
        names, arrays = [column.name for column in columns], _arrays(columns)
        sets = ", ".join(f'"{each}" = EXCLUDED."{each}"' for each in names if each not in keys)
        into = f'INSERT INTO "{table.name}" ({_quote(names)})'
        conflict = f"ON CONFLICT ({_quote(keys)}) DO UPDATE SET {sets}"
        return f"{into} SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - our own names
    table, changed, _ = _UPDATES[name]
    columns = _changed_columns(name)
    which = columns[-1].name
    values = [f"v{place}" for place in range(len(columns))]
    sets = ", ".join(f'"{each}" = new_row.{v}' for each, v in zip(changed, values, strict=False))
    rows = f"unnest({_arrays(columns)}) AS new_row({_quote(values)})"
    chosen = f'"{table.name}"."{which}" = new_row.{values[-1]}'
    return f'UPDATE "{table.name}" SET {sets} FROM {rows} WHERE {chosen}'  # noqa: S608 - the same


def _changed_columns(name: str) -> list[Column[Any]]:
    if name in _UPSERTS:
        return list(_UPSERTS[name].columns)
    table, changed, which = _UPDATES[name]
    return [*(table.c[each] for each in changed), table.c[which]]


def change_arrays(name: str, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The parameters of `change_text`: the values of each column of some rows."""
    columns = zip(_whole_columns(name), zip(*rows, strict=True), strict=True)
    return [write_numbers(values) if whole else list(values) for whole, values in columns]


@cache
def _whole_columns(name: str) -> tuple[bool, ...]:
    return tuple(map(_is_whole, _changed_columns(name)))
