"""`python -m dedupe.cli` is `isnad`."""

from __future__ import annotations

import sys

from dedupe.cli import start

sys.exit(start())
