"""Pairs that wait for a pending text, and names by code point on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = {
    "texts": ("id", "outlet", "outlet_key", "lang", "origin"),
    "clusters": ("original", "outlet"),
    "ledger": ("article", "other"),
    "judgements": ("left", "right"),
}


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "waiting",
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("right", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.SmallInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("containment_left", sa.Float(), nullable=False),
        sa.Column("containment_right", sa.Float(), nullable=False),
        sa.Column("left_longer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["left"], ["texts.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["right"], ["texts.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("left", "right"),
        sqlite_with_rowid=False,
    )
    op.create_index("waiting_right", "waiting", ["right"], unique=False)
    op.create_table(
        "pending",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["texts.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite compares by code point anyway
        for table, columns in NAMES.items():
            for column in columns:
                op.alter_column(table, column, type_=sa.Text(collation="C"))
