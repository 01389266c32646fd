from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.errors import FieldUnknown, InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, plan, read

BODIES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
).filter(lambda text: not text.isspace())


def read_file(path: Path, options: ReadOptions | None = None) -> list[Article | Reject]:
    return [item for part in plan([str(path)], options) for item in read(part, options)]


def write(folder: Path, data: bytes | str, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def told(items: list[Article | Reject]) -> list[str]:
    return [
        item.id if isinstance(item, Article) else f"{item.record}:{item.reason}" for item in items
    ]


@given(bodies=st.lists(BODIES, min_size=1, max_size=5), delimiter=st.sampled_from(",;\t|"))
@settings(max_examples=80)
def test_any_text_comes_back_unchanged(
    bodies: list[str], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["id", "body", "title"])
    writer.writerows([str(number), body, body] for number, body in enumerate(bodies))
    path = write(tmp_path_factory.mktemp("round"), text.getvalue())
    items = read_file(path)
    assert [item.body for item in items if isinstance(item, Article)] == bodies
    assert told(items) == [str(number) for number in range(len(bodies))]


def test_line_ends_inside_quotes_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,body\r\n1,"a\r\nb\nc\rd"\r\n\r\n2,x\r\n')
    items = read_file(path)
    assert [item.body for item in items if isinstance(item, Article)] == ["a\r\nb\nc\rd", "x"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1", "row_invalid"),
        ("1,a,b", "row_invalid"),
        ('1,"a"b', "row_invalid"),
        ("1,", "body_empty"),
        ('1,"  "', "body_empty"),
        ("1,a\0b", "nul"),
        ("x" * 513 + ",a", "id_invalid"),
        (b"1,caf\xe9", "encoding_invalid"),
    ],
)
def test_a_bad_row_is_rejected_and_the_rest_goes_on(
    row: str | bytes, reason: str, tmp_path: Path
) -> None:
    bad = row if isinstance(row, bytes) else row.encode()
    path = write(tmp_path, b"id,body\nfirst,x\n" + bad + b"\nlast,y\n")
    assert told(read_file(path)) == ["first", f"2:{reason}", "last"]


def test_a_quote_nobody_closed_costs_one_row(tmp_path: Path) -> None:
    rows = "".join(f"{number},text {number}\n" for number in range(50))
    items = read_file(write(tmp_path, f'id,body\n{rows}open,"never closed\n{rows}'))
    assert told(items) == [*map(str, range(50)), "51:row_invalid", *map(str, range(50))]
    items = read_file(write(tmp_path, f'id,body\nopen,"never closed\na,"x"\n{rows}'))
    assert told(items) == ["1:row_invalid", "a", *map(str, range(50))]


def test_hostile_quotes_cost_linear_time(tmp_path: Path) -> None:
    # Each row leaves a quote open in whatever state the one before it left: n² without a budget.
    path = write(tmp_path, "id,body\n" + 'a","""\n' * 60_000)
    items = read_file(path, ReadOptions(max_body_bytes=2_000_000))
    assert {item.reason for item in items if isinstance(item, Reject)} == {"row_invalid"}


def test_a_row_of_endless_cells_is_one_reject(tmp_path: Path) -> None:
    path = write(tmp_path, "id,body\n1,x\n" + "a," * 2_000_000 + "\n2,y\n")
    assert told(read_file(path, ReadOptions(max_body_bytes=1000))) == [
        "1",
        "2:record_too_large",
        "2",
    ]


def test_a_body_over_the_limit_is_said_to_be(tmp_path: Path) -> None:
    path = write(tmp_path, "id,body\n1," + "x" * 1001 + "\n2,y\n")
    assert told(read_file(path, ReadOptions(max_body_bytes=1000))) == ["1:body_too_large", "2"]


def test_empty_cells_are_missing_values(tmp_path: Path) -> None:
    path = write(tmp_path, "id,source,publisher,title,date,body\n,,P,,,x\n")
    (item,) = read_file(path)
    assert isinstance(item, Article)
    assert (item.outlet, item.title, item.published, item.warnings) == ("P", "", None, ())
    assert len(item.id) == 32


def test_columns_are_found_in_any_spelling_behind_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbfID;Headline;Article Text;Pub Date\n1;t;x;2024-01-01\n")
    (item,) = read_file(path)
    assert isinstance(item, Article)
    assert (item.id, item.title, item.body) == ("1", "t", "x")
    assert item.published is not None


def test_a_missing_column_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    path = write(tmp_path, "id,body\n1,x\n")
    with pytest.raises(FieldUnknown, match="id, body"):
        plan([str(path)], ReadOptions(fields={"title": "headline"}))
    with pytest.raises(FieldUnknown, match="'body'"):
        plan([str(write(tmp_path, "id,teaser\n1,x\n"))])
    with pytest.raises(InputUnreadable, match="no header line"):
        plan([str(write(tmp_path, ""))])


def test_a_named_column_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "nr;was da steht;text\n7;dies;das\n")
    options = ReadOptions(fields={"id": "nr", "body": "was da steht"})
    (item,) = read_file(path, options)
    assert isinstance(item, Article)
    assert (item.id, item.body) == ("7", "dies")


def test_tab_separated_text_is_its_own_format(tmp_path: Path) -> None:
    path = write(tmp_path, 'id\tbody\n1\ta, b; c\n2\t"x\ty"\n', "in.tsv")
    assert [item.body for item in read_file(path) if isinstance(item, Article)] == [
        "a, b; c",
        "x\ty",
    ]
