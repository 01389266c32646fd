"""The words of titles as they are compared, in a table of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dedupe.foldtable import fold_words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 5000


def upgrade() -> None:
    """Make the step."""
    made = op.create_table(
        "titles",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["texts.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    texts = sa.table("texts", sa.column("number"), sa.column("title"))
    connection, last = op.get_bind(), -1
    while True:
        asked = sa.select(texts).where(texts.c.number > last).order_by(texts.c.number)
        rows = connection.execute(asked.limit(AT_ONCE)).all()
        if not rows:
            return
        last = rows[-1].number
        words = [{"number": row.number, "words": fold_words(row.title)} for row in rows]
        if kept := [row for row in words if row["words"]]:
            connection.execute(made.insert(), kept)
