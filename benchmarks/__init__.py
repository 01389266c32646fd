"""Measurements: ours against installable peers, and the quality table. Nothing here is packaged."""
