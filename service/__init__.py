"""Isnad's network side: HTTP ingest and queue workers build on the core in `dedupe`."""
