"""The tables of a catalogue: durable truth, from which index and clusters can be made again.

Times are microseconds since 1970 (any year, exact, compared as numbers). A text is one revision of
an article; its number is given once and never again, so keys stored under it cannot change their
meaning. Wide values stand apart in `contents`: lists and clusters never read past them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "CURRENT",
    "IS_CURRENT",
    "PENDING",
    "SEVERAL",
    "clusters",
    "configurations",
    "contents",
    "counters",
    "facts",
    "judgements",
    "ledger",
    "matches",
    "metadata",
    "moved",
    "pending",
    "texts",
    "titles",
    "waiting",
]

metadata = MetaData()
Name = Text().with_variant(Text(collation="C"), "postgresql")
"""Ids and names are compared by code point, whatever the collation of the database."""
Number = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite only INTEGER PRIMARY KEY is the row id itself."""

PENDING, CURRENT, SUPERSEDED = 0, 1, 2
"""States of a text: stored but not matched yet, current, replaced by another revision."""
SEVERAL, IS_CURRENT = text("size > 1"), text(f"state = {CURRENT}")
"""Of clusters, of texts; written out as in the indexes that hold only these rows: a database takes
one where it can read that it applies, which it cannot of a value that is bound."""

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What is true of the whole catalogue: its configuration."""

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""Last number given to a text, a line of the ledger, a judgement: never given again."""

configurations = Table(
    "configurations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("config_id", Text, nullable=False, unique=True),
)

texts = Table(
    "texts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("id", Name, nullable=False),
    Column("revision", LargeBinary, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("age", BigInteger),
    Column("rest", LargeBinary, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("outlet", Name),
    Column("outlet_key", Name),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("lang", Name),
    Column("published", BigInteger),
    Column("modified", BigInteger),
    Column("seen", BigInteger),
    Column("words", Integer, nullable=False),
    Column("cluster", BigInteger),
    Column("credit", Text),
    Column("origin", Name),
    UniqueConstraint("id", "revision", name="texts_revision"),
    Index("texts_cluster", "cluster", "credit", "published", "seen"),
    Index("texts_outlet", "outlet_key", "state", "credit", "origin"),
    Index("texts_origin", "origin", "state", "credit", "outlet_key"),
    Index(
        "texts_time",
        "published",
        "seen",
        "credit",
        sqlite_where=IS_CURRENT,
        postgresql_where=IS_CURRENT,
    ),
    Index(
        "texts_pending",
        "state",
        sqlite_where=text("state = 0"),
        postgresql_where=text("state = 0"),
    ),
)
"""`rank` is the hash of the id (as signed 64 bits), `age` modified else published, `rest` a hash of
all but the text, `arrived` the number of the article's first text, `origin` where its text comes
from and `credit` how it says so, both of its cluster's provenance. The `revision` of a pending text
is a hash of all of it (`rows.pending_key`), so that a new record of a stored text can stand beside
it until it takes its place."""

titles = Table(
    "titles",
    metadata,
    Column(
        "number",
        Number,
        ForeignKey("texts.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("words", Text, nullable=False),
)
"""The words of titles as they are compared (`foldtable.fold_words`), where there are any: what is
asked for is found in any case, with accents or without."""

contents = Table(
    "contents",
    metadata,
    Column(
        "number",
        Number,
        ForeignKey("texts.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("body", LargeBinary, nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("configuration", Integer, ForeignKey("configurations.number"), nullable=False),
)
"""`body` and `details` (attribution, authors, metadata, warnings as JSON) packed by `blobs`;
`signature` little-endian uint32, `keys` little-endian uint64, bands before passages."""


def _pairs(name: str, *more: Index) -> Table:
    return Table(
        name,
        metadata,
        Column(
            "left", BigInteger, ForeignKey("texts.number", ondelete="CASCADE"), primary_key=True
        ),
        Column(
            "right", BigInteger, ForeignKey("texts.number", ondelete="CASCADE"), primary_key=True
        ),
        Column("relation", SmallInteger, nullable=False),
        Column("probability", Float, nullable=False),
        Column("similarity", Float, nullable=False),
        Column("containment_left", Float, nullable=False),
        Column("containment_right", Float, nullable=False),
        Column("left_longer", Boolean(create_constraint=False), nullable=False),
        Column("slot_places", BigInteger, nullable=False, server_default="0"),
        *more,
        sqlite_with_rowid=False,
    )


matches = _pairs("matches", Index("matches_right", "right"))
"""Verified pairs of current texts; the id of `left` is below that of `right` by code points."""

waiting = _pairs("waiting", Index("waiting_right", "right"))
"""Verified pairs of which a text is pending: they become matches when it is placed."""

pending = Table(
    "pending",
    metadata,
    Column(
        "number",
        Number,
        ForeignKey("texts.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("since", BigInteger, nullable=False),
)
"""When each pending text was stored, or somebody last tried to place it."""

clusters = Table(
    "clusters",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("born", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("outlets", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("first", BigInteger),
    Column("newest", BigInteger),
    Column("credited", Integer, nullable=False),
    Column("uncredited", Integer, nullable=False),
    Column("original", Name),
    Column("outlet", Name),
    Column("confidence", Float, nullable=False),
    Column("provenance", LargeBinary),
    *(
        Index(
            f"clusters_{columns[0]}",
            *columns,
            sqlite_where=SEVERAL,
            postgresql_where=SEVERAL,
        )
        for columns in (
            ("size", "number", "first", "credited", "uncredited"),  # sums by day need no row
            ("newest", "number"),
            ("outlets", "number"),
            ("first", "number"),
        )
    ),
)
"""`born` is the line of the ledger that made it; `provenance` JSON, none for a single article."""

moved = Table(
    "moved",
    metadata,
    Column("old", Number, primary_key=True, autoincrement=False),
    Column("new", BigInteger, nullable=False),
    Index("moved_new", "new"),
)
"""Clusters that were merged away, and where their articles are now."""

ledger = Table(
    "ledger",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("cluster", BigInteger),
    Column("article", Name),
    Column("other", Name),
    Index("ledger_cluster", "cluster", "kind"),
)

judgements = Table(
    "judgements",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("left", Name, nullable=False),
    Column("right", Name),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("withdrawn_by", Text),
    CheckConstraint("(kind = 'pin_original') = (\"right\" IS NULL)", name="judgements_shape"),
)
