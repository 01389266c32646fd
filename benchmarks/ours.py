"""Ours in the frame of the peers: `dedupe.minhash.sign_texts`, folding and tokenising included."""

from __future__ import annotations

from benchmarks.peers import task
from dedupe.minhash import sign_texts

BATCH = 64
"""Texts a call: what they take stays in the second-level cache (64: 51k a second, 1,000: 47k)."""


def _sign(texts: list[str]) -> object:
    return [
        sign_texts(texts[at : at + BATCH], permutations=task.NUM_PERM)
        for at in range(0, len(texts), BATCH)
    ]


VARIANTS = {
    "isnad": task.Variant(
        ("numba", "numpy"), "sign_texts, equal to datasketch's affine32", _sign, None
    )
}

if __name__ == "__main__":
    task.run(VARIANTS)
