"""Every fault on real servers -> a table of what became of the articles; nothing may be lost.

    python benchmarks/fault_table.py [--n 2000] [--only WORD]

The faults are those that the tests run on few articles (`benchmarks/faults/scenarios.py`). Exit
code 1 means that an acknowledged article is neither stored nor set aside, or stored twice, or that
the clusters are not those of the batch report.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine
from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.faults.stand import Account, Stand

OUTPUT = machine.ROOT / "benchmarks" / "results" / "faults.json"
COLUMNS = ("sent", "acknowledged", "stored", "dead_lettered", "lost", "twice", "refused")


def is_fine(found: Account) -> bool:
    """Whether nothing was lost or doubled and the clusters are right."""
    return not found.lost and not found.twice and found.same_partition


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=2_000, help="articles of each fault")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def main() -> int:
    """Make the table."""
    args = parse()
    rows, fine = [], []
    occasion = machine.Occasion()
    width = max(map(len, SCENARIOS))
    print(f"{'fault':<{width}} " + " ".join(f"{name:>13}" for name in COLUMNS), flush=True)
    with tempfile.TemporaryDirectory(prefix="isnad-faults-") as folder:
        stand = Stand(Path(folder))
        try:
            stand.open()
            for name, act in SCENARIOS.items():
                if args.only not in name:
                    continue
                stand.begin()
                begun = time.perf_counter()
                found = act(stand, args.n)
                seconds = round(time.perf_counter() - begun, 1)
                rows.append({"fault": name, **asdict(found), "seconds": seconds})
                counts = " ".join(f"{getattr(found, each):>13,}" for each in COLUMNS)
                fine.append(is_fine(found))
                print(f"{name:<{width}} {counts}{'' if fine[-1] else '  WRONG'}", flush=True)
        finally:
            stand.close()
    result = {
        "command": f"python benchmarks/fault_table.py --n {args.n}",
        **occasion.describe(),
        "faults": rows,
    }
    machine.write_result(args.output, result)
    return 0 if fine and all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
