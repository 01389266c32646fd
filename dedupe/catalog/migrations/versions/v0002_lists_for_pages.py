"""Indexes that answer what the pages count, without a look at the rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WIDER = {
    "texts_cluster": ("texts", ["cluster", "published", "seen"]),
    "texts_outlet": ("texts", ["outlet_key", "state", "credit", "origin"]),
    "texts_origin": ("texts", ["origin", "state", "credit", "outlet_key"]),
}
NEW = {
    "texts_time": ("texts", ["state", "published", "seen", "credit"]),
    "ledger_cluster": ("ledger", ["cluster", "kind"]),
}
SEVERAL = sa.text("size > 1")


def upgrade() -> None:
    """Make the step."""
    for name, (table, columns) in WIDER.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns, unique=False)
    for name, (table, columns) in NEW.items():
        op.create_index(name, table, columns, unique=False)
    op.create_index(
        "clusters_first",
        "clusters",
        ["first", "size", "credited", "uncredited"],
        unique=False,
        sqlite_where=SEVERAL,
        postgresql_where=SEVERAL,
    )
