"""The JSON report."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper import codec
from gatekeeper.reports.json import PLUGIN, render
from gatekeeper.result import Result

_TEXT = st.text(st.characters(), max_size=5)  # lone surrogates included
_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-(2**63), 2**63),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: st.builds(
        lambda digits, places: Decimal(digits).scaleb(-places),
        st.integers(1 - 10**15, 10**15 - 1),
        st.integers(0, 12),
    ),
    type(None): st.none(),
}


def built(form: Any) -> st.SearchStrategy[Any]:
    """Any value of a type as records use them, from its annotations."""
    origin, arguments = get_origin(form), get_args(form)
    if origin in (Union, types.UnionType):
        return st.one_of([built(argument) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(built(arguments[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(_TEXT, built(arguments[1]), max_size=2)
    if dataclasses.is_dataclass(form):
        fields = {name: built(hint) for name, hint in get_type_hints(form).items()}
        return st.fixed_dictionaries(fields).map(partial(_construct, form))
    return _LEAVES[form]


def _construct(form: Any, fields: dict[str, Any]) -> Any:
    return form(**fields)


def text(result: Result) -> str:
    return "".join(render(result))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(built(Result))
def test_whatever_is_written_is_read_back_as_the_same_result(result: Result) -> None:
    """No value of any field is lost, changed or unreadable."""
    assert codec.decode(Result, json.loads(text(result))) == result


def test_every_hand_built_result_is_read_back(any_result: Result) -> None:
    """Real shapes of results survive JSON both ways."""
    assert codec.decode(Result, json.loads(text(any_result))) == any_result


def test_hostile_text_is_read_back_from_ascii(hostile_result: Result) -> None:
    """What no encoding carries is escaped, and is there again when read."""
    written = text(hostile_result)
    assert written.isascii()
    assert written.endswith("}\n")
    assert codec.decode(Result, json.loads(written)) == hostile_result


def test_a_result_has_one_text(results: Mapping[str, Result]) -> None:
    """Read back and written again, the bytes are the same."""
    written = text(results["failed"])
    assert text(codec.decode(Result, json.loads(written))) == written


def test_gates_and_observations_stand_on_lines_of_their_own(results: Mapping[str, Result]) -> None:
    """Two records can be compared line by line."""
    lines = text(results["failed"]).splitlines()
    assert sum(line.startswith('{"gate": ') for line in lines) == 2
    assert sum(line.startswith('{"check": ') for line in lines) == 4 + 3
    assert '"commit": "3f2a9c1000000000000000000000000000000000",' in lines


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_know_is_never_written(
    results: Mapping[str, Result], value: float
) -> None:
    """NaN and Infinity are defects, not values."""
    result = results["failed"]
    broken = dataclasses.replace(result.observations[0], wall=value)
    with pytest.raises(ValueError, match="not JSON compliant"):
        text(dataclasses.replace(result, observations=(broken,)))


def test_the_plug_in_renders_the_record() -> None:
    """The plug-in is what `--report json` finds."""
    assert PLUGIN.render is render
    assert PLUGIN.api == 1
