"""What every catalogue promises: one parameter for each kind of database.

A new kind is a parameter of the fixture; texts, pairs and clusters are rows as
`dedupe.catalog.rows` names them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from dedupe.answers import ChangeKind, ClusterQuery
from dedupe.catalog import open_catalog
from dedupe.catalog.lists import cluster_page
from dedupe.catalog.postgres import open_server
from dedupe.catalog.rows import (
    ClusterFacts,
    ContentRow,
    JudgementRow,
    LedgerRow,
    Link,
    Placement,
    TextRow,
)
from dedupe.catalog.tables import CURRENT, SUPERSEDED, texts, titles
from dedupe.errors import CatalogMismatch

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds of the years 1 and 9999."""
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def catalog(request, tmp_path) -> Iterator:
    if request.param == "sqlite":
        opened = open_catalog(tmp_path / "catalogue.sqlite")
    else:
        opened = open_server(request.getfixturevalue("postgres_url"))
    yield opened
    opened.close()


def text_row(number, name, revision=b"r", **more):
    values = {
        "number": number, "id": name, "revision": revision, "rank": number, "age": None,
        "rest": b"rest", "state": CURRENT, "arrived": number, "outlet": None, "outlet_key": None,
        "url": None, "title": "", "lang": None, "published": None, "modified": None, "seen": None,
        "words": 3, "cluster": None, "credit": None, "origin": None,
    }  # fmt: skip
    return TextRow(**{**values, **more})


def wide_row(number, configuration=1, **more):
    values = {"body": b"body", "details": b"details", "signature": b"\x00\xff", "keys": b"\x01" * 8}
    return ContentRow(number=number, configuration=configuration, **{**values, **more})


def link(left, right, probability=0.9):
    return Link(left, right, 1, probability, 0.5, 0.75, 0.625, True, 1 << 61)


def facts(number, **more):
    values = {
        "number": number, "born": number, "size": 2, "outlets": 1, "title": "", "first": None,
        "newest": None, "credited": 0, "uncredited": 0, "original": None, "outlet": None,
        "confidence": 0.0, "provenance": None,
    }  # fmt: skip
    return ClusterFacts(**{**values, **more})


def store(catalog, rows, links=()):
    with catalog.writing() as writer:
        configuration = writer.configuration("one")
        writer.add_texts(rows, [wide_row(row.number, configuration) for row in rows])
        writer.add_links(links)


def test_a_text_comes_back_as_it_was_stored(catalog) -> None:
    row = text_row(
        7, "معرّف/\U0001f4f0", b"\x00\x01\xff", rank=LOWEST, age=EARLIEST, rest=b"", arrived=HIGHEST,
        outlet="صحيفة", outlet_key="key", url="https://a.example/?q='\"%s", title="x" * 5000,
        lang="ar", published=EARLIEST, modified=LATEST, seen=0, words=0, cluster=LOWEST,
        credit="credited", origin="البوابة",
    )  # fmt: skip
    wide = wide_row(7, body=bytes(range(256)) * 999, details=b"", signature=b"\x00", keys=b"")
    with catalog.writing() as writer:
        assert writer.configuration("one") == 1
        writer.add_texts([row], [wide])
    with catalog.reading() as reader:
        assert reader.texts([7, 8]) == {7: row}
        assert reader.contents([7, 8]) == {7: wide}
        assert reader.bodies([7]) == {7: (wide.body, wide.details)}
        assert reader.details([7]) == {7: wide.details}
        (head,) = reader.heads(["معرّف/\U0001f4f0", "another"])
        assert head == tuple(getattr(row, name) for name in head._fields)
        assert type(head.revision) is type(reader.contents([7])[7].body) is bytes


def test_many_are_read_in_one_call_and_each_once(catalog) -> None:
    rows = [text_row(number, f"a{number % 700}", b"%d" % number) for number in range(1, 1401)]
    store(catalog, rows)
    with catalog.reading() as reader:
        assert reader.texts([*range(1, 1401), 5, 5]) == {row.number: row for row in rows}
        assert len(reader.heads(f"a{number}" for number in range(700))) == 1400
        assert reader.numbers(CURRENT).tolist() == list(range(1, 1401))
        assert reader.numbers(SUPERSEDED).tolist() == []
        assert reader.count(texts) == 1400
        (keys,) = reader.keys(reader.numbers(CURRENT)[:3])
        assert sorted(set(keys)) == [(n, n, None, b"\x01" * 8) for n in (1, 2, 3)]


def test_one_revision_of_an_article_is_stored_once(catalog) -> None:
    store(catalog, [text_row(1, "a", b"r")])
    with pytest.raises(IntegrityError), catalog.writing() as writer:
        writer.add_texts([text_row(2, "a", b"r")], [wide_row(2)])
    with catalog.reading() as reader:
        assert reader.numbers(CURRENT).tolist() == [1]


