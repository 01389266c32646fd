"""The environment -> typed settings; nothing else in the project reads it.

Every setting is a variable `ISNAD_` plus its name in capitals. `docs/operations.md` holds the table
that `write_table` makes of the fields below.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from limits import parse_many
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dedupe.errors import IsnadError
from service.limits import Limits

__all__ = ["PREFIX", "SettingInvalid", "Settings", "find_unknown", "load_settings", "write_table"]

PREFIX = "ISNAD_"
_MIB = 1 << 20
_BOUNDS = Limits()
_WINDOW = re.compile(r"([1-9][0-9]{0,5})([dh])")
_UNITS = {"d": "days", "h": "hours"}


class SettingInvalid(IsnadError):
    """A variable of the environment cannot be what it says."""

    def __init__(self, name: str, reason: str) -> None:
        """Keep the variable and the reason; never the value, which may be a secret."""
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}")


class Settings(BaseSettings):
    """All settings, with their defaults. Frozen: a process is started anew to change one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    # where it listens and what it keeps
    host: str = Field("127.0.0.1", description="Address to listen on; others need an API key")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data: Path = Field(Path("isnad-data"), description="Folder of the archive and of the keys")
    config: Path | None = Field(None, description="Configuration of fingerprints and verdicts")
    seeds: Path | None = Field(None, description="Folder to load when the archive is new")
    window: timedelta | None = Field(
        None, description="Articles seen longer ago are compared no more: `90d`, `12h`; empty: all"
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL of the distributed mode (`postgresql+psycopg://…`)"
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis of the distributed mode (`redis://…`)"
    )
    index_capacity: int = Field(
        1_000_000,
        ge=1000,
        description="Articles that the index in Redis is laid out for (four times as many still"
        " lie well); another number needs `isnad reindex --to redis` and a restart of all with it",
    )
    # how the distributed mode works
    queue_limit: int = Field(100_000, ge=1, description="Jobs in the queue; above it 429")
    wait_s: float = Field(30.0, gt=0, le=600, description="Longest `Prefer: wait`, in seconds")
    answer_s: int = Field(3600, ge=1, description="Seconds that the answer of a job is kept")
    worker_batch: int = Field(512, ge=1, le=512, description="Jobs that a worker stores together")
    worker_idle_s: float = Field(
        60.0, gt=0, description="Seconds after which a job of a silent worker is taken over"
    )
    worker_deliveries: int = Field(5, ge=1, description="Deliveries after which a job is set aside")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of a worker's metrics, on `ISNAD_HOST`; none: off"
    )
    # how it serves
    text_workers: int | None = Field(
        None,
        ge=0,
        le=1,
        description="Processes that read articles beside the one that stores them: 0, 1; empty: 1"
        " where there are two processors",
    )
    threads: int = Field(32, ge=1, le=512, description="Requests answered at a time")
    grace_s: int = Field(60, ge=1, description="Seconds that answers may take after SIGTERM")
    patience_s: float = Field(
        30.0, gt=0, description="Seconds a client may keep us waiting, and one more each 8 KiB sent"
    )
    trusted_proxies: int = Field(
        0, ge=0, le=8, description="Reverse proxies before the service whose X-Forwarded-For counts"
    )
    rate_limit: str = Field(
        "1000/second", description="Requests of one key, or address; `;` joins several; empty: none"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level of the log"
    )
    # bounds of one request: see service/limits.py
    body_bytes: int = Field(
        _BOUNDS.body_bytes, ge=1024, description="A JSON body, and the text of an article"
    )
    line_bytes: int = Field(_BOUNDS.line_bytes, ge=1024, description="A line of a stream")
    stream_bytes: int = Field(
        _BOUNDS.stream_bytes, ge=1024, description="A stream, after decompression"
    )
    stream_lines: int = Field(_BOUNDS.stream_lines, ge=1, description="Lines of a stream")
    ratio: int = Field(
        _BOUNDS.ratio, ge=2, description="Plain bytes for one compressed, after the first MiB"
    )
    spool_bytes: int = Field(
        _BOUNDS.spool_bytes, ge=_MIB, description="Answers of a stream that wait on disk"
    )
    feeds: int = Field(_BOUNDS.feeds, ge=0, description="Change feeds open at a time")
    feed_s: float = Field(_BOUNDS.feed_s, gt=0, description="Seconds that a feed stays open")
    # pages
    page_workers: int = Field(2, ge=0, le=64, description="Processes that read HTML; 0: no HTML")
    page_timeout_s: float = Field(10.0, gt=0, description="Seconds for one page")
    page_memory_bytes: int = Field(
        1 << 30, ge=256 * _MIB, description="Memory a page may take beyond what its process has"
    )
    # the client: isnad ingest, check, watch
    url: str | None = Field(
        None,
        description="The service that the client speaks to; none: `ISNAD_PORT` here",
    )
    api_key: SecretStr | None = Field(None, description="The key that the client shows")

    @field_validator("rate_limit")
    @classmethod
    def _check_rate(cls, value: str) -> str:
        try:
            parse_many(value) if value.strip() else []
        except ValueError:
            raise ValueError("a rate is wanted, as 100/second;5000/hour") from None
        return value.strip()

    @field_validator("window", mode="before")
    @classmethod
    def _read_window(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        found = _WINDOW.fullmatch(value.strip())
        if found is None:
            raise ValueError("a number of days or hours is wanted, as 90d or 12h")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    @property
    def limits(self) -> Limits:
        """Bounds of one request, as the app takes them."""
        return Limits(
            body_bytes=self.body_bytes,
            line_bytes=self.line_bytes,
            stream_bytes=self.stream_bytes,
            stream_lines=self.stream_lines,
            ratio=self.ratio,
            spool_bytes=self.spool_bytes,
            feeds=self.feeds,
            feed_s=self.feed_s,
        )

    @property
    def is_distributed(self) -> bool:
        """Whether articles go through a queue to workers.

        Raises SettingInvalid for half of it, and for an address that is empty.
        """
        for name in ("database_url", "redis_url"):
            address: SecretStr | None = getattr(self, name)
            if address is not None and not address.get_secret_value().strip():
                reason = "is empty: give an address, or leave the variable out"
                raise SettingInvalid(PREFIX + name.upper(), reason)
        given = self.database_url is not None, self.redis_url is not None
        if given[0] != given[1]:
            missing = "DATABASE_URL" if given[1] else "REDIS_URL"
            raise SettingInvalid(PREFIX + missing, "the distributed mode needs both addresses")
        return all(given)

    @property
    def service_url(self) -> str:
        """Where the client finds the service."""
        return self.url or f"http://127.0.0.1:{self.port}"

    @property
    def keys_file(self) -> Path:
        """Where the API keys are kept."""
        return self.data / "keys.json"

    @property
    def session_file(self) -> Path:
        """Where the secret is kept that sessions of browsers are signed with."""
        return self.data / "session.secret"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def load_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """Read the environment; what is `given` and not None stands before it.

    Raises SettingInvalid for the first variable that cannot be read.
    """
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]) or "settings"
        reason = first["msg"].removeprefix("Value error, ")  # how pydantic begins our own words
        raise SettingInvalid(PREFIX + name.upper(), reason) from None


def find_unknown() -> list[str]:
    """Variables that begin as ours and are no setting, sorted: misspelt ones change nothing."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = (name.upper() for name in os.environ)
    return sorted(name for name in named if name.startswith(PREFIX) and name not in known)


def write_table() -> str:
    """Give the table of all settings, in Markdown."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "") else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)
