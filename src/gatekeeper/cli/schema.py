"""gatekeeper schema: the JSON Schema of each file kind."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Mapping
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from gatekeeper import codec
from gatekeeper.cli import complete
from gatekeeper.cli.covered import Covered
from gatekeeper.cli.incident import IncidentRows
from gatekeeper.cli.keys import KEYS
from gatekeeper.cli.list import ROWS
from gatekeeper.cli.postmortems import Linted, Listed
from gatekeeper.cli.prove import Proving
from gatekeeper.cli.read import Reading
from gatekeeper.config.policy import Policy
from gatekeeper.config.schema import KINDS
from gatekeeper.config.write import schema_url
from gatekeeper.errors import UsageError, suggest
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.learning.proofs import Record
from gatekeeper.result import Result

_RECORDS: Mapping[str, type] = {
    "result": Result,
    "policy": Policy,
    "reading": Reading,
    "incidents": IncidentRows,
    "coverage": Covered,
    "post-mortem": PostMortem,
    "post-mortems": Listed,
    "post-mortem-lint": Linted,
    "proof": Record,
    "proving": Proving,
}
# The models inside a file -> the table of their keys in `keys.py`.
_PARTS: Mapping[str, str] = {
    "CheckSpec": "check",
    "ReadsSpec": "reads",
    "ExitSpec": "exit",
    "OriginSpec": "origin",
    "ProofSpec": "proof",
    "EvidenceSpec": "evidence",
    "CauseSpec": "cause",
    "ImpactSpec": "impact",
    "IncidentEvidenceSpec": "incident-evidence",
    "BaselineFinding": "known-finding",
    "BaselineMetric": "reference",
}
_SCALARS: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
    type(None): "null",
}


@click.command(epilog="Example: gatekeeper schema gate")
@click.argument("kind", shell_complete=complete.completer(lambda _: kinds()))
def command(kind: str) -> None:
    """Print the JSON Schema of a file KIND.

    KIND is a file that people write (gate, check, tool, signoff, waiver, baseline, incident,
    settings), a record (result, policy), or what `--json` of read, list and incident list print
    (reading, list, incidents), and of postmortem show, list, lint and coverage (post-mortem,
    post-mortems, post-mortem-lint, coverage).
    """
    click.echo(json.dumps(schema(kind), indent=2))


def kinds() -> list[str]:
    """All file kinds that have a schema."""
    return [*KINDS, *_RECORDS, "list"]


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file kind."""
    if kind in KINDS:
        document = _written(kind)
    elif kind in _RECORDS:
        document = _record(_RECORDS[kind], {})
        if kind == "post-mortem":
            document = _underscored(document)
    elif kind == "list":
        document = _listing()
    else:
        known = kinds()
        raise UsageError(f"unknown kind `{kind}`; {suggest(kind, known)}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_url(kind),
        "title": f"gatekeeper {kind}",
        **{key: value for key, value in document.items() if key != "title"},
    }


def _written(kind: str) -> dict[str, Any]:
    """The schema of a file that people write, with a word on each key."""
    document: dict[str, Any] = _tidy(KINDS[kind].model_json_schema())
    for part, body in ((kind, document), *document.get("$defs", {}).items()):
        for key, meaning in KEYS[_PARTS.get(part, part)].items():
            if key in body["properties"]:
                body["properties"][key] = {"description": meaning, **body["properties"][key]}
    if kind == "check":  # a file of checks/; inside a gate both may be left out
        document["required"] = ["check", "gate"]
    return document


def _tidy(node: Any, *, names: bool = False) -> Any:
    """A schema without what only pydantic knows; `names`: the keys of `node` are the author's."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _tidy(value) for key, value in node.items()}
    if _nullable(node):
        return _tidy(node["anyOf"][0])  # a mapping may be left out, but never be null
    return {
        key: _tidy(value, names=key in ("properties", "$defs"))
        for key, value in node.items()
        if _telling(key, value)
    }


def _nullable(node: Mapping[str, Any]) -> bool:
    return [option.get("type") for option in node.get("anyOf", ())] == [None, "null"]


def _telling(key: str, value: Any) -> bool:
    """No title; a default where it helps: nothing does not, and seconds are no duration in YAML."""
    if key == "default":
        return bool(value) and isinstance(value, (str, bool))
    return key != "title"


def _listing() -> dict[str, Any]:
    """The schema of what `list --json` prints: rows of one kind."""
    seen: dict[str, Any] = {}
    lists = [{"type": "array", "items": _value(row, seen)} for row in dict.fromkeys(ROWS.values())]
    return {"description": "The rows of one kind, sorted.", "anyOf": lists, "$defs": seen}


def _record(form: type, seen: dict[str, Any]) -> dict[str, Any]:
    """The schema of what `codec` writes for a dataclass; nested ones stand under `$defs`."""
    body = _object(form, seen)
    return {**body, "$defs": dict(sorted(seen.items()))} if seen else body


def _underscored(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of a record that is printed with the names of its fields as keys."""
    for body in (document, *document["$defs"].values()):
        body["properties"] = {k.replace("-", "_"): v for k, v in body["properties"].items()}
        body["required"] = list(body["properties"])
    return document


def _object(form: type, seen: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(form)
    return {
        "description": inspect.getdoc(form),
        "type": "object",
        "properties": {key: _value(hints[name], seen) for name, key, _ in codec.fields(form)},
        "required": [
            key for _, key, default in codec.fields(form) if default is dataclasses.MISSING
        ],
        "additionalProperties": False,
    }


def _reference(form: type, seen: dict[str, Any]) -> dict[str, Any]:
    """Where a nested record is described, which is once."""
    if form.__name__ not in seen:
        seen[form.__name__] = {}  # stands in while the fields are written: types may nest
        seen[form.__name__] = _object(form, seen)
    return {"$ref": f"#/$defs/{form.__name__}"}


def _value(form: Any, seen: dict[str, Any]) -> dict[str, Any]:
    if form in _SCALARS:
        return {"type": _SCALARS[form]}
    if dataclasses.is_dataclass(form) and isinstance(form, type):
        return _reference(form, seen)
    origin, arguments = get_origin(form), get_args(form)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _value(arguments[0], seen)}
    if origin in (Union, UnionType):
        return {"anyOf": [_value(argument, seen) for argument in arguments]}
    if origin is not None:  # a Mapping
        return {"type": "object", "additionalProperties": _value(arguments[1], seen)}
    return {}
