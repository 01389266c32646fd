"""Database -> the form of tables this program works with, by Alembic's numbered steps."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dedupe.errors import CatalogVersion

__all__ = ["check_version", "current_version", "newest_version", "upgrade"]

_SCRIPTS = Path(__file__).with_name("migrations")


def _alembic(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def newest_version() -> str:
    """The version this program works with."""
    return ScriptDirectory.from_config(_alembic()).get_current_head() or ""


def current_version(connection: Connection) -> str | None:
    """The version of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, path: str) -> None:
    """Make all steps that are missing, in the caller's transaction; raises CatalogVersion."""
    _refuse_newer(connection, path)
    command.upgrade(_alembic(connection), "head")


def check_version(connection: Connection, path: str, argument: str | None = None) -> None:
    """Raise CatalogVersion where the tables are older or newer than this program's.

    `argument` is what `isnad db upgrade` has to be told, if not the path.
    """
    found = _refuse_newer(connection, path)
    if found != newest_version():
        raise CatalogVersion(path, found or "none", newer=False, archive=argument)


def _refuse_newer(connection: Connection, path: str) -> str | None:
    found = current_version(connection)
    known = {step.revision for step in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if found is not None and found not in known:
        raise CatalogVersion(path, found, newer=True)
    return found
