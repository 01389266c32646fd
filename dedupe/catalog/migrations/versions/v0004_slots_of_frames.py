"""In which slots the texts of a pair differ, where little else does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step; what is stored was judged by another configuration, which says nothing."""
    for table in ("matches", "waiting"):
        op.add_column(
            table, sa.Column("slot_places", sa.BigInteger(), nullable=False, server_default="0")
        )
