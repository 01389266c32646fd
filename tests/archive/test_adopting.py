"""A finished report taken over: the archive is the one that would have grown article by article."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from archive.conftest import (
    Clock,
    copies,
    make_article,
    matches_of,
    partition_of,
    read_files,
    write_articles,
)
from archive.test_parity import invent

from dedupe.archive import adopting, open_archive
from dedupe.archive.adopting import adopt_report
from dedupe.archive.local import open_core
from dedupe.batch.finished import open_finished
from dedupe.batch.local import RunOptions, run
from dedupe.cli import main
from dedupe.config import default_config
from dedupe.errors import CatalogMismatch, InputUnreadable, ResultMismatch
from dedupe.readers import ReadOptions
from dedupe.records import hash_text


@pytest.fixture(scope="module")
def files(checkout):
    return sorted([*(checkout / "seeds").glob("*.txt"), *(checkout / "seeds").glob("*.jsonl")])


@pytest.fixture(scope="module")
def finished(files, tmp_path_factory):
    """(work folder, {cluster id: ids})."""
    folder = tmp_path_factory.mktemp("report") / "work"
    options = RunOptions(keep_dir=folder)
    with run([str(f) for f in files], ReadOptions(), default_config(), options) as result:
        return folder, {c.cluster_id: {m.id for m in c.members} for c in result.clusters()}


def adopt(path, folder, articles):
    found = open_finished(folder, default_config())
    with open_core(path, Clock(), default_config()) as core:
        return adopt_report(core, articles, found.verdicts(), found.clusters(), found.articles)


def test_an_adopted_report_is_the_archive_that_ingest_would_have_made(files, finished, tmp_path):
    folder, clusters = finished
    articles = read_files(files)
    shuffled = random.Random(4).sample(articles, len(articles))
    adopt(tmp_path / "a.db", folder, shuffled)
    grown = open_archive(tmp_path / "b.db", Clock())
    grown.ingest(articles)
    adopted = open_archive(tmp_path / "a.db", Clock())
    try:
        ids = [article.id for article in articles]
        assert partition_of(adopted) == partition_of(grown)
        assert matches_of(adopted, ids) == matches_of(grown, ids)
        for name, members in clusters.items():
            cluster = adopted.cluster(name)
            assert {member.id for member in cluster.members} == members
            twin = grown.cluster(grown.article(cluster.members[0].id).cluster_id)
            assert cluster.provenance == twin.provenance
        alone = set(ids).difference(*clusters.values())
        assert alone
        for name in alone:
            assert adopted.article(name).cluster_id == f"c{hash_text(name):016x}"
        made = [c for c in adopted.changes(0, 10_000) if c.cluster_id in clusters]
        assert {c.cluster_id for c in made if c.kind.value == "created"} == clusters.keys()
    finally:
        adopted.close()
        grown.close()


def test_what_comes_later_finds_an_adopted_archive_as_if_it_had_grown(tmp_path):
    chance = random.Random(7)
    articles = {article.id: article for article in invent(7)}
    more = [
        make_article(f"late{n}", f"{article.body} and a late addition of one line", outlet="late")
        for n, article in enumerate(chance.sample(list(articles.values()), 5))
    ]
    path = write_articles(tmp_path / "a.jsonl", articles.values())
    options = RunOptions(jobs=1, keep_dir=tmp_path / "work")
    with run([str(path)], ReadOptions(), default_config(), options):
        pass
    adopt(tmp_path / "a.db", tmp_path / "work", read_files([path]))
    adopted, grown = (open_archive(tmp_path / f"{n}.db", Clock()) for n in "ab")
    try:
        grown.ingest(read_files([path]))
        for article in more:
            one, two = adopted.ingest([article])[0], grown.ingest([article])[0]
            assert one.relation == two.relation
            assert {(m.left, m.right) for m in one.matches} == {
                (m.left, m.right) for m in two.matches
            }
        assert partition_of(adopted) == partition_of(grown)
        assert adopted.delete(more[0].id)
        assert adopted.delete(next(iter(articles)))
    finally:
        adopted.close()
        grown.close()


def test_a_report_of_other_articles_is_refused_and_so_is_its_half_made_archive(
    files, finished, tmp_path
):
    folder, _ = finished
    articles = read_files(files)
    with pytest.raises(ResultMismatch, match="the report was made of"):
        adopt(tmp_path / "a.db", folder, articles[1:])
    with pytest.raises(CatalogMismatch):
        open_archive(tmp_path / "a.db", Clock())
    other = make_article("somebody else", "Not what the report has seen of this article at all.")
    with pytest.raises(ResultMismatch, match="not in INPUT"):
        adopt(tmp_path / "b.db", folder, [*articles[:-1], other])


def test_an_archive_that_holds_something_is_left_alone(files, finished, tmp_path):
    folder, _ = finished
    archive = open_archive(tmp_path / "a.db", Clock())
    archive.ingest([make_article("there", "Something that stands here before.")])
    archive.close()
    with pytest.raises(ResultMismatch, match="not empty"):
        adopt(tmp_path / "a.db", folder, read_files(files))
    again = open_archive(tmp_path / "a.db", Clock())
    assert again.article("there") is not None
    again.close()


def test_a_folder_that_holds_no_finished_report_says_why(finished, tmp_path):
    folder, _ = finished
    with pytest.raises(InputUnreadable, match="neither"):
        open_finished(tmp_path, default_config())
    with pytest.raises(InputUnreadable, match="configuration"):
        open_finished(folder, default_config().with_threshold(0.9))
    for broken in (b'{"config_id": ', b"[]", b"\xff"):
        (tmp_path / "run.json").write_bytes(broken)
        with pytest.raises(InputUnreadable, match="not the work folder"):
            open_finished(tmp_path, default_config())


def test_the_command_takes_a_report_over(files, finished, tmp_path, capsys):
    folder, clusters = finished
    command = ["import", str(tmp_path / "a.db"), *map(str, files), "--clusters", str(folder)]
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr().out.endswith(f"{len(read_files(files))} articles\n")
    assert main(["import", str(tmp_path / "a.db"), "a", "b"]) == 2
    assert main(["import", str(tmp_path / "a.db"), "a", "--outlet", "b"]) == 2
    archive = open_archive(tmp_path / "a.db", Clock())
    assert len(partition_of(archive)) == len(clusters)
    archive.close()
    short = ["import", str(tmp_path / "b.db"), str(files[0]), "--clusters", str(folder)]
    assert main(short) == 2
    assert "the report was made of" in capsys.readouterr().err
    assert not list(tmp_path.glob("b.db*"))


def test_the_order_of_the_input_is_no_evidence_of_who_was_first(tmp_path, monkeypatch):
    monkeypatch.setattr(adopting, "_TEXTS_AT_ONCE", 1)
    original, *others = copies(1, 3)
    hours = [original.published.replace(hour=hour) for hour in (4, 9, 12)]
    articles = [
        replace(one, published=at) for one, at in zip([original, *others], hours, strict=True)
    ][::-1]
    path = write_articles(tmp_path / "a.jsonl", articles)
    options = RunOptions(jobs=1, keep_dir=tmp_path / "work")
    with run([str(path)], ReadOptions(), default_config(), options) as result:
        (told,) = result.clusters()
    passing = iter(range(24))

    def clock():
        return datetime(2026, 5, 1, next(passing), tzinfo=UTC)

    found = open_finished(tmp_path / "work", default_config())
    with open_core(tmp_path / "a.db", clock, default_config()) as core:
        adopt_report(core, articles, found.verdicts(), found.clusters(), found.articles)
    archive = open_archive(tmp_path / "a.db", Clock())
    assert archive.cluster(told.cluster_id).provenance.evidence == told.provenance.evidence
    archive.close()
