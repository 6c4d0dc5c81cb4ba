"""gatekeeper schema, and the schemas under schemas/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gatekeeper.cli.schema import kinds, schema
from gatekeeper.config import load
from gatekeeper.config.schema import KINDS
from gatekeeper.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
DIGEST = f"sha256:{'0' * 64}"
INCIDENT = (
    "{incident: outage_7, title: 3.10, detected: '2025-03-04', resolved: '2025-03-04', "
    "severity: SEV-1, kind: production-bug, cause: {category: process, area: communication}, "
    "impact: {data-loss: false, users: 12}, rolled-back: true, performance-degraded: false, "
    "services: [api], regions: [eu], evidence: [{kind: timeline, url: 'https://x'}], "
    "post-mortem: PM-2025-001}"
)
# Kind, a document as YAML.
GOOD = [
    ("gate", "{gate: g, checks: [ruff, {check: a, command: [x], timeout: 10m}]}"),
    ("gate", "{gate: g, requirements: {coverage.line: '> 80%'}, checks: []}"),
    ("gate", "{gate: g, requirements: {tests.failed: 0, tests.total: ['> 1', '< 9']}, checks: []}"),
    (
        "gate",
        "{gate: g, requirements: {coverage.line: {pass: '> 80%', warn: '> 70%'}}, checks: []}",
    ),
    ("check", "{check: a, gate: g, uses: pytest, with: {args: [-q]}, stage: ci}"),
    ("check", "{check: a, gate: g, command: [x], env: {CI: '1', TOKEN: null}, version: [x, 3.10]}"),
    ("check", "{check: a, gate: g, command: [x], exit: {clean: [0, 2-5], findings: [1]}}"),
    ("check", "{check: a, gate: g, command: [x], origin: [{item: 'PM-1#AI-2'}]}"),
    ("check", "{check: a, gate: g, command: [x], proof: {fixed-by: 0123456, keep: [t.py]}}"),
    ("tool", "{tool: t, params: {args: []}, command: [t, '${args}']}"),
    ("tool", "{tool: t, command: [t], reads: [{format: junit, file: a.xml, absent: clean}]}"),
    ("signoff", "{signoff: s, by: me, date: 2026-11-20, expires: 2027-01-01}"),
    (
        "signoff",
        f"{{signoff: s, by: a, date: 2026-01-01, expires: 2026-01-02, covers: '{DIGEST}'}}",
    ),
    (
        "waiver",
        "{waiver: W-1, check: a, reason: r, owner: o, created: 2026-01-01, expires: 2026-01-02}",
    ),
    ("baseline", "{findings: {ruff: {abc: {rule: E501, path: a.py}}}}"),
    ("baseline", "{metrics: {pytest: {coverage.line: {value: 91.5, unit: '%', samples: 3}}}}"),
    ("incident", "{incident: INC-2026-001, title: t, detected: '2026-03-04T14:02Z'}"),
    ("incident", INCIDENT),
    ("settings", "{gates: policy, services: {api: services/api}}"),
]
BAD = [
    ("gate", "{gate: g, checks: [], colour: red}"),
    ("gate", "{gate: g}"),
    ("gate", "{gate: Not Kebab, checks: []}"),
    ("gate", "{gate: g, checks: [{check: a, comand: [x]}]}"),
    ("gate", "{gate: g, checks: [], stage: prod}"),
    ("gate", "{gate: g, checks: [], stage: null}"),
    ("gate", "{gate: g, checks: [], advisory: maybe}"),
    ("gate", "{gate: g, requirements: {tests.failed: {pass: {warn: 0}}}, checks: []}"),
    ("check", "{check: a, gate: g, timeout: 10}"),
    ("check", "{check: a, gate: g, timeout: 10m later}"),
    ("check", "{check: a, gate: g, command: []}"),
    ("check", "{check: a, gate: g, exit: null}"),
    ("check", "{check: a, gate: g, proof: null}"),
    ("check", "{check: a, gate: g, exit: {clean: 0}}"),
    ("tool", "{tool: t, reads: [{format: junit, from: stderr}]}"),
    ("signoff", "{signoff: s, by: me, date: 2026-11-20}"),
    ("signoff", "{signoff: s, by: me, date: yesterday, expires: 2027-01-01}"),
    ("baseline", "{metrics: {pytest: {coverage.line: {value: much}}}}"),
    ("incident", "{incident: INC-1, title: t}"),
    ("incident", "{incident: a/b, title: t, detected: '2026-03-04'}"),
    ("incident", "{incident: INC-1, title: t, detected: '2026-03-04T14:02'}"),
    ("incident", "{incident: INC-1, title: t, detected: '2026-03-04', severity: P9}"),
    ("incident", "{incident: INC-1, title: t, detected: '2026-03-04', kind: outage}"),
    ("incident", "{incident: INC-1, title: t, detected: '2026-03-04', cause: {area: luck}}"),
    ("incident", "{incident: INC-1, title: t, detected: '2026-03-04', evidence: [{url: u}]}"),
    ("settings", "{gate: policy}"),
]


def plain(text: str) -> Any:
    """YAML in which a date is text, as gatekeeper reads it."""
    dates = "2026" in text
    return yaml.load(text, Loader=yaml.BaseLoader if dates else yaml.SafeLoader)  # noqa: S506


@pytest.mark.parametrize("kind", kinds())
def test_the_committed_schema_is_what_the_command_prints(folder: Any, kind: str) -> None:
    """`gatekeeper schema KIND > schemas/KIND.json` changes nothing."""
    committed = (ROOT / "schemas" / f"{kind}.json").read_text("utf-8")
    assert folder.run("schema", kind).stdout == committed


def test_every_committed_schema_has_a_kind() -> None:
    """No schema outlives its kind."""
    assert sorted(path.stem for path in (ROOT / "schemas").iterdir()) == sorted(kinds())


@pytest.mark.parametrize("kind", kinds())
def test_each_schema_is_a_sound_schema(kind: str) -> None:
    """It follows the metaschema that it names, and is named by where it is published."""
    document = schema(kind)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$id"].endswith(f"/{kind}.json")


@pytest.mark.parametrize("kind", KINDS)
def test_each_key_is_described(kind: str) -> None:
    """An editor can tell what each key of a file means."""
    document = schema(kind)
    bodies = [document, *document.get("$defs", {}).values()]
    assert all("description" in key for body in bodies for key in body["properties"].values())


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_good_files_are_accepted(kind: str, text: str) -> None:
    """By the schema, and by the program that reads the file."""
    jsonschema.Draft202012Validator(schema(kind)).validate(plain(text))
    load.read(KINDS[kind], "file.yaml", text.encode())


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_bad_files_are_refused(kind: str, text: str) -> None:
    """By the schema, and by the program that reads the file."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(kind)).validate(plain(text))
    with pytest.raises(ConfigurationError):
        load.read(KINDS[kind], "file.yaml", text.encode())


