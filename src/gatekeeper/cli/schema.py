"""gatekeeper schema: the JSON Schema of each file kind."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from gatekeeper import codec
from gatekeeper.config.policy import Policy
from gatekeeper.config.schema import KINDS
from gatekeeper.config.write import schema_url
from gatekeeper.errors import UsageError, suggest
from gatekeeper.result import Result

_RECORDS: Mapping[str, type] = {"result": Result, "policy": Policy}
_SCALARS: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
    type(None): "null",
}


@click.command(epilog="Example: gatekeeper schema gate")
@click.argument("kind")
def command(kind: str) -> None:
    """Print the JSON Schema of a file KIND.

    KIND is gate, check, tool, signoff, waiver, baseline, settings, result or policy.
    """
    click.echo(json.dumps(schema(kind), indent=2))


def kinds() -> list[str]:
    """All file kinds that have a schema."""
    return [*KINDS, *_RECORDS]


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file kind."""
    if kind in KINDS:
        document = KINDS[kind].model_json_schema()
    elif kind in _RECORDS:
        document = _record(_RECORDS[kind], {})
    else:
        known = kinds()
        raise UsageError(f"unknown kind `{kind}`; {suggest(kind, known)}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_url(kind),
        "title": f"gatekeeper {kind}",
        **{key: value for key, value in document.items() if key != "title"},
    }


def _record(form: type, seen: dict[str, Any]) -> dict[str, Any]:
    """The schema of what `codec` writes for a dataclass; nested ones stand under `$defs`."""
    body = _object(form, seen)
    return {**body, "$defs": dict(sorted(seen.items()))} if seen else body


def _object(form: type, seen: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(form)
    return {
        "description": (form.__doc__ or "").strip(),
        "type": "object",
        "properties": {key: _value(hints[name], seen) for name, key, _ in codec.fields(form)},
        "required": [
            key for _, key, default in codec.fields(form) if default is dataclasses.MISSING
        ],
        "additionalProperties": False,
    }


def _value(form: Any, seen: dict[str, Any]) -> dict[str, Any]:
    if form in _SCALARS:
        return {"type": _SCALARS[form]}
    if dataclasses.is_dataclass(form) and isinstance(form, type):
        if form.__name__ not in seen:
            seen[form.__name__] = {}  # stands in while the fields are written: types may nest
            seen[form.__name__] = _object(form, seen)
        return {"$ref": f"#/$defs/{form.__name__}"}
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
