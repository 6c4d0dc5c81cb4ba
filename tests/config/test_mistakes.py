"""What pydantic finds wrong, in words for the author of the file, each at its place."""

from __future__ import annotations

import pytest

from gatekeeper.config import load, schema
from gatekeeper.errors import ConfigurationError

CASES: dict[str, tuple[str, list[str]]] = {
    "unknown key": (
        "gate: g\ntitel: x\nchecks: []",
        ["2:1: unknown key `titel` (did you mean `title`?)"],
    ),
    "unknown key, far from all": (
        "gate: g\nzzz: x\nchecks: []",
        ["2:1: unknown key `zzz` (known are*"],
    ),
    "unknown key of a check": (
        "gate: g\nchecks:\n  - {check: c, comand: [a]}",
        ["3:16: unknown key `comand` (did you mean `command`?)"],
    ),
    "unknown key of a report": (
        "gate: g\nchecks:\n  - {check: c, reads: [{formt: junit, file: a}]}",
        ["3:24: `format:` is missing", "3:25: unknown key `formt` (did you mean `format`?)"],
    ),
    "missing key": ("checks: []", ["1:1: `gate:` is missing"]),
    "two missing keys": ("title: t", ["1:1: `gate:` is missing", "1:1: `checks:` is missing"]),
    "no value": ("gate: g\nstage:\nchecks: []", ["2:1: `stage:` has no value"]),
    "one of several": (
        "gate: g\nstage: dploy\nchecks: []",
        ["2:8: `dploy` is not one of push, ci, deploy (did you mean `deploy`?)"],
    ),
    "name": ("gate: My Gate\nchecks: []", ["1:7: `My Gate` does not have the form*"]),
    "empty text": ("gate: g\ntitle: ''\nchecks: []", ["2:8: is empty"]),
    "a mapping for text": (
        "gate: g\ntitle: {a: b}\nchecks: []",
        ["2:8: expected text, not a dict*"],
    ),
    "true for text": ("gate: g\ntitle: true\nchecks: []", ["2:8: expected text, not a bool*"]),
    "text for a list": ("gate: g\nchecks: ruff", ["2:9: expected a list: write [ruff]"]),
    "text for true": (
        "gate: g\nadvisory: perhaps\nchecks: []",
        ["2:11: `perhaps` is neither true nor false"],
    ),
    "a list for a mapping": (
        "gate: g\nrequirements: [a]\nchecks: []",
        ["2:15: expected a mapping"],
    ),
    "a list for a check": ("gate: g\nchecks: [[ruff]]", ["2:10: expected a mapping"]),
    "an empty list": ("gate: g\nchecks:\n  - {check: c, command: []}", ["3:25: is empty"]),
    "a condition": (
        "gate: g\nrequirements:\n  lint.errors: ''\nchecks: []",
        ["3:16: write a condition such as*"],
    ),
    "a date": (
        "gate: g\nchecks:\n  - {check: c, timeout: soon}",
        ["3:25: write a positive duration*"],
    ),
    "once per place": (
        "gate: g\nchecks:\n  - {check: c, exit: {clean: [999, 1000]}}",
        ["3:30: `999` is no exit code*"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_words(text: str, expected: list[str]) -> None:
    """Each mistake is told once, in words, where it stands."""
    with pytest.raises(ConfigurationError) as caught:
        load.read(schema.GateSpec, "gates/g.yaml", f"{text}\n".encode())
    told = [
        f"{p.line}:{p.column}: {p.message}" + (f" ({p.hint})" if p.hint else "")
        for p in caught.value.problems
    ]
    assert len(told) == len(expected), told
    for one, wanted in zip(told, expected, strict=True):
        assert one.startswith(wanted.rstrip("*")), told
        assert wanted.endswith("*") or one == wanted


@pytest.mark.parametrize(
    ("model", "text", "key", "meant"),
    [
        (schema.IncidentSpec, "evidence: [{knd: timeline, url: u}]", "knd", "kind"),
        (schema.IncidentSpec, "cause: {aera: communication}", "aera", "area"),
        (schema.IncidentSpec, "impact: {user: 1}", "user", "users"),
        (schema.SignoffSpec, "evidence: [{ulr: u}]", "ulr", "url"),
        (schema.BaselineSpec, "findings: {c: {f: {rul: E1}}}", "rul", "rule"),
    ],
)
def test_the_nearest_key_of_the_place(
    model: type[schema.Spec], text: str, key: str, meant: str
) -> None:
    """An unknown key is compared with those that may stand there, however deep."""
    with pytest.raises(ConfigurationError) as caught:
        load.read(model, "f.yaml", text.encode())
    told = {p.message: p.hint for p in caught.value.problems}
    assert told[f"unknown key `{key}`"] == f"did you mean `{meant}`?"
