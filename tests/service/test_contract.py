"""schemathesis reads the document and asks the running service what it allows, and what not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.running import Running

EXAMPLES = 10
"""Of each operation and phase: about 1,300 requests, a minute on a busy machine."""

CONFIG = """
# No schema can say which cursors and tags were given out, that two ids differ, and that a link
# leads by its query where the id it was given cannot stand in a path.
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "429"]
negative_data_rejection.expected-statuses = ["4xx"]
"""
REFUSES = (
    *(f"GET /v1/{path}" for path in ("clusters", "outlets", "judgements", "compare")),
    *(f"GET /v1/articles/{{id}}{path}" for path in ("", "/matches", "/explain")),
    "DELETE /v1/articles/{id}",
)
OPERATION = """
[[operations]]
include-name = "{name}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "404", "409"{more}]
"""


@pytest.mark.slow
def test_the_service_keeps_what_its_document_says(running: Running, tmp_path: Path) -> None:
    config = CONFIG + "".join(
        OPERATION.format(name=name, more=', "412"' if name.startswith("DELETE") else "")
        for name in REFUSES
    )
    (tmp_path / "schemathesis.toml").write_text(config)
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [f"{running.url}/openapi.json", "--seed", "1", "--max-examples", str(EXAMPLES)]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure"]
    command += ["--suppress-health-check", "all", "--request-timeout", "60"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
