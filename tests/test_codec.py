"""Records to JSON and back: every type they are made of, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.codec import CodecError, decode, encode
from gatekeeper.conditions import Condition
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.model import Failure, Finding, Measurement, Metric, Observation
from gatekeeper.result import Result


@dataclass(frozen=True)
class Inner:
    """A record inside another."""

    name: str
    max_size: int = 0


@dataclass(frozen=True)
class Everything:
    """One field for each kind of type."""

    text: str
    whole: int = 0
    real: float = 0.0
    exact: Decimal = Decimal(0)
    yes: bool = False
    word: Literal["a", "b"] = "a"
    maybe: Inner | None = None
    either: int | str = 0
    several: tuple[Inner, ...] = ()
    by_name: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    anything: Any = None


FULL = Everything(
    text="t",
    whole=1,
    real=0.5,
    exact=Decimal("79.96"),
    yes=True,
    word="b",
    maybe=Inner("i", 2),
    either="x",
    several=(Inner("j"), Inner("k", 3)),
    by_name={"n": (1, 2)},
    anything={"deep": [1, None]},
)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(encode(value), allow_nan=False))


@pytest.mark.parametrize("record", [FULL, Everything("only text")])
def test_records_survive_json(record: Everything) -> None:
    """What is read back equals what was written."""
    assert decode(Everything, through_json(record)) == record


def test_form() -> None:
    """Keys are kebab-case, and every field is stated."""
    assert encode(Inner("i", 2)) == {"name": "i", "max-size": 2}
    stated = encode(Everything("t"))
    assert stated["maybe"] is None
    assert "by-name" in stated


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("0", 0),
        ("5.0", 5),
        ("79.96", 79.96),
        ("-0.1", -0.1),
        ("1E+3", 1000),
        ("1E-400", 0.0),
        ("NaN", "NaN"),
        ("sNaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1E+999999", "Infinity"),
    ],
)
def test_decimals(value: str, encoded: float | str) -> None:
    """A decimal is a JSON number; one for which JSON has none is its name."""
    result = encode(Decimal(value))
    assert (result, type(result)) == (encoded, type(encoded))


def test_nan_is_read_back_as_nan() -> None:
    """What was no number stays none."""
    assert decode(Metric, through_json(Metric("x", Decimal("NaN")))).value.is_nan()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "document: expected an object, not list"),
        (None, "document: expected an object, not NoneType"),
        ({}, "document: text is missing"),
        ({"text": "t", "other": 1}, "document: unknown key other"),
        ({"text": "t", "by_name": {}}, "unknown key by_name"),
        ({"text": 5}, "document.text: expected str, not int"),
        ({"text": None}, "document.text: expected str, not NoneType"),
        ({"text": "t", "whole": True}, "document.whole: expected int, not bool"),
        ({"text": "t", "whole": 1.0}, "document.whole: expected int, not float"),
        ({"text": "t", "whole": "1"}, "document.whole: expected int, not str"),
        ({"text": "t", "real": "1"}, "document.real: expected a number, not str"),
        ({"text": "t", "real": True}, "document.real: expected a number, not bool"),
        ({"text": "t", "real": float("nan")}, "document.real: expected a number"),
        ({"text": "t", "real": 10**400}, "document.real: expected a number"),
        ({"text": "t", "exact": "1"}, "document.exact: expected a number, not str"),
        ({"text": "t", "exact": True}, "document.exact: expected a number, not bool"),
        ({"text": "t", "exact": []}, "document.exact: expected a number, not list"),
        ({"text": "t", "yes": 1}, "document.yes: expected bool, not int"),
        ({"text": "t", "word": "c"}, "document.word: expected one of"),
        ({"text": "t", "word": []}, "document.word: expected one of"),
        ({"text": "t", "maybe": {"name": 5}}, "document.maybe.name: expected str"),
        ({"text": "t", "either": []}, "document.either: expected str, not list"),
        ({"text": "t", "either": None}, "document.either: expected str, not NoneType"),
        ({"text": "t", "several": {}}, "document.several: expected a list, not dict"),
        ({"text": "t", "several": "ab"}, "document.several: expected a list, not str"),
        ({"text": "t", "several": [{"name": ""}, 5]}, r"document.several\[1\]: expected an object"),
        ({"text": "t", "by-name": []}, "document.by-name: expected an object"),
        ({"text": "t", "by-name": {"n": [""]}}, r"document.by-name.n\[0\]: expected int"),
    ],
)
def test_refused(document: Any, words: str) -> None:
    """What does not have the form of its type is refused, with its place."""
    with pytest.raises(CodecError, match=words):
        decode(Everything, document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
KEYS = st.sampled_from(["text", "whole", "real", "exact", "word", "maybe", "several", "by-name"])


@given(JSON | st.dictionaries(KEYS, JSON, max_size=5))
def test_any_document_is_read_or_refused(document: Any) -> None:
    """No document does anything but become a record or a CodecError."""
    for form in (Everything, Result, Policy):
        with suppress(CodecError):
            assert isinstance(decode(form, document), form)


NAMES = st.text(max_size=8)
NUMBERS = st.decimals(-(10**9), 10**9, places=4)
OBSERVATIONS = st.builds(
    Observation,
    check=NAMES,
    digest=NAMES,
    measurement=st.none()
    | st.builds(
        Measurement,
        metrics=st.tuples(st.builds(Metric, NAMES, NUMBERS, NAMES, st.none() | st.integers(0, 9))),
        findings=st.tuples(
            st.builds(
                Finding,
                NAMES,
                NAMES,
                st.sampled_from(["high", "unknown"]),
                st.sampled_from(["lint", "secret"]),
                st.none() | NAMES,
                st.none() | st.integers(1, 99),
            )
        ),
        work=st.dictionaries(NAMES, st.integers(), max_size=3),
    ),
    failure=st.none() | st.builds(Failure, NAMES, NAMES),
    argv=st.lists(NAMES, max_size=3).map(tuple),
    exit=st.none() | st.integers(0, 255),
)


@given(OBSERVATIONS)
def test_observations_survive_json(observation: Observation) -> None:
    """An observation read back from a record equals the one that was written."""
    assert decode(Observation, through_json(observation)) == observation


@given(st.builds(Condition, NAMES, st.sampled_from(["==", "<"]), NUMBERS, st.none() | NUMBERS))
def test_a_policy_survives_json(condition: Condition) -> None:
    """A policy needs nothing but its JSON."""
    check = CheckPolicy("c", "C", "g", "command", "d", env={"A": None, "B": "b"}, timeout=0.5)
    policy = Policy("digest", (), {"c": check}, notes=("n",))
    assert decode(Policy, through_json(policy)) == policy
    assert decode(Condition, through_json(condition)) == condition
