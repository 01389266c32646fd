"""Corpora with labels -> one table of how good the results are, through the command a user runs.

python -m benchmarks.quality [--quick | --full] [--shared DIR] [--only SECTION]
"""
