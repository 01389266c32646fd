"""The shared archive answers what the embedded one answers, and its commands do what they say."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from archive.conftest import Clock, make_article, partition_of, read_files
from archive.test_archive import BOUNDARY
from core.corpus import story
from redis import Redis
from sqlalchemy import text

from dedupe.answers import ClusterQuery, Judgement, JudgementKind, Moved
from dedupe.archive import Archive, open_archive
from dedupe.archive.shared import SharedArchive
from dedupe.catalog.postgres import ServerCatalog, open_server
from dedupe.cli import main
from dedupe.config import default_config
from dedupe.errors import (
    CatalogMismatch,
    CatalogUnreachable,
    CatalogVersion,
    IndexUnready,
    JudgementInvalid,
)
from dedupe.report.encode import encode_json
from service.redis_index import RedisIndex
from service.settings import SettingInvalid, Settings, load_settings
from service.wiring import open_shared_archive

pytestmark = pytest.mark.servers
Open = Callable[..., SharedArchive]


@pytest.fixture
def timed(postgres_url: str, redis: Redis) -> Iterator[SharedArchive]:
    """A shared archive with a clock of its own."""
    catalog, config = open_server(postgres_url), default_config()
    index = RedisIndex(redis, config, catalog_id=catalog.catalog_id)
    index.declare()
    archive = SharedArchive(catalog, index, config, Clock())
    yield archive
    archive.close()


def pages(ask: Callable[[str | None], object]) -> Iterator[object]:
    cursor = None
    while True:
        page = ask(cursor)
        yield page.rows  # type: ignore[attr-defined]
        cursor = page.next  # type: ignore[attr-defined]
        if cursor is None:
            return


def live(archive: Archive, articles: list) -> Iterator[object]:
    """A life of an archive, and everything it answers in it."""
    ids = [article.id for article in articles]
    for first in range(0, len(articles), 30):
        yield archive.ingest(articles[first : first + 30])
    yield archive.ingest(BOUNDARY)
    yield archive.check([make_article("new", articles[3].body), articles[4], *BOUNDARY])
    yield archive.judge(Judgement(JudgementKind.MUST_LINK, ids[0], ids[-1], "me", "\0 so"))
    yield archive.judge(Judgement(JudgementKind.CANNOT_LINK, ids[1], ids[2], "me"))
    yield archive.judge(Judgement(JudgementKind.PIN_ORIGINAL, ids[5], None, "me"))
    with pytest.raises(JudgementInvalid):
        archive.judge(Judgement(JudgementKind.MUST_LINK, ids[2], ids[1]))
    yield archive.withdraw(2, "you")
    yield [archive.delete(name) for name in (ids[7], ids[8], "nul\0id", "nobody")]
    for name in ids[:9]:
        yield archive.article(name), archive.matches(name), archive.explain(name)
    yield archive.compare(ids[0], ids[1])
    for sort in ("size", "newest", "spread"):
        yield from pages(
            lambda at, by=sort: archive.clusters(ClusterQuery(sort=by, cursor=at, limit=7))
        )
    yield archive.clusters(ClusterQuery(title="e", lang="en", min_size=3, outlet="o1")).rows
    changes = archive.changes(0, 1000)
    yield changes
    for name in {change.cluster_id for change in changes}:
        found = archive.cluster(name)
        yield found, None if isinstance(found, Moved) else archive.timeline(name)
    rows = list(pages(lambda at: archive.outlets(cursor=at, limit=4)))
    yield rows
    yield [archive.outlet(row.key) for some in rows for row in some]  # type: ignore[attr-defined]
    yield archive.judgements().rows
    yield archive.summary()
    report = archive.report()
    uncounted = {"capped_keys": None, "skipped_keys": None}  # of the shared archive: they say so
    yield replace(report.summary, **uncounted), list(report.clusters())


def test_a_whole_life_is_answered_like_by_the_embedded_archive(
    timed: SharedArchive, tmp_path, seeds
) -> None:
    articles = read_files(sorted(seeds.glob("*.jsonl")))[:50]
    with closing(open_archive(tmp_path / "a.db", Clock())) as embedded:
        expected = [encode_json(answer) for answer in live(embedded, articles)]
    told = [encode_json(answer) for answer in live(timed, articles)]
    for place, (ours, theirs) in enumerate(zip(told, expected, strict=True)):
        assert ours == theirs, place


def test_names_are_in_the_order_of_code_points_whatever_the_database_thinks(
    timed: SharedArchive,
) -> None:
    names = ["b", "A", "\u00e9", "a", "B", "\U0001f4f0", "\uffee", "\0", "\x1a", "\x1a0"]
    timed.ingest([make_article(f"x{n}", " ".join(story(n, 40)), outlet=name)
                  for n, name in enumerate(names)])  # fmt: skip
    listed = [
        row.key for some in pages(lambda at: timed.outlets(cursor=at, limit=3)) for row in some
    ]  # type: ignore[attr-defined]
    assert sorted(listed) == sorted(names)
    plain = [name for name in listed if name >= " "]
    assert plain == sorted(plain)


def test_an_outlet_whose_name_no_index_takes_is_stored(timed: SharedArchive) -> None:
    chance, body = random.Random(1), " ".join(story(1, 90))
    long = ["".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(5000)) for _ in range(2)]
    for n, outlet in enumerate(long):
        timed.ingest([make_article(f"a{n}", body, outlet=outlet)])
    stored = timed.article("a1")
    assert stored is not None
    assert stored.article.outlet == long[1]
    assert partition_of(timed) == {frozenset({"a0", "a1"})}
    assert len(timed.outlets().rows) == 2


def test_what_was_deleted_is_in_no_table_and_no_bucket(timed: SharedArchive, redis: Redis) -> None:
    body = " ".join(story(1, 120))
    timed.ingest([make_article(name, body) for name in ("a", "b")])
    timed.ingest([make_article("c", " ".join(story(2, 60)))])

    def buckets() -> int:
        return sum(redis.hlen(key) for key in redis.scan_iter() if redis.type(key) == b"hash")

    before = buckets()
    assert timed.delete("a")
    assert timed.delete("b")
    assert not timed.delete("b")
    assert timed._core.index.count() == 1
    for key in redis.scan_iter():
        if redis.type(key) == b"hash" and b":n:" not in key and b"about" not in key:
            for members in redis.hvals(key):
                assert not {members[at : at + 4] for at in range(0, len(members), 4)} & {
                    (1).to_bytes(4), (2).to_bytes(4),
                }  # fmt: skip
    assert buckets() < before
    catalog = timed._core.catalog
    assert isinstance(catalog, ServerCatalog)
    with catalog.reading() as reader:
        for table in ("texts", "contents"):
            count = reader.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            assert count == 1


def test_another_configuration_is_refused_with_what_to_run(
    open_shared: Open, shared_settings: Settings
) -> None:
    archive = open_shared()
    other = default_config().with_threshold(0.7)
    with pytest.raises(CatalogMismatch, match="isnad reindex --shared"):
        open_shared_archive(shared_settings, other)
    catalog = archive._core.catalog
    catalog.use_configuration(other.config_id, adopt=True)
    with pytest.raises(CatalogMismatch):  # also while it runs
        archive.ingest([make_article("a", " ".join(story(1, 40)))])


def test_an_index_that_lost_its_data_is_refused_until_it_is_built_again(
    open_shared: Open, shared_settings: Settings, redis: Redis, monkeypatch, capsys
) -> None:
    archive = open_shared()
    first, second, third = (make_article(f"a{n}", " ".join(story(1, 90))) for n in range(3))
    archive.ingest([first])
    redis.flushall()
    with pytest.raises(IndexUnready, match="isnad reindex --to redis"):
        archive.ingest([second])
    with pytest.raises(IndexUnready):
        open_shared_archive(shared_settings)
    use(monkeypatch, shared_settings)
    assert run("db", "check") == 1
    assert "1 texts are pending" in capsys.readouterr().out
    assert run("reindex", "--to", "redis") == 0
    assert run("db", "check") == 0
    assert "2 texts, 2 in the index" in capsys.readouterr().out
    assert [m.left for m in archive.ingest([second])[0].matches] == ["a0"]
    assert run("reindex", "--to", "redis") == 0  # while it is in use
    assert len(archive.ingest([third])[0].matches) == 2


def test_what_was_seen_before_the_window_is_compared_no_more(shared_settings: Settings) -> None:
    settings = shared_settings.model_copy(update={"window": timedelta(days=10)})
    body, now = " ".join(story(1, 90)), datetime.now(UTC)
    ages = {"old": 40, "recent": 1, "new": 0}
    articles = [make_article(n, body, seen=now - timedelta(days=d)) for n, d in ages.items()]
    for _ in range(2):  # the second time by an archive that is opened anew
        with closing(open_shared_archive(settings)) as archive:
            verdicts = archive.ingest(articles)
    assert [len(verdict.matches) for verdict in verdicts] == [0, 1, 1]


def use(monkeypatch, settings: Settings) -> None:
    """Name the servers to commands."""
    for name in ("database_url", "redis_url"):
        monkeypatch.setenv(f"ISNAD_{name.upper()}", getattr(settings, name).get_secret_value())


def run(*arguments: str) -> int:
    """Run a command in this process; returns its exit code."""
    return main([*map(str, arguments)])


def test_commands_move_an_archive_into_the_servers_and_back(
    shared_settings: Settings, seeds, tmp_path, monkeypatch, capsys
) -> None:
    articles = read_files(sorted(seeds.glob("*.jsonl")))
    with closing(open_archive(tmp_path / "a.db", Clock())) as embedded:
        embedded.ingest(articles, evidence=False)
        expected = partition_of(embedded)
    use(monkeypatch, shared_settings)
    assert run("export", tmp_path / "a.db", "-o", tmp_path / "a.jsonl") == 0
    assert run("db", "upgrade", "--shared") == 0
    assert run("import", "--shared", tmp_path / "a.jsonl") == 0
    assert run("export", "--shared", "-o", tmp_path / "b.jsonl") == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert run("import", tmp_path / "b.db", tmp_path / "b.jsonl") == 0
    with closing(open_shared_archive(shared_settings)) as shared:
        assert partition_of(shared) == expected
        [verdict] = shared.ingest([make_article("new", articles[0].body)])
        assert verdict.matches
    changed = default_config().with_threshold(0.99)
    (tmp_path / "config.toml").write_text("threshold = 0.99\n")
    options = ("--config", tmp_path / "config.toml")
    assert run("reindex", "--shared", *options) == 0
    with closing(open_shared_archive(shared_settings, changed)) as shared:
        assert shared.summary().indexed == len({a.id for a in articles}) + 1
        assert len(partition_of(shared)) > 0
    assert run("db", "recover", *options) == 0
    assert "0 texts matched" in capsys.readouterr().out


def test_an_index_of_another_capacity_says_which_and_how_to_go_on(
    open_shared: Open, shared_settings: Settings, monkeypatch
) -> None:
    archive = open_shared()
    use(monkeypatch, shared_settings)
    monkeypatch.setenv("ISNAD_INDEX_CAPACITY", "4000000")
    assert run("reindex", "--to", "redis") == 0
    with pytest.raises(IndexUnready) as raised:
        archive.ingest([make_article("a", " ".join(story(1, 40)))])
    assert str(raised.value).startswith(
        "the index in Redis was built with ISNAD_INDEX_CAPACITY=4000000 and no ISNAD_WINDOW, "
        "this has ISNAD_INDEX_CAPACITY=1000000 and no ISNAD_WINDOW: restart with the same settings"
    )


def test_an_address_that_is_none_is_told_without_its_password(postgres_url: str) -> None:
    for url, reason in (
        ("nonsense", "not a URL"),
        ("postgresql+psycopg://me:secret@host:port/db", "not a URL"),
        ("mysql://me:secret@host/db", "needs postgresql"),
        (postgres_url.replace("isnad_test", "nothing"), "does not exist"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/db", "onnection"),
    ):
        with pytest.raises(CatalogUnreachable, match=reason) as raised:
            open_server(url)
        assert "secret" not in str(raised.value)
    with pytest.raises(SettingInvalid, match="ISNAD_DATABASE_URL"):
        open_shared_archive(load_settings({}))


def test_tables_of_another_version_are_refused(postgres_url: str) -> None:
    with closing(open_server(postgres_url)) as catalog, catalog.writing() as writer:
        writer.connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    with pytest.raises(CatalogVersion, match="isnad db upgrade --shared"):
        open_server(postgres_url)
