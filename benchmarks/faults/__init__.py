"""Faults on real servers and real workers, and what is left of every article after them."""
