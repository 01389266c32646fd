"""`/v1/report` is bounded: one at a time, and no larger than the disk may hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fakes.memory_archive import MemoryArchive, make_client

from service.limits import Limits
from service.routes import reports


class Reported(MemoryArchive):
    """An archive of which any report can be asked."""

    def report(self, min_size: int) -> Any:
        return SimpleNamespace(min_size=min_size)


def test_one_report_is_written_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = make_client(Reported())
    inside = []

    def write(_found: object, _form: str, out: Any, _options: object) -> None:
        if not inside:
            inside.append(client.get("/v1/report"))
        out.write(b"{}")

    monkeypatch.setattr(reports, "write_report", write)
    assert client.get("/v1/report").data == b"{}"
    assert (inside[0].status_code, inside[0].headers["Retry-After"]) == (503, "10")
    assert client.get("/v1/report").status_code == 200


def test_a_report_that_fills_the_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = make_client(Reported(), Limits(spool_bytes=1000))

    def write(_found: object, _form: str, out: Any, _options: object) -> None:
        for _ in range(11):
            out.write(b"x" * 100)

    monkeypatch.setattr(reports, "write_report", write)
    for _ in range(2):  # the turn is given back
        refused = client.get("/v1/report")
        assert (refused.status_code, refused.json["type"]) == (413, "urn:isnad:problem:too-large")
