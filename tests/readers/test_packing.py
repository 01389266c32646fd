"""Bytes are decoded as Python decodes them, with the processor's shuffle and without it."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.readers.flat import decode_strings

TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs", "Cc")), max_size=90)

WITHOUT = """
import numba, numpy as np
from dedupe.readers.packing import LANES, decode_lanes
from numba.core.registry import cpu_target

@numba.njit
def decode(data, last, codes):
    place = np.uint64(0)
    for at in range(2, last, LANES):
        place = decode_lanes(data, np.uint64(at), codes, place)
    return place

text = "a é 中 ب ق" * LANES
raw = text.encode()
codes = np.zeros(len(raw), np.uint16)
size = decode(np.frombuffer(b"..%b." % raw, np.uint8), len(raw) + 2, codes)
assert "+ssse3" not in cpu_target.target_context.codegen().magic_tuple()[2]
assert codes[:size].tobytes().decode("utf-16-le") == text
"""


@given(st.lists(TEXTS.map(lambda text: text.replace("\\", "").replace('"', "") + "x"), max_size=5))
def test_strings_are_decoded_as_python_decodes_them(texts):
    data = np.frombuffer(b"".join(b'k:"' + text.encode() + b'"' for text in texts), np.uint8)
    sizes = np.array([len(text.encode()) for text in texts], np.int64)
    lasts = np.cumsum(sizes + 4) - 1
    codes = np.zeros(int(sizes.sum()), np.uint16)
    bounds, unusual = np.zeros(len(texts) + 1, np.int64), np.zeros(len(texts), np.bool_)

    decode_strings(data, lasts - sizes, lasts, codes, bounds, unusual)

    found = [codes[a:b].tobytes().decode("utf-16-le") for a, b in pairwise(bounds)]
    assert found == texts
    assert not unusual.any()


def test_processors_without_a_shuffle_keep_the_same(tmp_path):
    # numba reads these when it is loaded, so it takes another process
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        check=False,
        env=os.environ | plain,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
