"""One Spark session for all tests of this folder: starting one takes seconds."""

from __future__ import annotations

import os
import shutil
import warnings

import pytest


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Two cores, three partitions; skips without Java, fails without it in CI."""
    if shutil.which("java") is None:
        if os.environ.get("CI"):
            pytest.fail("Spark needs Java 17")
        pytest.skip("needs Java 17")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySpark's own imports and threads
        from dedupe.batch.spark import open_session

        home = tmp_path_factory.mktemp("spark")
        session = open_session(
            "local[2]",
            {
                "spark.sql.shuffle.partitions": "3",
                # a few rows a job: compiling them costs more than it saves
                "spark.sql.codegen.wholeStage": "false",
                "spark.sql.codegen.factoryMode": "NO_CODEGEN",
                "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
                "spark.ui.showConsoleProgress": "false",
                "spark.local.dir": str(home / "local"),
                "spark.sql.warehouse.dir": str(home / "warehouse"),
            },
        )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()
