"""Inputs on any Hadoop file system -> the duplicate report of `batch.local`, computed by Spark.

The only package that imports PySpark (extra `spark`). The kernels are those of one machine, run on
Arrow batches; what differs is how equal keys, texts and links come to stand together.
"""

from dedupe.batch.spark.job import SparkOptions, run
from dedupe.batch.spark.session import open_session

__all__ = ["SparkOptions", "open_session", "run"]
