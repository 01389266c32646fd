"""URL -> an open catalogue on a PostgreSQL server, which many processes use at a time.

Rows go in by COPY, changes as one statement with an array a column. Whoever changes clusters holds
one advisory lock until it has committed, so the lines of the ledger are committed in their order
and nobody works on what another is changing; texts are stored without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from dedupe.catalog.catalog import Catalog
from dedupe.catalog.reader import Reader
from dedupe.catalog.schema import check_version, current_version, upgrade
from dedupe.catalog.statements import INSERTS, change_arrays, change_text, copy_text
from dedupe.catalog.writer import Writer
from dedupe.errors import CatalogAway, CatalogUnreachable, DependencyMissing

if TYPE_CHECKING:
    from psycopg import Connection as Driver
    from psycopg.abc import Buffer

__all__ = ["ServerCatalog", "open_server", "upgrade_server"]

DRIVER = "postgresql+psycopg"
_ARGUMENT = "--shared"
"""What commands are told instead of a URL, which may hold a password."""
_LOCK_CLASS, _GROUPS, _TABLES = 0x15AD, 0, 1
"""Names of advisory locks: changing clusters, changing tables."""
_STATEMENT_MS, _LOCK_MS, _IDLE_MS = 120_000, 60_000, 60_000
"""A process that hangs (or was stopped) with the lock is cut off by the server after `_IDLE_MS`."""
_ESCAPE = "\x1a"


# --- text: PostgreSQL takes no U+0000, which an id or a title may hold ---


def escape(value: str) -> str:
    """Write U+0000 as two other code points, so that every text has one form."""
    if "\0" not in value and _ESCAPE not in value:
        return value
    return value.replace(_ESCAPE, f"{_ESCAPE}1").replace("\0", f"{_ESCAPE}0")


def unescape(value: str) -> str:
    """Undo `escape`."""
    if _ESCAPE not in value:
        return value
    return value.replace(f"{_ESCAPE}0", "\0").replace(f"{_ESCAPE}1", _ESCAPE)


@cache
def _adapters() -> tuple[type[Any], type[Any], type[Any]]:
    """(writer of text, of text in binary form, reader of text) as psycopg takes them."""
    from psycopg.types.string import StrBinaryDumper, StrDumperUnknown, TextLoader

    class Dumper(StrDumperUnknown):
        def dump(self, obj: str) -> bytes:
            return escape(obj).encode()

    class BinaryDumper(StrBinaryDumper):
        def dump(self, obj: str) -> bytes:
            return escape(obj).encode()

    class Loader(TextLoader):
        def load(self, data: Buffer) -> str:
            return unescape(str(data, "utf-8"))

    return Dumper, BinaryDumper, Loader


class ServerWriter(Writer):
    """Writes in bulk as PostgreSQL does it best."""

    def _many(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        with self._named_errors(name), self._driver.cursor() as cursor:
            if name not in INSERTS:
                cursor.execute(change_text(name), change_arrays(name, rows))
                return
            statement, kinds = copy_text(name)
            with cursor.copy(statement) as copy:
                copy.set_types(kinds)
                for row in rows:
                    copy.write_row(row)


# --- the catalogue ---


class ServerCatalog(Catalog):
    """A catalogue in a database of a PostgreSQL server."""

    shared = True

    def __init__(self, path: str, engine: Engine) -> None:
        """Take over an engine whose tables are of this version; see `open_server`."""
        super().__init__(path, _ARGUMENT)
        self._engine = engine
        self._reader = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._read_facts(own=True)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """See `Catalog.reading`."""
        with self._reader.connect() as connection, connection.begin():
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """See `Catalog.writing`: holds the lock of whoever changes clusters."""
        with self._engine.begin() as connection:
            _take_turn(connection, _GROUPS)
            yield ServerWriter(connection)

    @contextmanager
    def storing(self) -> Iterator[Writer]:
        """See `Catalog.storing`: for texts that are new, and to give numbers."""
        with self._engine.begin() as connection:
            yield ServerWriter(connection)

    def erase_traces(self) -> None:
        """Nothing: the server's own vacuum and archive are its administrator's."""

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _take_turn(connection: Connection, lock: int) -> None:
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:kind, :lock)"), {"kind": _LOCK_CLASS, "lock": lock}
    )


def open_server(url: str, *, create: bool = True, pool: int = 8) -> ServerCatalog:
    """Open the catalogue at `postgresql+psycopg://…`, with `create` a new one in an empty database.

    Raises CatalogUnreachable for another URL, CatalogAway for a server that does not let us in, and
    CatalogVersion.
    """
    engine, path = _connect(url, pool)
    try:
        with _reached(path), engine.begin() as connection:
            if create and current_version(connection) is None:
                _take_turn(connection, _TABLES)
                if current_version(connection) is None:
                    upgrade(connection, path)
            check_version(connection, path, _ARGUMENT)
        return ServerCatalog(path, engine)
    except BaseException:
        engine.dispose()
        raise


def upgrade_server(url: str) -> tuple[str, str]:
    """Bring the tables to this version; (version before, version now). Raises as `open_server`."""
    engine, path = _connect(url, 1)
    try:
        with _reached(path), engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            _take_turn(connection, _TABLES)
            before = current_version(connection) or "none"
            upgrade(connection, path)
            return before, current_version(connection) or "none"
    finally:
        engine.dispose()


@contextmanager
def _reached(path: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or not isinstance(error.orig, Exception):
            raise
        first = str(error.orig).partition("\n")[0]
        raise CatalogAway(path, first) from error


def _connect(url: str, pool: int) -> tuple[Engine, str]:
    try:
        made: URL = make_url(url)
    except (ArgumentError, ValueError):  # the second for a port that is no number
        raise CatalogUnreachable("the database URL", "not a URL") from None
    path = made.render_as_string(hide_password=True)
    if made.drivername not in (DRIVER, "postgresql"):
        raise CatalogUnreachable(path, f"a catalogue of many processes needs {DRIVER}://…")
    try:
        _adapters()
    except ImportError:
        raise DependencyMissing("a catalogue on PostgreSQL", "postgres") from None
    options = (
        f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS}"
        f" -c idle_in_transaction_session_timeout={_IDLE_MS}"
    )
    engine = create_engine(
        made.set(drivername=DRIVER),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": options,
            "client_encoding": "utf8",
            "application_name": "isnad",
            "connect_timeout": 10,
        },
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Driver[Any], record: object) -> None:
        dumper, binary_dumper, loader = _adapters()
        connection.adapters.register_dumper(str, binary_dumper)
        connection.adapters.register_dumper(str, dumper)  # the last one is preferred
        connection.adapters.register_loader("text", loader)

    return engine, path
