"""Articles and questions -> a running service, over HTTP, patiently.

What the service cannot do just now (429, 503, a connection that breaks) is tried again, after as
long as it asks for (`Retry-After`), else ever longer; all that is sent may be sent again, since the
same article twice is one article. The connection stays open between requests.
"""

from __future__ import annotations

import http.client
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from dedupe import __version__
from dedupe.errors import IsnadError
from dedupe.models import Article
from dedupe.report.encode import encode_json

__all__ = [
    "Client",
    "KeyUnusable",
    "Patience",
    "ServiceRefused",
    "ServiceUnreachable",
    "write_article",
]

_NDJSON = "application/x-ndjson"
_AGAIN = frozenset({429, 502, 503, 504})
_BUSY = frozenset({429, 503})
"""What a service says that is there; the others come from a proxy before none."""
_MAX_ANSWER = 256 << 20
_MAX_EVENT = 1 << 20
_FIRST_S, _LONGEST_S, _ASKED_LONGEST_S = 0.25, 30.0, 600.0
_FIELDS = (
    *("id", "outlet", "url", "title", "body", "lang", "authors"),
    *("published", "modified", "seen", "metadata"),
)


class ServiceUnreachable(IsnadError):
    """No answer that helps, however often it was tried."""

    def __init__(self, url: str, reason: str, *, answered: bool = False) -> None:
        """Keep the address and the last reason; `answered` tells that the service gave it."""
        self.url, self.reason = url, reason
        hint = "try later" if answered else "is the service running? start one with isnad serve"
        super().__init__(f"{url}: {reason}; {hint}")


class KeyUnusable(IsnadError):
    """The API key holds what no key holds; it is not shown."""

    def __init__(self) -> None:
        """Say what may have happened to it."""
        super().__init__("the API key holds blanks, line breaks or accents: was it copied whole?")


class ServiceRefused(IsnadError):
    """An answer that trying again does not change."""

    def __init__(self, url: str, status: int, detail: str) -> None:
        """Keep the address, the status and what the service said."""
        self.url, self.status, self.detail = url, status, detail
        hint = "; name a key with ISNAD_API_KEY" if status in (401, 403) else ""
        super().__init__(f"{url} answers {status}: {detail}{hint}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try, and how to wait; `tell` hears of every wait with its reason."""

    tries: int = 8
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[float, str], None] = lambda _seconds, _reason: None

    def wait(self, tried: int, reason: str, asked_s: float | None = None) -> None:
        """Wait before trying again: half to all of a time that doubles, or what was asked for."""
        doubled = min(_LONGEST_S, _FIRST_S * 2.0**tried)
        seconds = doubled * (0.5 + random.random() / 2)  # noqa: S311 - spreads callers
        if asked_s is not None:
            seconds = max(seconds, min(asked_s, _ASKED_LONGEST_S))
        self.tell(seconds, reason)
        self.sleep(seconds)


class _Again(Exception):
    """Try again, after so many seconds where the service says."""

    def __init__(
        self, reason: str, seconds: float | None = None, *, answered: bool = False
    ) -> None:
        self.reason, self.seconds, self.answered = reason, seconds, answered


