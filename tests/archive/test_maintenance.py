"""`isnad reindex`, `export`, `import`, `db upgrade`: another state of the same archive."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from dataclasses import replace

import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from archive.conftest import Clock, copies, make_article, matches_of, partition_of, read_files
from sqlalchemy import create_engine, text

from dedupe.answers import ClusterQuery, Judgement, JudgementKind
from dedupe.archive import open_archive
from dedupe.archive.exchange import (
    _export_lines,
    export_archive,
    import_archive,
    read_lines,
)
from dedupe.archive.local import open_core
from dedupe.archive.reindexing import reindex
from dedupe.catalog import open_catalog, upgrade_catalog
from dedupe.catalog.schema import newest_version
from dedupe.catalog.tables import metadata
from dedupe.cli import main
from dedupe.config import default_config, load_config
from dedupe.errors import CatalogMismatch, CatalogVersion, ExportInvalid, InputUnreadable
from dedupe.models import Cluster
from dedupe.report.encode import encode_line


@pytest.fixture
def filled(tmp_path, seeds, clock):
    """(path of an archive with the seeds in it, their ids)."""
    articles = read_files(sorted(seeds.glob("*.jsonl")))
    archive = open_archive(tmp_path / "seeds.db", clock)
    archive.ingest(articles, evidence=False)
    archive.judge(Judgement(JudgementKind.MUST_LINK, articles[0].id, articles[-1].id, "me"))
    archive.delete(articles[1].id)
    archive.close()
    return tmp_path / "seeds.db", [article.id for article in articles]


def state_of(path, ids, clock, config=None):
    archive = open_archive(path, clock, config)
    changes = archive.changes(0, 1000)
    clusters = {name: archive.article(name).cluster_id for name in ids if archive.article(name)}
    state = (partition_of(archive), matches_of(archive, ids), clusters, changes)
    redirects = [c.other for c in changes if c.kind.value == "merged"]
    moved = [archive.cluster(name) for name in redirects]
    assert not any(isinstance(found, Cluster) for found in moved)
    archive.close()
    return (*state, moved)


def export(path):
    out = io.BytesIO()
    catalog = open_catalog(path, create=False, own=False)
    export_archive(catalog, out)
    catalog.close()
    return out.getvalue().splitlines(keepends=True)


def test_reindexing_under_the_same_configuration_changes_nothing(filled, clock) -> None:
    path, ids = filled
    before = state_of(path, ids, clock)
    with open_core(path, clock, default_config()) as core:
        assert reindex(core) == len(ids) - 1
    assert state_of(path, ids, clock) == before


def test_commands_that_take_long_tell_how_far_they_are(filled, tmp_path, monkeypatch) -> None:
    path, ids = filled
    told = []

    @contextmanager
    def show(quiet):
        yield None if quiet else lambda *call: told.append(call)

    monkeypatch.setattr("dedupe.cli.archive.show_progress", show)
    written = tmp_path / "all.jsonl"
    written.write_bytes(b"".join(export(path)))
    assert main(["reindex", str(path)]) == 0
    assert told.pop() == ("computed", len(ids) - 1, len(ids) - 1)
    assert main(["import", str(tmp_path / "new.db"), str(written)]) == 0
    assert told.pop() == ("read", len(ids) - 1, None)


def test_the_command_that_a_mismatch_names_takes_the_configuration_of_the_service(
    filled, clock, tmp_path, monkeypatch
) -> None:
    path, _ = filled
    own = tmp_path / "own.toml"
    own.write_text("threshold = 0.99\n")
    config = load_config(own)
    with pytest.raises(CatalogMismatch, match="--config, or ISNAD_CONFIG"):
        open_archive(path, clock, config)
    monkeypatch.setenv("ISNAD_CONFIG", str(own))
    assert main(["reindex", str(path)]) == 0
    open_archive(path, clock, config).close()
    monkeypatch.setenv("ISNAD_CONFIG", str(tmp_path / "none.toml"))
    assert main(["reindex", str(path), "--config", str(own)]) == 0
    assert main(["reindex", str(path)]) == 2


def test_reindexing_adopts_another_configuration(filled, clock) -> None:
    path, ids = filled
    config = default_config().with_threshold(0.99)
    with open_core(path, clock, config) as core:
        reindex(core)
    with pytest.raises(CatalogMismatch):
        open_archive(path, clock)
    fresh = path.with_name("fresh.db")
    archive = open_archive(fresh, clock, config)
    stored = open_archive(path, clock, config)
    articles = [found.article for name in ids if (found := stored.article(name))]
    archive.ingest(articles, evidence=False)
    archive.judge(Judgement(JudgementKind.MUST_LINK, ids[0], ids[-1]))
    assert partition_of(stored) == partition_of(archive)
    assert matches_of(stored, ids) == matches_of(archive, ids)
    stored.close()
    archive.close()


def test_an_interrupted_reindexing_is_refused_until_it_is_done(filled, clock, monkeypatch) -> None:
    path, ids = filled
    before = state_of(path, ids, clock)
    monkeypatch.setattr("dedupe.archive.reindexing.cluster_all", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), open_core(path, clock, default_config()) as core:
        reindex(core)
    with pytest.raises(CatalogMismatch, match="reindex"):
        open_archive(path, clock)
    monkeypatch.undo()
    with open_core(path, clock, default_config()) as core:
        reindex(core)
    assert state_of(path, ids, clock) == before


def test_an_export_is_read_into_the_same_archive(filled, clock) -> None:
    path, ids = filled
    lines = export(path)
    copy = path.with_name("copy.db")
    with open_core(copy, clock, default_config()) as core:
        count, config_id = import_archive(core, lines, "export.jsonl")
    assert (count, config_id) == (len(ids) - 1, default_config().config_id)
    assert state_of(copy, ids, clock) == state_of(path, ids, clock)
    assert export(copy) == lines


BROKEN = [
    (b"not json\n", "not JSON"),
    (b'{"type":"text","id":"a"}\n', "not a line of an export"),
    (b'{"type":"else"}\n', "not a line of an export"),
    (b"[]\n", "not an object"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_a_broken_export_is_refused_with_its_line(filled, clock, line, reason) -> None:
    path, _ = filled
    lines = [*export(path)[:3], line, b'{"type":"end","lines":4}\n']
    copy = path.with_name("copy.db")
    wanted = pytest.raises(ExportInvalid, match=rf"x\.jsonl:4: {reason}")
    with wanted, open_core(copy, clock, default_config()) as core:
        import_archive(core, lines, "x.jsonl")
    with pytest.raises(CatalogMismatch):
        open_archive(copy, clock)


def test_an_export_with_a_pair_of_a_missing_text_is_refused(filled, clock) -> None:
    path, _ = filled
    folder, lines = path.parent, export(path)
    place = next(n for n, line in enumerate(lines) if b'"type":"match"' in line)
    match = orjson.loads(lines[place]) | {"left": 99_999}
    stray = [*lines[:place], orjson.dumps(match) + b"\n", *lines[place + 1 :]]
    with (
        open_core(folder / "new.db", clock, default_config()) as core,
        pytest.raises(ExportInvalid, match=r"x\.jsonl.*names a text that is missing"),
    ):
        import_archive(core, stray, "x.jsonl")


@pytest.mark.parametrize("kept", [slice(0, -1), slice(0, 4), slice(0, 1)])
def test_an_export_that_was_cut_off_is_refused(filled, clock, kept) -> None:
    path, _ = filled
    copy = path.with_name("copy.db")
    wanted = pytest.raises(ExportInvalid, match="cut off")
    with wanted, open_core(copy, clock, default_config()) as core:
        import_archive(core, export(path)[kept], "x.jsonl")
    with pytest.raises(CatalogMismatch):
        open_archive(copy, clock)


@pytest.mark.parametrize(
    "more", [b'{"type":"end","lines":1}\n', b'{"type":"moved","old":1,"new":2}\n']
)
def test_an_export_with_lines_too_many_or_too_few_is_refused(filled, clock, more) -> None:
    path, _ = filled
    lines = export(path)
    wanted = pytest.raises(ExportInvalid, match=r"behind the last one|were written before it")
    with wanted, open_core(path.with_name("a.db"), clock, default_config()) as core:
        import_archive(core, [*lines, more], "x")
    with wanted, open_core(path.with_name("b.db"), clock, default_config()) as core:
        import_archive(core, [*lines[:-2], lines[-1]], "x")


def test_a_changed_text_or_a_filled_archive_is_not_imported(filled, clock) -> None:
    path, _ = filled
    lines = export(path)
    row = json.loads(lines[1])
    changed = [lines[0], json.dumps({**row, "body": row["body"] + "x"}).encode()]
    changed.append(b'{"type":"end","lines":2}')
    wanted = pytest.raises(ExportInvalid, match="hash of the text")
    with wanted, open_core(path.with_name("copy.db"), clock, default_config()) as core:
        import_archive(core, changed, "x")
    wanted = pytest.raises(ExportInvalid, match="not empty")
    with wanted, open_core(path, clock, default_config()) as core:
        import_archive(core, lines, "x")


@pytest.mark.parametrize("rows", [2, 500])
def test_an_export_beside_a_running_service_is_read_back(
    filled, tmp_path, clock, monkeypatch, rows
) -> None:
    """Between two of its lines an article comes, one is revised and one is sent again."""
    path, ids = filled
    monkeypatch.setattr("dedupe.archive.exchange._ROWS_AT_ONCE", rows)
    archive = open_archive(path, clock)
    articles = [found.article for name in ids if (found := archive.article(name))]
    revised = replace(articles[0], body=articles[2].body, modified=clock())
    again = replace(articles[3], outlet="moved", modified=clock())
    pulled = []
    for line in _export_lines(archive._core.catalog):
        if pulled and pulled[-1]["type"] == "text" and line["type"] == "match":
            late = [make_article(f"late {n}", articles[2].body) for n in range(3)]
            archive.ingest(late, evidence=False)
        pulled.append(line)
        if len(pulled) == 3:  # the first texts were read, and are not current any more
            archive.ingest([revised, again, make_article("early", articles[3].body)])
    out = [encode_line(line) for line in [*pulled, {"type": "end", "lines": len(pulled)}]]
    with open_core(tmp_path / "copy.db", clock, default_config()) as core:
        import_archive(core, out, "export.jsonl")
    for article in late:
        archive.delete(article.id)
    copy = open_archive(tmp_path / "copy.db", clock)
    if rows == 500:  # all texts were read before the first line was given
        copy.ingest([revised, again, make_article("early", articles[3].body)])
    ids += ["early"]
    assert matches_of(copy, ids) == matches_of(archive, ids)
    assert partition_of(copy) == partition_of(archive)
    assert copy.summary().articles == archive.summary().articles
    assert copy.ingest([make_article("new", articles[2].body)])[0].matches
    archive.close()
    copy.close()


HOSTILE = [
    ("text", {"number": 1 << 70}),
    ("text", {"state": 0}),
    ("text", {"state": 7}),
    ("text", {"words": "many"}),
    ("text", {"published": 1 << 62}),
    ("match", {"relation": 99}),
    ("match", {"similarity": "all"}),
    ("cluster", {"size": 1 << 40}),
    ("cluster", {"provenance": {"chain": []}}),
    ("change", {"kind": -1}),
    ("judgement", {"kind": "something"}),
    ("moved", {"new": None}),
]


@pytest.mark.parametrize(("kind", "more"), HOSTILE)
def test_a_line_that_no_archive_wrote_is_refused(lines_by_kind, tmp_path, clock, kind, more):
    header, rows = lines_by_kind
    row = {"type": "moved", "old": 1, "new": 2} if kind == "moved" else rows[kind]
    lines = [header, json.dumps({**row, **more}).encode(), b'{"type":"end","lines":2}']
    wanted = pytest.raises(ExportInvalid, match=r"x\.jsonl:2: not a line of an export")
    with wanted, open_core(tmp_path / "a.db", clock, default_config()) as core:
        import_archive(core, lines, "x.jsonl")


@pytest.fixture(scope="module")
def lines_by_kind(tmp_path_factory):
    """The header of an export, and a line of each kind."""
    path = tmp_path_factory.mktemp("exported") / "a.db"
    archive = open_archive(path, Clock())
    archive.ingest(copies(1, 2))
    archive.judge(Judgement(JudgementKind.MUST_LINK, "1-0", "1-1", "me"))
    archive.close()
    header, *lines, _ = export(path)
    return header, {row["type"]: row for row in map(orjson.loads, lines)}


def test_a_line_without_end_is_not_read_whole(monkeypatch) -> None:
    monkeypatch.setattr("dedupe.archive.exchange._LONGEST_LINE", 10)
    lines = list(read_lines(io.BytesIO(b"x" * 100 + b"\nshort\n")))
    assert max(map(len, lines)) == 11
    assert b"".join(lines).endswith(b"\nshort\n")


def test_migrations_make_the_tables_the_program_works_with(tmp_path) -> None:
    open_catalog(tmp_path / "a.db").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("version", "remedy"), [(None, "isnad db upgrade"), ("9999", "newer version of isnad")]
)
def test_tables_of_another_version_are_refused(tmp_path, version, remedy) -> None:
    path = tmp_path / "a.db"
    open_catalog(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        if version is None:
            connection.execute(text("DELETE FROM alembic_version"))
        else:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    engine.dispose()
    with pytest.raises(CatalogVersion, match=remedy):
        open_catalog(path, create=False)


def test_an_upgrade_makes_titles_of_older_archives_findable(tmp_path, clock) -> None:
    path = tmp_path / "a.db"
    archive = open_archive(path, clock)
    archive.ingest([replace(each, title="Résumé") for each in copies(1, 2)])
    archive.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE titles"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    engine.dispose()
    with pytest.raises(CatalogVersion, match="isnad db upgrade"):
        open_archive(path, clock)
    assert upgrade_catalog(path) == ("0004", newest_version())
    archive = open_archive(path, clock)
    assert len(archive.clusters(ClusterQuery(title="resume")).rows) == 1
    archive.close()


def test_an_upgrade_brings_an_empty_file_to_this_version(tmp_path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    assert upgrade_catalog(path) == ("none", newest_version())
    assert upgrade_catalog(path) == (newest_version(), newest_version())


def test_a_file_that_is_no_catalogue_is_refused(tmp_path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database, but long enough to look like one " * 40)
    with pytest.raises(InputUnreadable, match="not a catalogue"):
        open_catalog(path)
