"""The shapes of the files people write: what is accepted, and how it is read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gatekeeper.config import load, schema
from gatekeeper.errors import ConfigurationError


def check(text: str) -> Any:
    """A check of which one key is written."""
    return load.read(schema.CheckSpec, "c.yaml", f"check: c\n{text}\n".encode()).spec


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("10m", 600.0),
        ("90s", 90.0),
        ("1h", 3600.0),
        ("2 d", 172800.0),
        ("250ms", 0.25),
        ("1.5s", 1.5),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    """A duration is a number with a unit."""
    assert check(f"timeout: {written}").timeout == seconds


@pytest.mark.parametrize(
    ("written", "codes"),
    [("[0]", [0]), ('[1, "3-5"]', [1, 3, 4, 5]), ("['0-255']", list(range(256))), ("[]", [])],
)
def test_exit_codes(written: str, codes: list[int]) -> None:
    """Exit codes are numbers and ranges."""
    assert list(check(f"exit: {{clean: {written}}}").exit.clean) == codes


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("owner", "0123456"),
        ("owner", "3.10"),
        ("reason", "1e3"),
        ("title", "yes"),
        ("fix", "2026-01-01"),
    ],
)
def test_text_keeps_its_source(key: str, text: str) -> None:
    """What looks like a number in a field of type text is the text that was written."""
    assert getattr(check(f"{key}: {text}"), key) == text


WRONG = [
    *[
        f"timeout: {v}"
        for v in ("30", "0s", "-1s", "10 minutes", "1e3s", "''", "[1s]", "9999999999s")
    ],
    *[
        f"exit: {{clean: {v}}}"
        for v in ("0", "[256]", "[-1]", "['5-3']", "[true]", "['1-']", "[[1]]")
    ],
    *[f"check: {v}" for v in ("A", "a_b", "-a", "a--b", "a/b", "''", f"{'a' * 81}")],
    *[f"{key}:" for key in ("title", "stage", "exit", "proof", "reads", "origin", "files")],
    *[f"env: {{{v}: x}}" for v in ("1A", "A-B", "'A=B'", "''")],
    *[
        "stage: prod",
        "files: a",
        "files: []",
        "files: ['']",
        "command: []",
        "command: a",
        "batch: 2",
    ],
    *[
        "enabled: false",
        "origin: [{item: a}]",
        "origin: [{item: 'a b#c'}]",
        "uses: [a]",
        "colour: red",
    ],
    *["reads: [{format: junit}]", "reads: [{format: junit, file: a, from: stdout}]"],
    *["reads: [{format: junit, from: stderr}]", "reads: [{format: junit, file: a, absent: maybe}]"],
    *[
        f"expect: {{m: {v}}}"
        for v in ("''", "[]", "{}", "{warn: 1}", "{pass: {pass: 1}}", "true", "[[1]]")
    ],
]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values(text: str) -> None:
    """A value of another form is a mistake in words, at its line."""
    document = f"gate: g\n{text}\n" if text.startswith("check") else f"check: c\n{text}\n"
    with pytest.raises(ConfigurationError) as caught:
        load.read(schema.CheckSpec, "c.yaml", document.encode())
    for problem in caught.value.problems:
        assert problem.line in (1, 2)
        assert problem.message
        assert "pydantic" not in problem.message


RECORDS: dict[str, tuple[type[schema.Spec], dict[str, Any]]] = {
    "sign-off": (
        schema.SignoffSpec,
        {"signoff": "s", "by": "b", "date": "2026-11-20", "expires": "2026-11-21"},
    ),
    "waiver": (
        schema.WaiverSpec,
        {
            "waiver": "w",
            "check": "c",
            "reason": "r",
            "owner": "o",
            "created": "2026-11-20",
            "expires": "2026-12-20",
        },
    ),
    "incident": (
        schema.IncidentSpec,
        {"incident": "INC-1", "title": "t", "detected": "2026-03-04T14:02Z"},
    ),
}


@pytest.mark.parametrize(
    ("record", "change"),
    [
        *[
            ("sign-off", {"date": v})
            for v in ("2026-13-01", "2026-02-30", "20261120", "1.1.2026", 3, "")
        ],
        *[
            ("sign-off", {"evidence": [v]})
            for v in ({}, {"url": "u", "file": "f"}, {"sha256": "0" * 64})
        ],
        ("sign-off", {"evidence": [{"file": "f", "sha256": "abc"}]}),
        ("sign-off", {"covers": "abc"}),
        ("sign-off", {"by": ""}),
        ("waiver", {"check": ""}),
        ("waiver", {"finding": "f"}),
        ("waiver", {"check": "", "rule": "r"}),
        ("waiver", {"check": "", "path": "p"}),
        ("waiver", {"path": "p"}),
        ("waiver", {"expires": "2026-11-19"}),
        ("waiver", {"owner": ""}),
        *[("incident", {"incident": v}) for v in ("", "a/b", "..", "a..b", ".a", "a b", "a" * 81)],
        *[
            ("incident", {"detected": v})
            for v in (
                *("", "now", "2026-02-30", "2026-03-04T14:02", "2026-03-04T25:00Z", 2026),
                *("2026-W10", "0001-01-01T00:00+14:00", "\uff12026-03-04"),
            )
        ],
        *[
            ("incident", {"resolved": v})
            for v in ("2026-03-04T14:01Z", "2026-03-04T15:00+01:00", "2026-03-03")
        ],
        *[("incident", {"severity": v}) for v in ("", "P9", "sev", "urgent", "P00")],
        *[("incident", {"kind": v}) for v in ("outage", None)],
        *[
            ("incident", {"cause": v})
            for v in (
                *("technical", None, {"category": "luck"}, {"focus": "technical"}),
                {"category": "technical", "area": "communication"},
                {"category": "process", "area": "communication", "focus": "accuracy"},
                {"category": "technical", "focus": "escalation"},
            )
        ],
        *[
            ("incident", {"evidence": [v]})
            for v in ({"file": "f"}, {"kind": "rumour", "file": "f"}, {"kind": "timeline"})
        ],
        ("incident", {"rolled-back": "perhaps"}),
        ("incident", {"services": "api"}),
        ("incident", {"impact": None}),
        ("incident", {"post-mortem": "../PM-1"}),
    ],
)
def test_wrong_records(record: str, change: dict[str, Any]) -> None:
    """A record is what it must be, and only with the change it is refused."""
    model, good = RECORDS[record]
    model.model_validate(good)
    with pytest.raises(ValidationError):
        model.model_validate({**good, **change})


def test_frozen() -> None:
    """A record cannot be changed."""
    with pytest.raises(ValidationError):
        check("owner: o").owner = "p"
