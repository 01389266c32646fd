"""The real archive behind a fresh app, and a real service in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.running import Running, running_service
from flask.testing import FlaskClient

from dedupe.archive import Archive, open_archive
from service.app import create_app
from service.limits import Limits


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = open_archive(tmp_path / "isnad.sqlite", lambda: datetime.now(UTC))
    yield opened
    opened.close()


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    settings: Any = SimpleNamespace(limits=Limits(feed_s=0.0))
    return create_app(settings, archive).test_client()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("service")) as started:
        yield started
