"""JSON, JSON Lines, CSV and Parquet hold the whole result in the published shapes."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet
import pytest

from dedupe.errors import ReportFormatUnknown
from dedupe.report import FORMATS, write_report
from dedupe.report.as_csv import COLUMNS, guard
from dedupe.report.encode import encode_json

TEXT_COLUMNS = {"cluster_id", "id", "outlet", "title", "via", "credits", "quotes", "original"}


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_json_lines_hold_a_cluster_a_line_in_the_published_shape(render, result, check):
    lines = render(result, "jsonl").splitlines()
    clusters = [json.loads(line) for line in lines]
    assert [cluster["cluster_id"] for cluster in clusters] == ["c-ar", "c-en", "c-unknown"]
    for cluster in clusters:
        check("cluster", cluster)


def test_json_is_one_object_in_the_published_shape(render, result, check):
    report = json.loads(render(result, "json"))
    check("report", report)
    assert report["summary"]["articles"] == 120
    assert len(report["clusters"]) == 3
    assert {"source": "northwire", "carrier": None} in [
        {"source": flow["source"], "carrier": flow["carrier"]} for flow in report["flows"]
    ]


def test_json_without_clusters_is_still_one_object(render, result, check):
    empty = type(result)(result.summary, [])
    report = json.loads(render(empty, "json"))
    check("report", report)
    assert report["clusters"] == []


def test_times_are_written_in_utc_with_their_offset(render, result):
    member = json.loads(render(result, "jsonl").splitlines()[0])["members"][0]
    assert member["published"] == "2026-03-04T08:15:00Z"


def test_csv_has_a_row_a_member(render, result):
    rows = read_csv(render(result, "csv"))
    assert [row["id"] for row in rows] == [m.id for c in result.found for m in c.members]
    assert tuple(rows[0]) == COLUMNS
    assert rows[1]["credits"] == "صحيفة الميناء"
    assert rows[1]["origin_outlet"] == "صحيفة الميناء"
    assert rows[2]["linked_clusters"] == "c-en"
    assert rows[0]["similarity"] == ""


def test_csv_begins_with_a_byte_order_mark_only_on_request(render, result):
    assert render(result, "csv", byte_order_mark=True).startswith(b"\xef\xbb\xbfcluster_id,")
    assert render(result, "csv").startswith(b"cluster_id,")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1", "＋1", "\ufeff=1", "\n-1"],
)
def test_text_that_a_spreadsheet_would_run_is_guarded(text):
    assert guard(text).startswith("'")


@pytest.mark.parametrize("text", ["plain", "عنوان", "1 - 2", "a=b", ""])
def test_other_text_is_left_alone(text):
    assert guard(text) == text


def test_no_csv_cell_of_a_hostile_result_is_a_formula(render, hostile_result):
    rows = read_csv(render(hostile_result, "csv"))
    assert len(rows) == sum(cluster.size for cluster in hostile_result.found)
    for row in rows:
        for name in TEXT_COLUMNS:
            assert row[name].lstrip()[:1] not in ("=", "+", "-", "@"), name


def test_parquet_has_a_row_a_member_with_typed_columns(render, result, tmp_path):
    path = tmp_path / "report.parquet"
    path.write_bytes(render(result, "parquet"))
    table = pyarrow.parquet.read_table(path)
    assert table.schema.names == [*COLUMNS, "attributions"]
    rows = table.to_pylist()
    assert rows[0]["id"] == "minaa-1"
    assert rows[0]["published"].isoformat() == "2026-03-04T08:15:00+00:00"
    assert rows[1]["attributions"][0]["trust"] == "notice"
    assert rows[1]["attributions"][0]["start"] == 900
    assert rows[3]["similarity"] == 0.41


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_a_hostile_result_whole(form, render, hostile_result):
    assert render(hostile_result, form)


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_hostile_text_comes_out_of_json_as_it_went_in(form, render, hostile_result, check):
    data = render(hostile_result, form)
    clusters = (
        json.loads(data)["clusters"] if form == "json" else [*map(json.loads, data.splitlines())]
    )
    for cluster, wanted in zip(clusters, hostile_result.found, strict=True):
        title = wanted.members[0].title
        if not title.startswith("lone"):
            assert cluster["members"][0]["title"] == title
        else:
            assert cluster["members"][0]["title"] == "lone \ufffd surrogate"
        wanted_id = wanted.members[0].id
        assert len(cluster["members"][0]["id"]) == len(wanted_id)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_result_gives_the_same_bytes(form, render, result):
    assert render(result, form) == render(result, form)


def test_unknown_format_is_refused_with_the_formats_there_are(result):
    with pytest.raises(ReportFormatUnknown, match="'xml'; use one of table, json"):
        write_report(result, "xml", io.BytesIO())


def test_encoding_keeps_pairs_of_surrogates_and_replaces_lone_ones():
    assert json.loads(encode_json({"a": "x\ud800", "b": "\U0001f600"})) == {
        "a": "x\ufffd",
        "b": "\U0001f600",
    }


def test_encoding_refuses_what_has_no_json_form():
    with pytest.raises(TypeError):
        encode_json(object())


def test_csv_cells_hold_no_control_characters():
    assert guard("a\x1b[31mb\x00\x85\tc\nd") == "a\ufffd[31mb\ufffd\ufffd\tc\nd"
