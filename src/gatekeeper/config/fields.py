"""The plain values of the files people write: text, names, durations, dates, and so on."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from gatekeeper.config import causes

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)")
_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# ISO 8601; the years are those whose times exist in every zone.
_MOMENT = re.compile(
    r"[12]\d{3}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?",
    re.ASCII,
)
_SEVERITY = (
    r"^([Pp][0-5]|[Ss][Ee][Vv]-?[0-5]"
    r"|[Cc]ritical|[Mm]ajor|[Hh]igh|[Mm]edium|[Mm]oderate|[Mm]inor|[Ll]ow)$"
)
_SAFE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_CODES = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


def text_of(value: Any) -> Any:
    """A number where text is wanted keeps its source: `0123456`, `3.10`."""
    return getattr(value, "source", value)


def _duration(value: Any) -> float:
    match = _DURATION.fullmatch(str(text_of(value)))
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not seconds:
        raise ValueError("write a positive duration with its unit, such as 30s, 10m or 24h")
    return seconds


def _codes(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise ValueError('write a list of exit codes, such as [0] or [1, "2-5"]')
    codes: list[int] = []
    for item in value:
        match = _CODES.fullmatch(str(text_of(item)))
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not low <= high <= 255:
            raise ValueError(f"`{item}` is no exit code: write a number from 0 to 255, or a range")
        codes += range(low, high + 1)
    return codes


def _date(value: Any) -> str:
    text = text_of(value)
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("write a date as YYYY-MM-DD")
    date.fromisoformat(text)
    return text


def _moment(value: Any) -> str:
    text = text_of(value)
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("write a date, or a time with its zone, such as 2026-03-04T14:02Z")
    datetime.fromisoformat(text)
    return text


def utc(moment: str) -> str:
    """A `Moment` as ISO 8601 in UTC, to the second; a date, and "", stay as they are."""
    if len(moment) <= len("YYYY-MM-DD"):
        return moment
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def before(one: str, other: str) -> bool:
    """Whether a moment is before another; of a date and a time only the days as written tell."""
    if len(one) > len("YYYY-MM-DD") < len(other):
        return datetime.fromisoformat(one) < datetime.fromisoformat(other)
    return one[:10] < other[:10]


def _severity(value: str) -> str:
    if not re.match(_SEVERITY, value):
        raise ValueError(
            f"`{value}` is no severity: write P0 to P5, SEV0 to SEV5, critical, "
            "major, high, medium, moderate, minor or low"
        )
    return value


def _safe(value: str) -> str:
    if ".." in value:
        raise ValueError(f"`{value}` holds `..`, which no name may")
    return value


def yes_or_no(value: Any) -> Any:
    """True and false where text is wanted, as words."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _cause(value: str, info: ValidationInfo) -> str:
    """A word of the vocabulary that fits what stands on the levels above it."""
    level = str(info.field_name)
    above = tuple(info.data.get(name, "") for name in causes.LEVELS[: causes.LEVELS.index(level)])
    allowed = causes.words(level, above)
    if value not in allowed:
        raise PydanticCustomError("literal_error", "no cause", {"expected": ", ".join(allowed)})
    return value


def cause_schema(form: dict[str, Any]) -> None:
    """Name the words of each level."""
    for level in causes.LEVELS:
        form["properties"][level] = {"enum": list(causes.words(level))}


Text = Annotated[
    str,
    BeforeValidator(text_of),
    Field(max_length=10_000),
    WithJsonSchema({"type": ["string", "number"]}),
]
Words = Annotated[Text, Field(min_length=1)]
Name = Annotated[
    Text,
    Field(pattern=_NAME, max_length=80),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _NAME, "maxLength": 80}),
]
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Codes = Annotated[
    list[int],
    BeforeValidator(_codes),
    WithJsonSchema({"type": "array", "items": {"type": ["integer", "string"]}}),
]
Date = Annotated[str, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
# Tuples, because pydantic copies a default list for each model that it makes.
Argv = Annotated[tuple[Text, ...], Field(min_length=1)]
Globs = Annotated[tuple[Words, ...], Field(min_length=1)]
Moment = Annotated[
    str,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": f"^{_MOMENT.pattern}$"}),
]
# The id of an incident or a report: it becomes a file name, and is cited in text.
SafeName = Annotated[
    Text,
    Field(pattern=_SAFE, max_length=80),
    AfterValidator(_safe),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _SAFE, "maxLength": 80}),
]
CauseWord = Annotated[Text, AfterValidator(_cause)]
Severity = Annotated[
    Text, AfterValidator(_severity), WithJsonSchema({"type": "string", "pattern": _SEVERITY})
]
Digest = Annotated[Text, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
