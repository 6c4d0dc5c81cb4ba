"""What pydantic finds wrong, in words for the author of the file, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, get_args

from gatekeeper.config import schema, yamlfile
from gatekeeper.errors import Problem, suggest

_MESSAGES = {
    "string_type": "expected text, not a {type}: quote it if it is meant as text",
    **dict.fromkeys(("string_too_short", "too_short"), "is empty"),
    "string_pattern_mismatch": "`{given}` does not have the form {pattern}",
    **dict.fromkeys(("list_type", "tuple_type"), "expected a list: write [{given}]"),
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "bool_parsing": "`{given}` is neither true nor false",
    "bool_type": "`{given}` is neither true nor false",
}


def translate(document: yamlfile.Document, model: type[schema.Spec], mistake: Any) -> Problem:
    """One error of pydantic (its `ErrorDetails`) as a problem of the document."""
    path = _path(document, mistake["loc"])
    kind, given, last = mistake["type"], mistake.get("input"), str(("", *mistake["loc"])[-1])
    context = mistake.get("ctx", {})
    if kind == "extra_forbidden":
        hint = suggest(last, _keys(model, path))
        return yamlfile.problem(document, path, f"unknown key `{last}`", hint, key=True)
    if kind == "missing":
        return yamlfile.problem(document, path, f"`{last}:` is missing")
    if given is None:
        # pydantic adds the names of the branches of a union behind the key.
        name = path[-1] if path else last
        text = "this item has no value" if isinstance(name, int) else f"`{name}:` has no value"
        return yamlfile.problem(document, path, text, key=True)
    if kind == "literal_error":
        expected = context["expected"].replace(" or ", ", ").replace("'", "")
        allowed = expected.removesuffix(", ").split(", ")
        message = f"`{given}` is not one of {', '.join(allowed)}"
        return yamlfile.problem(document, path, message, suggest(str(given), allowed))
    text = _MESSAGES.get(kind, "").format(
        given=given, type=type(given).__name__, pattern=context.get("pattern")
    )
    said = str(mistake["msg"]).removeprefix("Value error, ")
    return yamlfile.problem(document, path, text or said)


def without(
    value: dict[str, Any], document: yamlfile.Document, mistakes: Sequence[Any]
) -> dict[str, Any] | None:
    """A copy without the keys that are wrong; None where the rest would mean nothing."""
    rest = deepcopy(value)
    for mistake in mistakes:
        path = _path(document, mistake["loc"])
        if not path or mistake["type"] == "missing" or not isinstance(path[-1], str):
            return None
        place: Any = rest
        for part in path[:-1]:
            place = place.get(part, {}) if isinstance(place, dict) else place[part]
        place.pop(path[-1], None)
    return rest


def _path(document: yamlfile.Document, parts: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The parts that are in the document; pydantic adds the names of its own branches."""
    path: tuple[str | int, ...] = ()
    for part in parts:
        if (*path, part) in document.positions or (*path, part) in document.keys:
            path = (*path, part)
    return path


def _keys(model: type[schema.Spec], path: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand at a place."""
    for part in path[:-1]:
        found = [field for field in model.model_fields.values() if field.alias == part]
        model = next((form for one in found for form in _models(one.annotation)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(form: Any) -> Iterator[type[schema.Spec]]:
    """The models that a type is made of: that of the items of a list, of one of several forms."""
    if isinstance(form, type) and issubclass(form, schema.Spec):
        yield form
    for part in get_args(form):
        yield from _models(part)
