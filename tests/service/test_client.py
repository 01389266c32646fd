"""The client: patient with what passes, plain about what does not, and never twice the same."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from fakes.http_service import serving
from fakes.memory_archive import MemoryArchive, make_client

from dedupe.errors import InputUnreadable
from dedupe.models import Article
from dedupe.readers import ReadOptions, plan
from service.client import (
    Client,
    KeyUnusable,
    Patience,
    ServiceRefused,
    ServiceUnreachable,
    write_article,
)
from service.keys import Keyring
from service.limits import Limits
from service.security import secure
from service.sending import Place, State, name_inputs, send_parts
from service.settings import load_settings


def lines(count: int) -> list[bytes]:
    made = [Article(f"a{n}", "Quay", None, f"Title {n}", f"Text {n}") for n in range(count)]
    return [write_article(article) for article in made]


class Flaky:
    """Answers the first requests with what it is told, then as the app does."""

    def __init__(self, app: Any, *answers: tuple[str, list[tuple[str, str]]]) -> None:
        self.app, self.answers, self.count = app, list(answers), 0

    def __call__(self, environ: Any, start: Any) -> Any:
        self.count += 1
        if self.answers:
            status, headers = self.answers.pop(0)
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start(status, [("Content-Length", "0"), *headers])
            return [b""]
        return self.app(environ, start)


def patient(waits: list[float], tries: int = 5) -> Patience:
    return Patience(tries, sleep=waits.append)


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


@pytest.fixture
def app(archive: MemoryArchive) -> Any:
    return make_client(archive)[0].application


def test_each_article_gets_its_answer(app: Any) -> None:
    with serving(app) as url:
        client = Client(url)
        answers = client.send("/v1/articles", lines(3))
        client.close()
    assert [answer["verdict"]["id"] for answer in answers] == ["a0", "a1", "a2"]


def test_what_passes_is_waited_for_as_long_as_asked(app: Any, archive: MemoryArchive) -> None:
    waits: list[float] = []
    busy = ("503 Busy", [("Retry-After", "7")]), ("429 Slow", [("Retry-After", "soon")])
    with serving(Flaky(app, *busy)) as url:
        client = Client(url, patience=patient(waits))
        assert len(client.send("/v1/articles", lines(2))) == 2
        client.close()
    assert waits[0] >= 7
    assert 0 < waits[1] <= 30
    assert len(archive.held) == 2


def test_what_does_not_pass_is_given_up(app: Any) -> None:
    waits: list[float] = []
    with serving(Flaky(app, *[("503 Busy", [])] * 9)) as url:
        client = Client(url, patience=patient(waits, 3))
        with pytest.raises(ServiceUnreachable, match=r"503: .*; try later$"):
            client.send("/v1/articles", lines(1))
        client.close()
    assert len(waits) == 2


def test_nobody_there_is_told_with_the_remedy() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", patience=patient([], 2))
    with pytest.raises(ServiceUnreachable, match="isnad serve"):
        client.ask("/readyz")


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "http://h:99999", "http://h:x", "file:///e", "notaurl"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ServiceUnreachable, match="not an address"):
        Client(url)


@pytest.mark.parametrize("key", ["isnad_1_secret\r", "isnad secret", "isnad_\u00e9"])
def test_a_key_that_was_copied_badly_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(KeyUnusable) as raised:
        Client("http://127.0.0.1:9", key=key)
    assert key.strip() not in str(raised.value)


def test_a_refusal_is_told_and_not_tried_again(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys.json")
    _, key = ring.create("a", ["write"])
    made = make_client(extensions=[secure(load_settings(), ring)])[0].application
    flaky = Flaky(made)
    with serving(flaky) as url, closing(Client(url)) as nobody, closing(Client(url, key)) as client:
        with pytest.raises(ServiceRefused, match=r"401.*ISNAD_API_KEY"):
            nobody.send("/v1/articles", [*lines(1), b" " * 9_000_000])
        assert flaky.count == 1
        assert client.send("/v1/articles", lines(1))[0]["verdict"]


def test_a_refusal_before_all_was_sent_is_heard() -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 23\r\nConnection: close\r\n\r\n"
    refusal += orjson.dumps({"detail": "send a key"})

    def refuse(listener: socket.socket) -> None:
        with listener.accept()[0] as sock:
            sock.recv(1000)
            sock.sendall(refusal)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with closing(Client(url)) as client, pytest.raises(ServiceRefused, match="send a key"):
            client.send("/v1/articles", [b" " * 20_000_000])
        thread.join()


def test_a_stream_that_was_broken_off_is_taken_up(archive: MemoryArchive) -> None:
    app = make_client(archive, limits=Limits(stream_lines=3))[0].application
    waits: list[float] = []
    with serving(app) as url:
        client = Client(url, patience=patient(waits, 50))
        answers = client.send("/v1/articles", lines(8))
        client.close()
    assert [answer["verdict"]["id"] for answer in answers] == [f"a{n}" for n in range(8)]


def test_an_answer_that_is_none_of_ours_is_not_believed() -> None:
    def other(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "4")])
        return [b"<p/>"]

    with (
        serving(other) as url,
        closing(Client(url, patience=patient([], 2))) as client,
        pytest.raises(ServiceUnreachable, match="not JSON"),
    ):
        client.send("/v1/articles", lines(1))


def test_a_feed_that_ends_is_opened_again_behind_its_last_line() -> None:
    asked: list[str] = []

    def feed(environ: Any, start: Any) -> Iterator[bytes]:
        asked.append(environ["HTTP_LAST_EVENT_ID"])
        number = len(asked)
        data = b'retry: 10\n\n: beat\n\nid: %d\nevent: created\ndata: {"n": %d}\n\n' % (
            number,
            number,
        )
        start("200 OK", [("Content-Length", str(len(data)))])
        return iter([data])

    with serving(feed) as url:
        client = Client(url, patience=patient([]))
        events = client.follow("/v1/changes", 0)
        assert [next(events) for _ in range(3)] == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']
        events.close()  # type: ignore[attr-defined]
        client.close()
    assert asked[:3] == ["0", "1", "2"]


# --- places ---------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = []
    for name, first in (("one", 0), ("two", 700)):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(b"\n".join(lines(1400)[first : first + 700]) + b"\nno json\n")
        paths.append(str(path))
    return paths


def test_a_run_that_broke_goes_on_where_it_was(
    app: Any, archive: MemoryArchive, files: list[str], tmp_path: Path
) -> None:
    options = ReadOptions()
    parts = plan(files, options)
    inputs = name_inputs(parts, options, "there")
    path = tmp_path / "state.json"
    rejects: list[Any] = []
    with serving(app) as url:
        client = Client(url)
        begun = send_parts(client, parts, options, State(path, inputs), reject=rejects.append)
        for _ in range(600):  # the first 500 are answered and noted, the second 500 are sent
            next(begun)
        begun.close()
        assert State(path, inputs).place == Place(0, 500)
        rejects.clear()  # they are told again by the run that goes on behind 500
        again = send_parts(client, parts, options, State(path, inputs), reject=rejects.append)
        left = list(again)
        client.close()
    assert len(left) == 900
    assert len(archive.held) == 1400
    assert State(path, inputs).place == Place(len(parts))
    assert len(rejects) == 2


def test_a_finished_state_sends_nothing(files: list[str], tmp_path: Path) -> None:
    options = ReadOptions()
    parts = plan(files, options)
    state = State(tmp_path / "state.json", "x")
    state.acknowledge(Place(len(parts)))
    nobody = Client("http://127.0.0.1:9", patience=patient([], 1))
    assert list(send_parts(nobody, parts, options, state, reject=print)) == []


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"inputs": "x"}', b'{"inputs":"y","parts":0,"articles":0}']
)
def test_a_state_of_something_else_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(data)
    with pytest.raises(InputUnreadable):
        State(path, "x")
