"""Parameters of requests as pydantic models: they check, and they stand in the OpenAPI document.

A parameter that is not known is refused: a misspelt filter would silently give everything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from dedupe.answers import ClusterSort
from dedupe.models import Credit
from dedupe.readers.languages import tell_language
from service.links import ID_PATTERN, MAX_ID

__all__ = [
    "ChangesQuery",
    "ClustersQuery",
    "CompareQuery",
    "Id",
    "IdPath",
    "IdQuery",
    "IfMatch",
    "JobPath",
    "JudgementPath",
    "JudgementsQuery",
    "NoQuery",
    "PageQuery",
    "ReportQuery",
    "StreamQuery",
]

_NO_NUL = r"^[^\x00]*$"
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _read_time(value: object) -> datetime:
    """RFC 3339 -> UTC; `fromisoformat` alone would take much more."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("a time like 2026-11-28T09:30:00Z is wanted (write + as %2B)")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("no such time") from None


Time = Annotated[datetime, BeforeValidator(_read_time)]
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID, pattern=_NO_NUL)]
Text = Annotated[str, Field(min_length=1, max_length=512, pattern=_NO_NUL)]
Lang = Annotated[
    str,
    Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$"),
    AfterValidator(lambda value: tell_language(value) or value),
]
Cursor = Annotated[str, Field(min_length=1, max_length=1024, pattern=_NO_NUL)]


class _Parameters(BaseModel):
    """Parameters of one operation; their schema is made once, not with every request."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *args: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give the schema as pydantic makes it, from the second time on kept."""
        return _schema(cls) if not args and not more else super().model_json_schema(*args, **more)


@cache
def _schema(kind: type[_Parameters]) -> dict[str, Any]:
    return super(_Parameters, kind).model_json_schema()


class NoQuery(_Parameters):
    """No parameters."""


class IdPath(BaseModel):
    """The id of what is meant; `-` where it stands in the query."""

    id: Annotated[str, Field(json_schema_extra={"pattern": ID_PATTERN})]


class JobPath(BaseModel):
    """The id of a job."""

    id: Annotated[str, Field(pattern=r"^[0-9]{1,20}-[0-9]{1,20}$")]


class IdQuery(_Parameters):
    """The id where it cannot stand in a path; it goes before the one in the path."""

    id: Id | None = None


class IfMatch(BaseModel):
    """The state that is meant."""

    if_match: Annotated[
        str | None,
        Field(
            alias="If-Match",
            description="The `ETag` that GET gave, or `*`; any other state is left alone (412).",
        ),
    ] = None


class StreamQuery(_Parameters):
    """Whether the matches of the answers carry spans and features."""

    evidence: bool | None = None


class PageQuery(_Parameters):
    """Which page of a list."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class MatchesQuery(IdQuery):
    """Which page of the matches of an article."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ClustersQuery(PageQuery):
    """Which clusters."""

    outlet: Text | None = None
    lang: Lang | None = None
    since: Time | None = None
    until: Time | None = None
    min_size: Annotated[int, Field(ge=2, le=1_000_000_000)] = 2
    credit: Credit | None = None
    title: Text | None = None
    sort: ClusterSort = "size"


class CompareQuery(_Parameters):
    """Two articles."""

    left: Id
    right: Id


class ChangesQuery(_Parameters):
    """After which line of the ledger, and how many."""

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    titles: bool = False


class ReportQuery(_Parameters):
    """The smallest clusters to report."""

    min_size: Annotated[int, Field(ge=2, le=1_000_000_000)] = 2


class JudgementsQuery(PageQuery):
    """Which judgements."""

    withdrawn: bool = True


class JudgementPath(BaseModel):
    """The number of a judgement."""

    number: Annotated[int, Field(ge=1, le=2**53)]
