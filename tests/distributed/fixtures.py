"""Redis, a Redis Cluster and PostgreSQL, started when first asked for."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from distributed.servers import PostgresServer, RedisServer, need, wait_until
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import RedisError

from dedupe.archive.shared import SharedArchive
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests that do not hurt it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """An empty Redis."""
    with redis_server.client() as client:
        client.flushall()
        yield client


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def redis_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """Three nodes that make one cluster."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
    nodes = [
        RedisServer(tmp_path_factory.mktemp(f"node{number}"), options=options)
        for number in range(3)
    ]
    try:
        join_nodes(nodes)
        yield nodes
    finally:
        for node in nodes:
            node.kill()


def join_nodes(nodes: list[RedisServer]) -> None:
    """Start nodes and make a cluster of them."""
    for node in nodes:
        node.start()
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    command = [need("redis-cli"), "--cluster", "create", *addresses, "--cluster-yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr

    def agreed() -> bool:
        try:
            states = [node.client().cluster("info") for node in nodes]
        except RedisError:
            return False
        return all(state["cluster_state"] == "ok" for state in states)

    wait_until(agreed, "the Redis Cluster")


@pytest.fixture
def redis_cluster(redis_nodes: list[RedisServer]) -> Iterator[RedisCluster]:
    """An empty cluster."""
    with RedisCluster(host="127.0.0.1", port=redis_nodes[0].port, socket_timeout=10) as client:
        client.flushall(target_nodes=RedisCluster.PRIMARIES)
        yield client


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests that do not hurt it.

    Not in pytest's folder, which every session of pytest closes for other users.
    """
    with TemporaryDirectory(prefix="isnad-postgres-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder), ("-c fsync=off", "-c full_page_writes=off"))
        server.create()
        yield server
        server.stop("immediate")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    return postgres_server.fresh_database("isnad_test")


@pytest.fixture
def shared_settings(postgres_url: str, redis_server: RedisServer, redis: Redis) -> Settings:
    """Settings of an archive that is empty."""
    return load_settings({"database_url": postgres_url, "redis_url": redis_server.url})


@pytest.fixture
def open_shared(shared_settings: Settings) -> Iterator[Callable[..., SharedArchive]]:
    """Opens the same archive as often as it is asked to."""
    opened: list[SharedArchive] = []

    def make(**more: object) -> SharedArchive:
        opened.append(open_shared_archive(shared_settings, **more))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for archive in opened:
        archive.close()
