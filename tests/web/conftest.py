"""The pages over a real archive with the demonstration corpus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dedupe.archive import open_archive
from service.app import create_app
from service.keys import Keyring
from service.running import load_seeds
from service.security import secure
from service.settings import load_settings

HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="session")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "keys.json"


@pytest.fixture(scope="session")
def seeded(
    checkout: Path, keys_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An app that nobody changes for good."""
    path = tmp_path_factory.mktemp("web") / "isnad.sqlite"
    archive = open_archive(path, lambda: datetime.now(UTC))
    guard = secure(load_settings({"rate_limit": ""}), Keyring(keys_file))
    app = create_app(load_settings({}), archive, extensions=[guard])
    load_seeds(app.extensions["isnad"], checkout / "seeds")
    yield app
    archive.close()


@pytest.fixture
def browser(seeded: Flask) -> FlaskClient:
    """A client that keeps cookies and asks for pages."""
    client = seeded.test_client()
    client.environ_base |= {"HTTP_ACCEPT": HTML["Accept"], "HTTP_HOST": "localhost"}
    return client
