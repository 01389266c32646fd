"""Durable truth: texts, signatures, keys, pairs, clusters, ledger, judgements."""

from dedupe.catalog.catalog import Catalog, open_catalog, upgrade_catalog
from dedupe.catalog.reader import Reader
from dedupe.catalog.writer import Writer

__all__ = ["Catalog", "Reader", "Writer", "open_catalog", "upgrade_catalog"]
