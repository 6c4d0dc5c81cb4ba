"""What `with:` sets: parameters of a catalogue entry's command, or those of a check type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from gatekeeper import codec
from gatekeeper.errors import suggest
from gatekeeper.interfaces import CheckType
from gatekeeper.resolve.written import Merged

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def substituted(merged: Merged) -> Mapping[str, Any]:
    """The values for the placeholders of a command: text, or lists of text."""
    params, given = merged.params(), merged.get("with_")
    _refuse_unknown(merged, given, params)
    values = dict(params)
    for key in sorted(set(given) & set(params)):
        value, listed = _textual(given[key]), isinstance(params[key], list)
        words = value if listed else [value]
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            values[key] = value
        else:
            wanted = "a list of texts, such as [-q]" if listed else "text: quote it"
            merged.complain(f"`{key}` takes {wanted}", at=("with", key))
    return values


def typed(merged: Merged, kind: CheckType) -> Mapping[str, Any]:
    """The parameters of a check type, checked against its `params`, as JSON values."""
    # Only where there are parameters is there anything to validate.
    from pydantic import ValidationError  # noqa: PLC0415

    form: Any = kind.params
    given = merged.get("with_")
    names = {field.name.replace("_", "-"): field.name for field in fields(form)}
    _refuse_unknown(merged, given, names)
    hints, adapter = _form(form)
    values = {
        names[key]: _textual(value) if _takes_text(hints[names[key]]) else value
        for key, value in given.items()
        if key in names
    }
    try:
        params = adapter.validate_python(values)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            key = str(mistake["loc"][0]).replace("_", "-")
            said = f"`{key}`: {mistake['msg']}"
            if mistake["type"].startswith("missing"):
                said = f"`with: {{{key}: ...}}` is missing"
            merged.complain(said, at=("with", key))
        return {}
    if problem := getattr(params, "problem", str)():
        merged.complain(problem, at=("with",))
    encoded: Mapping[str, Any] = codec.encode(params)
    return encoded


@cache
def _form(form: Any) -> tuple[Mapping[str, Any], TypeAdapter[Any]]:
    """The types of a check type's parameters, and what validates them; to make it costs 1 ms."""
    from pydantic import TypeAdapter  # noqa: PLC0415  as above

    return get_type_hints(form), TypeAdapter(form)


def _refuse_unknown(merged: Merged, given: Iterable[str], known: Iterable[str]) -> None:
    for key in sorted(set(given) - set(known)):
        hint = suggest(key, known) or "this check takes no parameter"
        merged.complain(f"unknown parameter `{key}`", hint, at=("with", key))


def _textual(value: Any) -> Any:
    """Numbers as their source text, in lists too."""
    if isinstance(value, list):
        return [_textual(item) for item in value]
    return getattr(value, "source", value)


@cache
def _takes_text(hint: Any) -> bool:
    """Whether a parameter is text, or a collection of texts, and no number."""
    if get_origin(hint) is None:
        return hint is str
    arguments = set(get_args(hint))
    return str in arguments and not arguments & {int, float, bool}