@pytest.mark.parametrize("name", load.tool_names())
def test_the_catalogue_follows_its_schema(name: str) -> None:
    """Each entry of the built-in catalogue is a good example."""
    entry = load.tool(name)
    assert entry is not None
    jsonschema.Draft202012Validator(schema("tool")).validate(entry.document.value)


def test_a_real_result_follows_its_schema(repository: Any) -> None:
    """What `run` writes, with a passing, a failing and an unmeasured check."""
    repository.write(
        {
            "gates/other.yaml": "gate: other\nchecks:\n"
            "  - {check: bad, command: ['false']}\n"
            "  - {check: missing, command: [no-such-program]}\n"
            "  - {check: later, command: ['true'], stage: deploy}\n"
        }
    )
    ended = repository.start("run", "--report", "json")
    assert ended.exit == 3
    jsonschema.Draft202012Validator(schema("result")).validate(json.loads(ended.stdout))


@pytest.mark.parametrize("words", [["list", "gates"], ["list", "tools"], ["list", "metrics"]])
def test_lists_follow_their_schema(repository: Any, words: list[str]) -> None:
    """What `list --json` prints is what its schema says."""
    rows = json.loads(repository.run(*words, "--json").stdout)
    jsonschema.Draft202012Validator(schema("list")).validate(rows)


def test_the_gates_of_this_repository_follow_their_schema() -> None:
    """What gatekeeper judges itself by."""
    for path in sorted((ROOT / "gates").glob("*.yaml")):
        jsonschema.Draft202012Validator(schema("gate")).validate(yaml.safe_load(path.read_text()))
