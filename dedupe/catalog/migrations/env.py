"""Alembic's entry: runs the steps on the connection that `dedupe.catalog.schema` hands over."""

from __future__ import annotations

from alembic import context

from dedupe.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
