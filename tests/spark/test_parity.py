"""Spark and one machine give the same report: pairs and clusters with all their numbers."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from core.corpus import article, fill_frame, story

from benchmarks.corpora import _run_tool
from dedupe.batch import local
from dedupe.batch.finished import open_finished
from dedupe.batch.spark import SparkOptions, run
from dedupe.config import default_config
from dedupe.errors import FormatUnknown, InputMissing, OutputUnwritable
from dedupe.matching import RELATIONS
from dedupe.models import Relation
from dedupe.readers import ReadOptions
from dedupe.report.encode import encode_json

pytestmark = pytest.mark.spark
MATCH = ("left", "right", "relation", "container", "earlier", "similarity", "containment_left",
         "containment_right", "probability")  # fmt: skip


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(path)


def on_one_machine(inputs, config=None, **options):
    options = local.RunOptions(keep_matches=True, **options)
    with local.run(inputs, ReadOptions(), config or default_config(), options) as result:
        matches = [tuple(getattr(match, name) for name in MATCH) for match in result.matches()]
        clusters = sorted(encode_json(cluster).decode() for cluster in result.clusters())
        return counts(result.summary), matches, clusters


def on_spark(session, inputs, output, config=None, **options):
    options = SparkOptions(**options)
    summary = run(session, inputs, str(output), ReadOptions(), config or default_config(), options)
    rows = pq.read_table(output / "matches").to_pylist()
    matches = sorted(tuple(row[name] for name in MATCH) for row in rows)
    clusters = sorted(pq.read_table(output / "clusters").column("cluster").to_pylist())
    return counts(summary), matches, clusters


def counts(summary):
    values = dataclasses.asdict(summary)
    del values["seconds"]
    return values


@pytest.fixture(scope="module")
def rows():
    """Stories alone, copied, cut, framed, embedded; ids that come again, addresses too."""
    made = []
    for number in range(24):
        words = story(number, 160)
        own = article(f"o{number:02}", words, outlet=f"paper{number % 7}", hour=number % 20)
        made.append(own | {"url": f"https://x.example/{number}"})
        if number % 3 == 0:
            made.append(article(f"c{number:02}", words, outlet="carrier", hour=21))
        if number % 3 == 1:
            made.append(article(f"t{number:02}", words[:100], outlet="cutter", hour=21))
        if number % 6 == 2:
            longer = story(700 + number, 150) + words + story(800 + number, 200)
            made.append(article(f"e{number:02}", longer, outlet="roundup", hour=22))
    for number, words in enumerate(fill_frame(0, 7)):
        made.append(article(f"f{number:02}", words, outlet=f"paper{number}", hour=20))
    made.append(made[0])
    made.append(article("o01", story(90, 120), outlet="paper1", hour=23))
    made.append(article("o02", story(91, 120), outlet="paper2", hour=1))
    return made


@pytest.fixture(scope="module")
def parity(spark, tmp_path_factory):
    def compare(inputs, config=None, **options):
        output = tmp_path_factory.mktemp("parity") / "out"
        expected = on_one_machine(inputs, config, **options)
        assert on_spark(spark, inputs, output, config, **options) == expected
        return expected

    return compare


def test_the_demonstration_corpus_gives_the_same_report(spark, seeds, tmp_path):
    inputs = [str(seeds / "demo.jsonl")]
    expected = on_one_machine(inputs)
    assert on_spark(spark, inputs, tmp_path / "out") == expected
    assert len(expected[1]) > 100
    attributions = pq.read_table(tmp_path / "out" / "attributions").to_pylist()
    assert len(attributions) > 20
    assert all(row["kind"] != "none" and row["claims"] for row in attributions)
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert pq.read_table(tmp_path / "out" / "members").num_rows == summary["clustered"]
    assert not (tmp_path / "out" / "_work").exists()


def test_either_report_can_be_taken_over_by_an_archive(spark, rows, tmp_path):
    path = write(tmp_path / "rows.jsonl", rows)
    run(spark, [path], str(tmp_path / "out"), ReadOptions(), default_config(), SparkOptions())
    options = local.RunOptions(keep_dir=tmp_path / "work")
    with local.run([path], ReadOptions(), default_config(), options):
        pass
    theirs, ours = (open_finished(tmp_path / name, default_config()) for name in ("out", "work"))
    assert theirs.articles == ours.articles
    named = [{name: sorted(ids) for name, ids in each.clusters()} for each in (theirs, ours)]
    assert named[0] == named[1]
    assert len(named[0]) > 10
    rounded = [sorted(_as_told(one) for one in each.verdicts()) for each in (theirs, ours)]
    assert rounded[0] == rounded[1]


def _as_told(verdict):
    """A pair without what only one kind of folder tells: which of two equal texts is longer."""
    contains = RELATIONS[verdict.relation] in (Relation.EXCERPT, Relation.EMBEDS)
    told = verdict._replace(left_longer=verdict.left_longer and contains)
    return tuple(round(v, 6) if isinstance(v, float) else v for v in told)


def test_a_synthetic_corpus_gives_the_same_report(parity, tmp_path):
    _run_tool("make_corpus.py", "--n", "2000", "--out", str(tmp_path))
    found, _, clusters = parity([str(tmp_path / "articles.jsonl")])
    assert found["articles"] == 2000
    assert len(clusters) > 100


def test_revisions_repeats_and_single_articles_are_told_alike(parity, rows, tmp_path):
    found, _, clusters = parity([write(tmp_path / "a.jsonl", rows)], min_size=1)
    assert (found["repeated"], found["revisions"]) == (1, 2)
    assert len(clusters) == found["clusters"]
    assert any('"embeds"' in cluster for cluster in clusters)


def test_capped_and_skipped_keys_are_the_same(parity, tmp_path):
    config = dataclasses.replace(default_config(), bucket_cap=3, passage_limit=12)
    shared = story(1, 60)
    made = [article(f"h{n:02}", shared + story(100 + n, 60), outlet=f"p{n}") for n in range(20)]
    made += [article(f"s{n:02}", story(2, 80), outlet=f"p{n}") for n in range(8)]
    found, _, _ = parity([write(tmp_path / "a.jsonl", made)], config)
    assert found["capped_keys"] > 20
    assert found["skipped_keys"] > 0


def test_columns_of_parquet_give_what_lines_give(spark, rows, tmp_path):
    shuffled = [dict(row) for row in rows]
    random.Random(5).shuffle(shuffled)
    for row in shuffled[20:]:
        row.pop("url", None)
    expected = on_one_machine([write(tmp_path / "a.jsonl", shuffled)])
    names = sorted({name for row in shuffled for name in row})
    whole = [{name: row.get(name) for name in names} for row in shuffled]
    folder = tmp_path / "in" / "day=2026-01-01"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(whole[:20]), folder / "a.parquet")
    pq.write_table(pa.Table.from_pylist(whole[20:]).drop(["url"]), tmp_path / "in" / "b.parquet")
    assert on_spark(spark, [str(tmp_path / "in")], tmp_path / "out") == expected


ZONES = {
    "riyadh": pa.timestamp("us", tz="Asia/Riyadh"),
    "pandas": pa.timestamp("ns", tz="Europe/Berlin"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_times_of_parquet_are_the_same_moments_whatever_their_zone(spark, tmp_path, zone):
    words = story(3, 90)
    made = [article(f"z{n}", words, outlet=f"p{n}", hour=3 * n) for n in range(4)]
    for row in made:
        row["published"] = datetime.fromisoformat(row["published"])
    table = pa.Table.from_pylist(made)
    moments = [row["published"] for row in made]
    at = table.schema.get_field_index("published")
    table = table.set_column(at, "published", pa.array(moments).cast(ZONES[zone]))
    pq.write_table(table, tmp_path / "a.parquet")
    inputs = [str(tmp_path / "a.parquet")]
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        found = on_spark(spark, inputs, tmp_path / "out")
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)
    assert found == on_one_machine(inputs)
    [cluster] = map(json.loads, found[2])
    told = {row["id"]: datetime.fromisoformat(row["published"]) for row in cluster["members"]}
    assert told == {row["id"]: row["published"] for row in made}


@pytest.mark.slow
def test_real_articles_give_the_same_report(parity, shared):
    found, matches, _ = parity([str(shared / "data" / "news_ar_saudinewsnet.jsonl.gz")])
    assert found["articles"] > 18_000
    assert len(matches) > 1000


def test_what_is_no_article_is_rejected_for_the_same_reasons(spark, tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [b'{"id": "a", "body": "one two three"}', b"", b"[1]", b"{broken", b'{"id": "b"}']
    lines += [b'{"id": "c", "body": " "}', b'{"body": "\xff"}', b'{"id": "d", "body": "x\\u0000"}']
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n")
    with local.run([str(path)], ReadOptions(), default_config(), local.RunOptions()) as result:
        expected = sorted((reject.reason, reject.detail) for reject in result.rejects)
    summary = run(spark, [str(path)], str(tmp_path / "out"), ReadOptions(), default_config())
    found = pq.read_table(tmp_path / "out" / "rejects").to_pylist()
    assert sorted((row["reason"], row["detail"]) for row in found) == expected
    assert (summary.articles, summary.rejected) == (1, len(expected))


def test_a_killed_run_is_finished_and_another_is_refused(spark, rows, tmp_path, monkeypatch):
    inputs, output = [write(tmp_path / "a.jsonl", rows)], tmp_path / "out"

    class KilledError(Exception):
        pass

    def kill(*_):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr("dedupe.batch.spark.job.find_components", kill)
        with pytest.raises(KilledError):
            on_spark(spark, inputs, output)
    read_once = (output / "_work" / "read" / "_SUCCESS").stat().st_mtime_ns
    with pytest.raises(OutputUnwritable, match="another run"):
        on_spark(spark, inputs, output, min_size=1)
    got = on_spark(spark, inputs, output, keep_work=True)
    assert (output / "_work" / "read" / "_SUCCESS").stat().st_mtime_ns == read_once
    assert got == on_one_machine(inputs)
    with pytest.raises(OutputUnwritable, match="not empty"):
        on_spark(spark, inputs, output)


def test_inputs_that_are_not_there_are_named(spark, tmp_path):
    with pytest.raises(InputMissing, match="nothing"):
        run(
            spark, [str(tmp_path / "nothing")], str(tmp_path / "o"), ReadOptions(), default_config()
        )
    (tmp_path / "a.docx").write_bytes(b"x")
    with pytest.raises(FormatUnknown, match="docx"):
        run(spark, [str(tmp_path / "a.docx")], str(tmp_path / "o"), ReadOptions(), default_config())
