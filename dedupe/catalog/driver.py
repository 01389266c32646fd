"""Statements that go to the driver as text -> its own speed, and the errors of SQLAlchemy.

Running a statement by SQLAlchemy costs some 50 us more than the driver takes: what every
transaction does, however small it is, is done without.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

__all__ = ["name_error", "run_text"]


def name_error(connection: Connection, name: str, error: Exception) -> Exception:
    """What SQLAlchemy raises for an error of the driver, without any value of a row.

    `name` stands for the statement. A connection that was lost is invalid from now on.
    """
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, None, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        name, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect,
        connection_invalidated=lost,
    )  # fmt: skip


def run_text(connection: Connection, text: str) -> list[Any]:
    """Run a statement without parameters; its rows."""
    try:
        driver: Any = connection.connection.driver_connection
        rows: list[Any] = driver.execute(text).fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise name_error(connection, text, error) from error
    return rows
