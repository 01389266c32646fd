"""`isnad report`: every format, its side files, rejects and exit codes, on a real run."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pyarrow.parquet
import pytest
from jsonschema import Draft202012Validator

from dedupe.schemas import load_schema

TWO_CLUSTERS = [{"ar-1", "ar-2"}, {"en-1", "en-2"}]


def valid(name, value):
    Draft202012Validator(load_schema(name)).validate(value)
    return value


def sets(clusters):
    return sorted(({m["id"] for m in c["members"]} for c in clusters), key=sorted)


def test_json_lines_hold_the_clusters(isnad, articles):
    run = isnad("report", articles, "--format", "jsonl")
    assert run.code == 0
    assert run.err == ""
    assert sets(valid("cluster", cluster) for cluster in run.lines) == TWO_CLUSTERS


def test_json_holds_summary_and_clusters(isnad, articles):
    report = valid("report", json.loads(isnad("report", articles, "--format", "json").out))
    assert report["summary"]["articles"] == 5
    assert report["summary"]["clusters"] == 2
    assert report["summary"]["languages"] == {"ar": 2, "en": 3}
    assert sets(report["clusters"]) == TWO_CLUSTERS


def test_table_is_the_default(isnad, articles):
    page = isnad("report", articles).out.decode()
    assert "4 in 2 clusters" in page
    assert "\u2068افتتاح جسر المشاة\u2069" in page


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "html", "parquet"])
def test_format_follows_the_name_of_the_output(isnad, articles, tmp_path, form):
    path = tmp_path / f"report.{form}"
    run = isnad("report", articles, "--output", path)
    assert (run.code, run.out) == (0, b"")
    data = path.read_bytes()
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        assert {row["id"] for row in rows} == {"ar-1", "ar-2", "en-1", "en-2"}
    elif form == "parquet":
        assert pyarrow.parquet.read_table(path).num_rows == 4
    elif form == "html":
        assert data.startswith(b"<!doctype html>")
    else:
        assert data.startswith(b"{")


def test_page_language_can_be_chosen(isnad, articles):
    for language in ("ar", "en"):
        page = isnad("report", articles, "--format", "html", "--ui-lang", language).out
        assert f'<html lang="{language}"'.encode() in page


def test_matches_and_candidates_go_to_their_files(isnad, articles, tmp_path):
    matches, candidates = tmp_path / "matches.jsonl", tmp_path / "candidates.jsonl"
    run = isnad(
        "report", articles, "--matches", matches, "--candidates", candidates, "--format", "jsonl"
    )
    assert run.code == 0
    found = [valid("match", json.loads(line)) for line in matches.read_bytes().splitlines()]
    assert {(m["left"], m["right"]) for m in found} >= {("ar-1", "ar-2"), ("en-1", "en-2")}
    assert all(m["left"] < m["right"] for m in found)
    pairs = [valid("candidate", json.loads(line)) for line in candidates.read_bytes().splitlines()]
    matched = {(m["left"], m["right"]) for m in found}
    assert matched <= {(p["left"], p["right"]) for p in pairs}


def test_spans_of_a_match_are_the_same_words_in_both_bodies(isnad, articles, tmp_path):
    path = tmp_path / "matches.jsonl"
    isnad("report", articles, "--matches", path)
    bodies = {r["id"]: r["body"] for r in map(json.loads, articles.read_text().splitlines())}
    found = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert len(found) == 2
    for match in found:
        assert match["spans"]
        for start, end, other_start, other_end in match["spans"]:
            ours = bodies[match["left"]][start:end]
            theirs = bodies[match["right"]][other_start:other_end]
            assert ours.split() == theirs.split()


@pytest.mark.parametrize("words", [["--jobs", "1"], ["--jobs", "2"], []])
def test_jobs_do_not_change_a_byte_of_the_clusters(isnad, articles, words):
    assert (
        isnad("report", articles, "--format", "jsonl", *words).out
        == isnad("report", articles, "--format", "jsonl").out
    )


def test_order_of_the_input_does_not_change_a_byte_of_the_clusters(isnad, articles):
    lines = articles.read_bytes().splitlines()
    other = articles.with_name("reversed.jsonl")
    other.write_bytes(b"\n".join(reversed(lines)))
    assert (
        isnad("report", other, "--format", "jsonl").out
        == isnad("report", articles, "--format", "jsonl").out
    )


def test_min_size_leaves_smaller_clusters_out(isnad, articles):
    assert isnad("report", articles, "--min-size", "3", "--format", "jsonl").out == b""
    assert len(isnad("report", articles, "--min-size", "1", "--format", "jsonl").lines) == 3


def test_standard_input_is_read(start, articles):
    process = start("report", "-", "--format", "jsonl")
    out, _ = process.communicate(articles.read_bytes())
    assert process.returncode == 0
    assert sets(map(json.loads, out.splitlines())) == TWO_CLUSTERS


def test_fields_can_be_renamed(isnad, articles):
    other = articles.with_name("renamed.jsonl")
    other.write_text(articles.read_text().replace('"body"', '"the words"'))
    run = isnad("report", other, "--field", "body=the words", "--format", "jsonl")
    assert sets(run.lines) == TWO_CLUSTERS


def test_rejects_are_told_and_the_rest_is_whole(isnad, broken):
    run = isnad("report", broken, "--format", "jsonl")
    assert run.code == 1
    assert sets(run.lines) == TWO_CLUSTERS
    assert "isnad: 3 records rejected (" in run.err
    assert f"{broken}:2: " in run.err


def test_rejects_file_holds_every_reject(isnad, broken, tmp_path):
    path = tmp_path / "rejects.jsonl"
    run = isnad("report", broken, "--rejects", path, "--format", "jsonl")
    assert run.code == 1
    rejects = [valid("reject", json.loads(line)) for line in path.read_bytes().splitlines()]
    assert sorted(reject["record"] for reject in rejects) == [1, 2, 3]
    assert {reject["file"] for reject in rejects} == {str(broken)}
    assert f"{broken}:2: " not in run.err


def test_quiet_says_nothing_and_keeps_the_exit_code(isnad, broken):
    run = isnad("report", broken, "--quiet", "--format", "jsonl")
    assert (run.code, run.err) == (1, "")


def test_truncated_gzip_is_a_reject_and_its_whole_lines_are_read(isnad, articles):
    data = articles.read_bytes()
    noise = "".join(chr(0x4E00 + (n * 7919) % 20000) for n in range(200_000))
    tail = json.dumps({"id": "long", "body": noise}, ensure_ascii=False).encode()
    path = articles.with_name("cut.jsonl.gz")
    path.write_bytes(gzip.compress(data + tail)[:-50_000])
    run = isnad("report", path, "--format", "jsonl")
    assert run.code == 1
    assert sets(run.lines) == TWO_CLUSTERS


def test_empty_input_is_an_empty_report(isnad, tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    run = isnad("report", path, "--input-format", "jsonl")
    assert run.code == 0
    assert b"No two articles carry the same text." in run.out
    assert isnad("report", path, "--input-format", "jsonl", "--format", "jsonl").out == b""


def test_hostile_titles_come_through_every_format(isnad, articles, tmp_path):
    records = [json.loads(line) for line in articles.read_text().splitlines()]
    titles = (
        "</script><script>alert(1)</script>",
        '=HYPERLINK("http://evil.example")',
        "\u202e\x1b[31m",
        "م" * 1_000_000,
    )
    for record, title in zip(records, titles, strict=False):
        record["title"] = title
    path = tmp_path / "hostile.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    page = isnad("report", path, "--format", "html").out.decode()
    assert "<script>alert" not in page
    assert page.count("<script") == 3
    assert "\u202e" not in page
    assert b"\x1b" not in isnad("report", path).out
    rows = list(csv.DictReader(io.StringIO(isnad("report", path, "--format", "csv").out.decode())))
    assert not [row for row in rows if row["title"].startswith("=")]
    assert len(isnad("report", path, "--format", "jsonl").lines) == 2


def test_threshold_changes_what_is_reported_as_copy(isnad, articles):
    strict = isnad("report", articles, "--threshold", "1", "--format", "json")
    assert json.loads(strict.out)["summary"]["clusters"] <= 2
    assert strict.code == 0


def test_configuration_file_is_used(isnad, articles, tmp_path):
    path = tmp_path / "isnad.toml"
    path.write_text("bands = 32\nrows = 4\n")
    ours = json.loads(isnad("report", articles, "--config", path, "--format", "json").out)
    default = json.loads(isnad("report", articles, "--format", "json").out)
    assert ours["summary"]["config_id"] != default["summary"]["config_id"]
    path.write_text("bands = 1000\n")
    run = isnad("report", articles, "--config", path)
    assert run.code == 2
    assert "bands = 1000 is not allowed" in run.err


def test_statistics_are_learned_and_adopted(isnad, articles, tmp_path):
    learned = tmp_path / "learned.npz"
    run = isnad("statistics", "learn", articles, "--output", learned)
    assert run.code == 0
    assert "learned from 3 stories" in run.err
    config = tmp_path / "isnad.toml"
    config.write_text('statistics = "learned.npz"\n')
    run = isnad("report", articles, "--config", config, "--format", "jsonl")
    assert run.code == 0


def test_a_work_folder_is_kept_and_taken_over(isnad, articles, tmp_path):
    first = isnad("report", articles, "--format", "csv", "--work-dir", tmp_path / "work")
    assert (tmp_path / "work" / "verify.json").exists()
    again = isnad("report", articles, "--format", "csv", "--work-dir", tmp_path / "work")
    assert (again.code, again.out) == (0, first.out)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--master", "local[1]"], "--engine spark"),
        (["--engine", "spark", "--limit", "3"], "--limit"),
        (["--engine", "spark"], "--output"),
        (["--engine", "spark", "--learn"], "--learn"),
        (["--against", "a", "--no-learn"], "--learn is not for --against"),
        (["--against", "a", "--work-dir", "./a"], "name a new one"),
    ],
)
def test_options_of_the_other_engine_are_refused(isnad, articles, options, says):
    run = isnad("report", articles, *options)
    assert run.code == 2
    assert says in run.err


def test_an_output_that_ends_like_no_format_is_refused(isnad, articles, tmp_path):
    run = isnad("report", articles, "--output", tmp_path / "report.foo")
    assert run.code == 2
    assert "say --format" in run.err
    assert isnad("report", articles, "--format", "csv", "-o", tmp_path / "report.foo").code == 0
    assert isnad("report", articles, "--output", tmp_path / "report.txt").code == 0


@pytest.mark.parametrize("command", [["report"], ["statistics", "learn"]])
def test_a_named_body_that_no_record_has_is_a_mistake_of_the_command(
    isnad, articles, tmp_path, command
):
    target = tmp_path / "out.json"
    run = isnad(*command, articles, "--field", "body=nowhere", "--output", target)
    assert run.code == 2
    assert "5 records has text under nowhere" in run.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("master", "java", "said"),
    [("nonsense", None, "begins with"), ("local[1]", "/nowhere", "JAVA_HOME")],
)
def test_spark_that_does_not_start_is_one_sentence(start, articles, tmp_path, master, java, said):
    words = ("--engine", "spark", "--master", master, "-o", tmp_path / "out")
    process = start("report", articles, *words, env={"JAVA_HOME": java} if java else None)
    _, err = process.communicate()
    last = err.decode().splitlines()[-1]
    assert last.startswith(f"isnad: Spark does not start on --master {master}: ")
    assert said in last
    assert process.returncode == 2


def test_judgements_are_heeded_and_those_of_absent_articles_counted(isnad, articles, tmp_path):
    path = tmp_path / "judgements.jsonl"
    path.write_text(
        '{"kind": "cannot_link", "left": "ar-1", "right": "ar-2"}\n'
        '{"kind": "must_link", "left": "x-1", "right": "en-2"}\n'
        '{"kind": "pin_original", "left": "gone"}\n'
    )
    run = isnad("report", articles, "--judgements", path, "--format", "jsonl")
    assert sets(valid("cluster", cluster) for cluster in run.lines) == [{"en-1", "en-2", "x-1"}]
    assert run.err == "isnad: 1 judgement speaks of articles that INPUT does not hold\n"
    assert isnad("report", articles, "--judgements", path, "-o", path).code == 2
