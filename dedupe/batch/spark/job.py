"""Inputs -> an output folder with clusters, members, matches, attributions, rejects and a summary.

    read -> older revisions -> meetings of keys -> blocks -> matches -> components -> labels
         -> clusters

Every arrow is a dataset below `_work`. Nothing of the data comes to the driver but counts.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812

from dedupe.batch.spark.candidates import count_limits, find_meetings
from dedupe.batch.spark.clusters import assemble_clusters, find_labels, list_links
from dedupe.batch.spark.components import find_components
from dedupe.batch.spark.inputs import Inputs, find_inputs, read_articles
from dedupe.batch.spark.outputs import name_attributions, name_matches
from dedupe.batch.spark.session import with_settings
from dedupe.batch.spark.stages import Folder, Stages
from dedupe.batch.spark.verify import find_blocks, verify_blocks
from dedupe.config import Config
from dedupe.errors import OutputUnwritable
from dedupe.matching import RELATIONS
from dedupe.models import Summary
from dedupe.readers import ReadOptions
from dedupe.report.encode import encode_json

__all__ = ["SparkOptions", "run"]

Progress = Callable[[str, int, int | None], None]
_WORK = "_work"
_MOST_LANGUAGES = 10_000
_LAYOUT = 1
"""Raised when the datasets below `_work` change their meaning."""


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """How to run; only `min_size` changes what is written.

    `keep_work` leaves the datasets of the stages; `most_links` bounds the links of one component,
    of which a task needs some 150 bytes each.
    """

    min_size: int = 2
    keep_work: bool = False
    most_links: int = 20_000_000
    progress: Progress | None = None


@dataclass(slots=True)
class _Clock:
    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def start(self, stage: str) -> None:
        if self.progress:
            self.progress(stage, 0, None)

    def finish(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self.started, 3)
        self.started = now
        if self.progress:
            self.progress(stage, 1, 1)


def run(
    session: SparkSession,
    inputs: Sequence[str],
    output: str,
    read: ReadOptions,
    config: Config,
    options: SparkOptions | None = None,
) -> Summary:
    """Compute the report of all articles in `inputs` into the folder `output`.

    A folder in which the same run was killed is finished; any other that is not empty is refused.
    Raises InputMissing, FormatUnknown, FieldUnknown, OutputUnwritable and ComponentTooLarge.
    """
    options = options or SparkOptions()
    with with_settings(session):
        found = find_inputs(session, inputs, read)
        folder = Folder(session, output)
        _claim(folder, found, read, config, options)
        summary = _run_in(session, folder, found, read, config, options)
        folder.write("summary.json", encode_json(summary, indent=True) + b"\n")
        if not options.keep_work:
            folder.remove(_WORK)
    return summary


def _claim(
    folder: Folder, inputs: Inputs, read: ReadOptions, config: Config, options: SparkOptions
) -> None:
    """Put down which run the folder belongs to; refuse one that belongs to another."""
    about = {
        "layout": _LAYOUT,
        "config": config.config_id,
        "inputs": inputs.state,
        "read": asdict(read),
        "min_size": options.min_size,
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()
    line = json.dumps({"run": digest, "config_id": config.config_id}).encode() + b"\n"
    work = Folder(folder.session, folder / _WORK)
    if work.has("run.json") and not folder.has("summary.json"):
        if work.read("run.json") == line:
            return
        raise OutputUnwritable(folder.path, "another run was begun there: remove it, or choose")
    if folder.names():
        raise OutputUnwritable(folder.path, "the folder is not empty: name a new one")
    work.write("run.json", line)


# long: the order of the stages, one below the other
def _run_in(
    session: SparkSession,
    folder: Folder,
    inputs: Inputs,
    read: ReadOptions,
    config: Config,
    options: SparkOptions,
) -> Summary:
    clock = _Clock(options.progress)
    stages = Stages(session, Folder(session, folder / _WORK))
    clock.start("read")
    records = stages.keep("read", lambda: read_articles(session, inputs, read, config))
    rows = records.where(F.col("reason").isNull())
    texts = stages.keep("repeated", lambda: _rank_repeated(rows))
    repeated, superseded = _count_repeated(texts)
    articles = rows
    if repeated or superseded:
        articles = rows.join(texts.where("place > 1").select("row"), "row", "leftanti")
    clock.finish("read")
    clock.start("candidates")
    meetings = stages.keep("meetings", lambda: find_meetings(articles, config))
    pairs = meetings.where("left != right").select("left", "right")
    capped, skipped = count_limits(meetings)
    clock.finish("candidates")
    clock.start("verify")
    homed = stages.keep("blocks", lambda: find_blocks(pairs))
    judged = stages.keep("matches", lambda: verify_blocks(homed, articles, config))
    matches = judged.where("left != right").drop("aligned")
    clock.finish("verify")
    clock.start("cluster")
    links = stages.keep("links", lambda: list_links(matches))
    components = find_components(links.where("unites"), stages)
    labels = stages.keep("labels", lambda: find_labels(links, components, options.most_links))
    clock.finish("cluster")
    clock.start("report")
    clusters = stages.keep(
        "clusters", lambda: assemble_clusters(articles, matches, labels, options.min_size)
    )
    _write(folder, "clusters", clusters.select("cluster_id", "size", "cluster"))
    members = clusters.select(F.explode("members").alias("member")).select("member.*")
    _write(folder, "members", members)
    _write(folder, "matches", name_matches(matches, articles))
    _write(folder, "attributions", name_attributions(articles))
    rejects = records.where(F.col("reason").isNotNull()).select("file", "reason", "detail")
    _write(folder, "rejects", rejects)
    clock.finish("report")
    read_counts = _count_records(records)
    kinds = _count_by(matches, "relation")
    sums = session.read.parquet(folder / "clusters").agg(F.count("size"), F.sum("size")).first()
    return Summary(
        articles=articles.count(),
        rejected=read_counts[0],
        repeated=repeated,
        revisions=superseded,
        warnings=read_counts[1],
        languages=_count_by(articles, "language"),
        candidates=pairs.count(),
        verified=_total(judged, "aligned"),
        matches={
            relation.value: kinds[str(code)]
            for code, relation in enumerate(RELATIONS)
            if str(code) in kinds
        },
        clusters=int(sums[0]) if sums else 0,
        clustered=int(sums[1] or 0) if sums else 0,
        capped_keys=capped,
        skipped_keys=skipped,
        seconds=clock.seconds,
        config_id=config.config_id,
    )


def _write(folder: Folder, name: str, frame: DataFrame) -> None:
    if not folder.has(f"{name}/_SUCCESS"):
        frame.write.mode("overwrite").parquet(folder / name)


def _rank_repeated(rows: DataFrame) -> DataFrame:
    """The rows of ids that come more than once; `place` 1 is the current text (CONTRACTS 4)."""
    shared = rows.groupBy("rank").count().where("count > 1").select("rank")
    columns = ("rank", "row", "age", "text_hash", "rest")
    order = Window.partitionBy("rank").orderBy(
        F.desc("age"), F.desc("text_hash"), F.desc("rest"), "row"
    )
    texts = rows.select(*columns).join(shared, "rank", "leftsemi")
    return texts.select("rank", "row", "text_hash", F.row_number().over(order).alias("place"))


def _count_repeated(texts: DataFrame) -> tuple[int, int]:
    """(rows that hold a revision again, texts other than the current ones)."""
    groups = texts.groupBy("rank").agg(
        F.count(F.lit(1)).alias("rows"), F.countDistinct("text_hash").alias("texts")
    )
    row = groups.agg(F.sum(F.expr("rows - texts")), F.sum(F.expr("texts - 1"))).first()
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)


def _count_records(records: DataFrame) -> tuple[int, int]:
    """(rejects, warnings)."""
    row = records.agg(F.count("reason"), F.sum("warnings")).first()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)


def _count_by(frame: DataFrame, column: str) -> dict[str, int]:
    """Rows by the value of a column with few values, most frequent first."""
    counts = frame.groupBy(column).count().orderBy(F.desc("count"), column)
    return {str(row[0]): int(row[1]) for row in counts.limit(_MOST_LANGUAGES).collect()}


def _total(frame: DataFrame, column: str) -> int:
    row: Any = frame.agg(F.sum(column)).first()
    return int(row[0] or 0)
