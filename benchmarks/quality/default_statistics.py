"""Real articles in several languages -> `dedupe/data/statistics.npz`, the statistics that ship.

    python -m benchmarks.quality.default_statistics [--shared DIR] [--output FILE]

Words only: what is boilerplate depends on the outlets one reads, and is learned from them with
`isnad statistics learn`. Languages that are not in this data (all but Arabic, English and German)
have no shares, so all their words count as uncommon; the verifier does not rest on that feature.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.machine import ROOT
from dedupe.batch.learn import learn_statistics
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.foldtable import identity_version
from dedupe.readers import ReadOptions
from dedupe.statistics import Statistics, save_statistics

SETS = ("ar_saudinewsnet", "ar_ant", "en_wnam2015", "en_reuters21578", "de_insm")


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--output", type=Path, default=ROOT / "dedupe" / "data" / "statistics.npz")
    arguments = parser.parse_args()
    none = np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.uint64)
    # nothing learned before may decide what is learned now
    config = replace(default_config(), statistics=Statistics(*none, 0, identity_version()))
    inputs = [str(arguments.shared / "data" / f"news_{name}.jsonl.gz") for name in SETS]
    with run(inputs, ReadOptions(), config, RunOptions()) as result:
        learned = learn_statistics(result)
    save_statistics(replace(learned, boilerplate=none[2]), arguments.output)
    print(f"{len(learned.words)} words of {learned.stories} stories")


if __name__ == "__main__":
    main()
