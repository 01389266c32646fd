"""Batch engines: whole collections at once, on one machine or on Spark."""
