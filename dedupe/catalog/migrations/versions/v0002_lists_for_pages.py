"""Indexes that answer what the pages count, without a look at the rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CURRENT, SEVERAL = "state = 1", "size > 1"
WIDER = {
    "texts_cluster": ("texts", ["cluster", "credit", "published", "seen"], None),
    "texts_outlet": ("texts", ["outlet_key", "state", "credit", "origin"], None),
    "texts_origin": ("texts", ["origin", "state", "credit", "outlet_key"], None),
    "clusters_size": ("clusters", ["size", "number", "first", "credited", "uncredited"], SEVERAL),
}
NEW = {
    "texts_time": ("texts", ["published", "seen", "credit"], CURRENT),
    "clusters_first": ("clusters", ["first", "number"], SEVERAL),
    "ledger_cluster": ("ledger", ["cluster", "kind"], None),
}


def upgrade() -> None:
    """Make the step."""
    for name, (table, _, _) in WIDER.items():
        op.drop_index(name, table)
    for name, (table, columns, condition) in {**WIDER, **NEW}.items():
        where = sa.text(condition) if condition else None
        op.create_index(
            name, table, columns, unique=False, sqlite_where=where, postgresql_where=where
        )
