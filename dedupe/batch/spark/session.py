"""Master URL -> Spark session with what our Arrow stages rely on; settings of a lent session kept.

Python workers run this interpreter where driver and workers share a machine; on a cluster
`PYSPARK_PYTHON` or `spark.pyspark.python` names theirs, as in any PySpark job.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from dedupe.errors import EngineUnavailable

__all__ = ["open_session", "with_settings"]

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",  # columns that differ by case only are different fields
    # Spark has no type for nanoseconds, which pandas writes: numbers of them tell their unit
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
}
"""What a run sets while it lasts. 4,096 articles are some 20 MB; kernels want no more at once."""
_MASTERS = ("local", "yarn", "spark://", "k8s://")


def open_session(master: str | None = None, conf: Mapping[str, str] | None = None) -> SparkSession:
    """Start (or find) a session; `master` None takes what `spark-submit` has set.

    Raises EngineUnavailable, with what Spark says.
    """
    if master is not None and not master.startswith(_MASTERS):
        raise EngineUnavailable(master, f"a master begins with one of {', '.join(_MASTERS)}")
    builder: SparkSession.Builder = SparkSession.builder.appName("isnad")
    local = master is not None and master.startswith("local")
    if master is not None:
        builder = builder.master(master)
    if local:  # nobody else is to connect, and the machine's name need not resolve
        builder = builder.config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.ui.enabled", "false")
    for name, value in (conf or {}).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise EngineUnavailable(master, _first_reason(error)) from None
    if local:
        session.sparkContext.pythonExec = sys.executable
    return session


def _first_reason(error: Exception) -> str:
    """The sentence in an error, without the Java stack around it."""
    java = getattr(error, "java_exception", None)
    said = str(java.getMessage()) if java is not None else str(error)
    if "JAVA_GATEWAY_EXITED" in said:
        return "its Java ended before it answered: is Java 17 installed, and JAVA_HOME its folder?"
    return said.strip().partition("\n")[0][:300]


@contextmanager
def with_settings(session: SparkSession) -> Iterator[None]:
    """Set what a run needs and put back what was there."""
    before = {name: session.conf.get(name, None) for name in _SETTINGS}
    for name, value in _SETTINGS.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                session.conf.unset(name)
            else:
                session.conf.set(name, old)