def test_what_raises_inside_a_transaction_leaves_nothing(catalog) -> None:
    def write_and_fail():
        with catalog.writing() as writer:
            writer.add_texts([text_row(1, "a")], [wide_row(1, writer.configuration("one"))])
            writer.put_counters({"text": 1})
            assert [head.number for head in writer.heads(["a"])] == [1]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with catalog.reading() as reader:
        assert reader.heads(["a"]) == []
        assert "text" not in reader.counters()
    store(catalog, [text_row(1, "a")])


@pytest.mark.parametrize("quick", [False, True])
def test_what_follows_a_transaction_is_told_when_it_is_durable(catalog, quick: bool) -> None:
    def store_one(writer):
        writer.add_texts([text_row(1, "a")], [wide_row(1, writer.configuration("one"))])

        def look():  # needs a connection of its own while the transaction ends
            with catalog.reading() as reader:
                return [head.number for head in reader.heads(["a"])]

        return look

    assert catalog.write(store_one, quick=quick)() == [1]

    def store_and_stumble(writer):
        writer.put_counters({"text": 7})
        return lambda: 1 // 0

    told = catalog.write(store_and_stumble, quick=quick)
    with pytest.raises(ZeroDivisionError):
        told()
    with catalog.reading() as reader:
        assert reader.counters()["text"] == 7
    with pytest.raises(ZeroDivisionError):
        catalog.write(lambda writer: writer.put_counters({"text": 8 // 0}), quick=quick)
    with catalog.reading() as reader:
        assert reader.counters()["text"] == 7


def test_readers_see_what_is_committed_and_nothing_else(catalog) -> None:
    seen: list[int] = []

    def look():
        with catalog.reading() as reader:
            seen.append(len(reader.heads(["a"])))

    with catalog.writing() as writer:
        writer.add_texts([text_row(1, "a")], [wide_row(1, writer.configuration("one"))])
        reading = threading.Thread(target=look)
        reading.start()
        reading.join()
    look()
    assert seen == [0, 1]


def test_writers_take_turns(catalog) -> None:
    store(catalog, [])

    def count_up():
        for _ in range(5):
            with catalog.writing() as writer:
                writer.put_counters({"text": writer.counters().get("text", 0) + 1})

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalog.reading() as reader:
        assert reader.counters()["text"] == 20


def test_a_removed_text_takes_contents_and_pairs_along(catalog) -> None:
    rows = [text_row(number, f"a{number}") for number in (1, 2, 3)]
    store(catalog, rows, [link(1, 2), link(2, 3), link(1, 3)])
    with catalog.writing() as writer:
        writer.drop_texts([2, 99])
    with catalog.reading() as reader:
        assert sorted(reader.contents([1, 2, 3])) == [1, 3]
        assert reader.links([1, 2, 3]) == [link(1, 3)]
    store(catalog, [text_row(4, "a2")])  # the name is free again


def test_pairs_are_found_from_either_end_once_and_in_order(catalog) -> None:
    store(catalog, [text_row(number, f"a{number}") for number in range(1, 6)])
    with catalog.writing() as writer:
        writer.add_links([link(3, 1, 0.25), link(1, 2), link(2, 4)])
    with catalog.reading() as reader:
        assert reader.links([1, 3]) == [link(1, 2), link(3, 1, 0.25)]
        assert reader.links([5]) == []
    with catalog.writing() as writer:
        writer.drop_links([1])
        assert writer.links([1, 2, 3, 4]) == [link(2, 4)]


def test_a_pair_of_an_unknown_text_is_refused(catalog) -> None:
    store(catalog, [text_row(1, "a")])
    with pytest.raises(IntegrityError), catalog.writing() as writer:
        writer.add_links([link(1, 2)])


def test_texts_are_placed_and_members_listed(catalog) -> None:
    store(catalog, [text_row(number, f"a{number}") for number in (1, 2, 3)])
    with catalog.writing() as writer:
        writer.place([Placement(9, "credited", "wire", CURRENT, number) for number in (3, 1)])
        writer.place([Placement(None, None, None, SUPERSEDED, 2)])
    with catalog.reading() as reader:
        assert reader.members([9, 10]) == {9: [1, 3]}
        assert reader.texts([1])[1][-3:] == (9, "credited", "wire")
        assert reader.numbers(SUPERSEDED).tolist() == [2]


@pytest.mark.parametrize(
    ("title", "asked", "found"),
    [
        ("Résumé ÉCLAIR", "résumé éclair", True),
        ("Résumé ÉCLAIR", "RESUME  ecl", True),
        ("أزمة الميناء", "ازمة", True),
        ("الأَزْمَةُ", "الازمه", True),
        ("100% of_it", "100% of_it", True),
        ("100% of_it", "1%t", False),
        ("What?! No", "?!", True),
        ("What?! No", "!?", False),
        ("\0", "x", False),
        ("", "x", False),
    ],
)
def test_titles_are_found_as_words_are_compared(catalog, title, asked, found) -> None:
    store(catalog, [text_row(1, "a", title=title, cluster=5), text_row(2, "b", title="Other")])
    with catalog.writing() as writer:
        writer.put_clusters([facts(5)])
    with catalog.reading() as reader:
        rows = cluster_page(reader, ClusterQuery(title=asked), None, None)
        assert [row.number for row in rows] == [5] * found
    with catalog.writing() as writer:
        writer.drop_texts([1])
        assert writer.count(titles) == 1


def test_clusters_are_stored_in_place_of_what_they_were(catalog) -> None:
    first = facts(1, title="عنوان", first=EARLIEST, newest=LATEST, provenance=b"\x00\x01")
    second = facts(HIGHEST, size=3, original="a", outlet="o", confidence=0.123456789012345)
    with catalog.writing() as writer:
        writer.put_clusters([first, second])
        writer.put_clusters([first._replace(size=5)])
        writer.drop_clusters([77])
    with catalog.reading() as reader:
        assert reader.clusters([1, HIGHEST, 5]) == {1: first._replace(size=5), HIGHEST: second}
    with catalog.writing() as writer:
        writer.drop_clusters([1])
        assert list(writer.clusters([1, HIGHEST])) == [HIGHEST]


def test_a_redirect_follows_a_cluster_that_is_merged_again(catalog) -> None:
    with catalog.writing() as writer:
        writer.move_clusters([(3, 2)])
        writer.move_clusters([(2, 1)])
    with catalog.reading() as reader:
        assert [reader.moved(old) for old in (3, 2, 1)] == [1, 1, None]
        assert reader.moved_into([1, 2]) == []
    with catalog.writing() as writer:
        writer.add_changes([LedgerRow(n, 0, 0, n, f"a{n}", None) for n in (1, 2, 3)])
        assert writer.moved_into([1, 2]) == [(2, 1, "a2"), (3, 1, "a3")]
        writer.drop_redirects([3, 99])
        assert writer.moved_into([1]) == [(2, 1, "a2")]


def test_the_ledger_is_read_in_order_from_any_line(catalog) -> None:
    lines = [LedgerRow(n, n * 10, 0, n, f"a{n}", None) for n in range(1, 8)]
    with catalog.writing() as writer:
        writer.add_changes(lines[4:])
        writer.add_changes(lines[:4])
    with catalog.reading() as reader:
        assert reader.changes(0, 100) == lines
        assert reader.changes(2, 3) == lines[2:5]
        assert reader.changes(HIGHEST, 5) == []
        assert len(ChangeKind) < 256


def test_judgements_stand_until_they_are_taken_back(catalog) -> None:
    pair = JudgementRow(1, "must_link", "a", "b", "من", "note", LATEST, None, None)
    pin = JudgementRow(2, "pin_original", "a", None, "", "", 0, None, None)
    with catalog.writing() as writer:
        writer.add_judgements([pin, pair])
        assert writer.standing_judgements() == [pair, pin]
        writer.withdraw_judgement(1, 5, "someone")
    with catalog.reading() as reader:
        assert reader.standing_judgements() == [pin]
        assert reader.judgement(1) == pair._replace(withdrawn=5, withdrawn_by="someone")
        assert reader.judgement(3) is None
    with pytest.raises(IntegrityError), catalog.writing() as writer:
        writer.add_judgements([pin._replace(number=3, right="b")])


def test_facts_counters_and_configurations_are_kept(catalog) -> None:
    with catalog.writing() as writer:
        assert [writer.configuration(name) for name in ("one", "two", "one")] == [1, 2, 1]
        writer.put_counters({"text": 5, "ledger": HIGHEST})
        writer.put_counters({"text": 6})
        writer.put_facts({"name": "قيمة"})
    with catalog.reading() as reader:
        assert reader.counters() == {"text": 6, "ledger": HIGHEST}
        assert reader.facts()["name"] == "قيمة"
        assert reader.facts()["catalog_id"] == catalog.catalog_id != ""


def test_another_configuration_is_refused_unless_it_is_adopted(catalog) -> None:
    catalog.use_configuration("one")
    catalog.use_configuration("one")
    with pytest.raises(CatalogMismatch, match="one"):
        catalog.use_configuration("two")
    catalog.use_configuration("two", adopt=True)
    with catalog.reading() as reader:
        assert reader.facts()["config_id"] == "two"