class Client:
    """One connection to a service; for one thread."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        patience: Patience | None = None,
        timeout_s: float = 300.0,
    ) -> None:
        """Connect when it is needed; raises ServiceUnreachable for what is no address."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = 0
        named = "://" in url or port is not None or parts.hostname == "localhost"
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not named:
            raise ServiceUnreachable(url, "not an address as http://HOST:PORT")
        self._url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._path = parts.path.rstrip("/")
        self._patience = patience or Patience()
        if parts.scheme == "https":
            secure = ssl.create_default_context()
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, port, timeout=timeout_s, context=secure
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, port, timeout=timeout_s)
        self._headers = {"User-Agent": f"isnad/{__version__}"}
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            raise KeyUnusable
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def send(
        self, path: str, lines: Sequence[bytes], wait_s: int | None = None
    ) -> list[dict[str, Any]]:
        """Send articles; give one answer each, in order: a verdict, a job or a problem.

        With `wait_s` the service is asked to wait so long for verdicts where it has jobs. A stream
        that the service had to break off is taken up where it ended. Raises ServiceUnreachable and
        ServiceRefused.
        """
        answers: list[dict[str, Any]] = []
        tried = 0
        while len(answers) < len(lines):
            try:
                got, end = self._send_once(path, lines[len(answers) :], wait_s)
                tried = 0 if got else tried + 1
                answers += got
                if len(answers) < len(lines):
                    raise end or _Again("the service broke the stream off")
            except _Again as again:
                tried += 1
                self._pause(tried, again)
        return answers

    def _send_once(
        self, path: str, lines: Sequence[bytes], wait_s: int | None
    ) -> tuple[list[dict[str, Any]], _Again | None]:
        """The answers of one request, and what ended it before its end."""
        headers = {"Content-Type": _NDJSON}
        if wait_s:
            headers["Prefer"] = f"wait={wait_s}"
        response = self._request("POST", path, b"\n".join(lines), headers)
        told = [_parse(line) for line in self._read(response).splitlines()]
        if not told or "counts" not in told[-1]:
            raise _Again("the answer ended early")
        *answers, last = told
        if last.get("complete"):
            return answers, None
        problem = answers.pop().get("problem", {})
        seconds = problem.get("retry_after_s")
        reason = str(problem.get("detail", "the service broke the stream off"))[:500]
        asked_s = float(seconds) if isinstance(seconds, int) else None
        return answers, _Again(reason, asked_s, answered=True)

    def ask(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON the service gives
        """Get one JSON value; raises ServiceUnreachable and ServiceRefused."""
        for tried in range(1, 1 << 30):
            try:
                return _parse(self._read(self._request("GET", path)))
            except _Again as again:
                self._pause(tried, again)
        raise AssertionError

    def follow(self, path: str, after: int) -> Iterator[bytes]:
        """Give the data of server-sent events, for ever; a feed that ends is opened again."""
        tried = 0
        while True:
            try:
                accept = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
                response = self._request("GET", path, None, accept)
                for number, data in _events(response):
                    tried, after = 0, number if number is not None else after
                    yield data
                self._connection.close()
            except _Again as again:
                tried += 1
                self._pause(tried, again)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                tried += 1
                self._pause(tried, _Again(_name(error)))

    def _pause(self, tried: int, again: _Again) -> None:
        if tried >= self._patience.tries:
            raise ServiceUnreachable(self._url, again.reason, answered=again.answered) from None
        self._patience.wait(tried, again.reason, again.seconds)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        """Ask once; raises _Again and ServiceRefused."""
        try:
            with suppress(BrokenPipeError, ConnectionResetError) if body else nullcontext():
                self._connection.request(
                    method, self._path + path, body, {**self._headers, **(headers or {})}
                )
            response = self._connection.getresponse()  # maybe before it had read all, as for a key
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise _Again(_name(error)) from None
        if response.status in (200, 202):
            return response
        detail = _detail(self._read(response))
        if response.status in _AGAIN:
            self._connection.close()
            busy = response.status in _BUSY
            raise _Again(f"{response.status}: {detail}", _seconds(response), answered=busy)
        raise ServiceRefused(self._url, response.status, detail)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        try:
            data = response.read(_MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise _Again(_name(error)) from None
        if len(data) > _MAX_ANSWER:
            self._connection.close()
            raise ServiceRefused(self._url, response.status, "the answer is too long")
        return data

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _name(error: Exception) -> str:
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(told).lower().split())[:200]


def _parse(data: bytes) -> Any:  # noqa: ANN401 - whatever JSON the service gives
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _Again("the answer is not JSON") from None


def _detail(data: bytes) -> str:
    """Give what a problem object says; whoever answers may be no Isnad at all."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    detail = found.get("detail") or found.get("title") if isinstance(found, dict) else None
    return detail[:500] if isinstance(detail, str) else "no reason is given"


def _seconds(response: http.client.HTTPResponse) -> float | None:
    """Give `Retry-After` in seconds; a date is left out, clocks differ."""
    value = (response.headers.get("Retry-After") or "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None


def _events(response: http.client.HTTPResponse) -> Iterator[tuple[int | None, bytes]]:
    """Read server-sent events: the id, where there is one, and the data."""
    number: int | None = None
    data: list[bytes] = []
    while line := response.readline(_MAX_EVENT):
        name, _, value = line.rstrip(b"\r\n").partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id" and value.isdigit() and len(value) < 19:
            number = int(value)
        elif name == b"data":
            data.append(value)
        elif not line.strip() and data:
            yield number, b"\n".join(data)
            number, data = None, []


def write_article(article: Article) -> bytes:
    """Give the line that sends an article."""
    return encode_json({name: getattr(article, name) for name in _FIELDS})
