"""The record of a proof as a file: read back as it was, and nothing in it looks like a secret."""

from __future__ import annotations

import json
import re

import pytest

from gatekeeper.errors import NotMeasured
from gatekeeper.learning import proofs

RECORD = proofs.Record(
    check="guard",
    method="fixed-by",
    green="a" * 40,
    red=f"{'a' * 40} without {'b' * 12}",
    tests=("tests/test_x.py::test_y",),
    check_digest=f"sha256:{'0' * 64}",
    files={"tests/test_x.py": f"sha256:{'1' * 64}"},
    fixed_by=("b" * 40,),
    fix_digest=f"sha256:{'2' * 64}",
    date="2026-11-21T06:00:00+00:00",
    duration=1.5,
)


def test_a_record_is_read_back() -> None:
    """Writing and reading a record gives the same record."""
    assert proofs.parse(proofs.dump(RECORD).encode(), "x.json") == RECORD


def test_no_value_looks_like_a_secret() -> None:
    """Scanners take a string of nothing but hexadecimal digits for a secret."""
    record = json.loads(proofs.dump(RECORD))
    texts = [value for value in record.values() if isinstance(value, str)]
    assert not [text for text in (*texts, *record["fixed-by"]) if re.fullmatch("[0-9a-f]+", text)]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"check": 1}', "[" * 10_000])
def test_what_is_no_record(text: str) -> None:
    """Anything else is no proof, and the message says how to get one."""
    with pytest.raises(NotMeasured, match="prove"):
        proofs.parse(text.encode(), "x.json")


def test_another_schema_is_refused() -> None:
    """A record of a later form is not half understood."""
    text = proofs.dump(RECORD).replace(proofs.SCHEMA, "gatekeeper/proof/9")
    with pytest.raises(NotMeasured, match="proof/9"):
        proofs.parse(text.encode(), "x.json")
