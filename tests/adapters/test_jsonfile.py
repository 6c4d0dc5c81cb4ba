"""JSON files: read in any Unicode encoding, and refused with a reason where they are broken."""

from __future__ import annotations

import codecs
import gc
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.adapters import jsonfile
from gatekeeper.errors import NotMeasured

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def load(path: Path) -> Any:
    """The document, read whole."""
    return jsonfile.load(path)


def walk(path: Path) -> Any:
    """The document, read piece by piece as far as that goes, and built again."""
    with jsonfile.stream(path) as document:
        return _build(document)


def _build(document: jsonfile.Stream) -> Any:
    if document.peek() == "[":
        return [_build(document) for _ in document.elements()]
    if document.peek() == "{":
        return {key: _build(document) for key in document.members()}
    return document.value()


WAYS = pytest.mark.parametrize("way", [load, walk])


@WAYS
@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode(), id="utf-8"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="utf-8 with mark"),
        pytest.param(lambda text: text.encode("utf-16"), id="utf-16"),
        pytest.param(lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(lambda text: text.encode("utf-32"), id="utf-32"),
        pytest.param(lambda text: codecs.BOM_UTF32_BE + text.encode("utf-32-be"), id="utf-32-be"),
    ],
)
def test_encodings(way: Any, encode: Any, tmp_path: Path) -> None:
    """A document is read in each Unicode encoding that it names by a mark."""
    path = tmp_path / "report.json"
    path.write_bytes(encode('\r\n {"naïve": [1, -2.5e3, "𝄞", true, null], "e": {}, "l": []} \n'))
    assert way(path) == {"naïve": [1, -2500.0, "𝄞", True, None], "e": {}, "l": []}


BROKEN = {
    b"": "is empty",
    b" \n": "is empty",
    codecs.BOM_UTF8: "not one complete JSON document",
    b'{"a": 1': "not one complete JSON document",
    b"[1,]": "not one complete JSON document",
    b"[1 2]": "not one complete JSON document",
    b"{1: 2}": "not one complete JSON document",
    b'{"a" 2}': "not one complete JSON document",
    b"no report": "not one complete JSON document",
    b"<xml/>": "not one complete JSON document",
    b'{"a": 1}{"a": 2}': "not one complete JSON document",
    b"[1]\x01": "not one complete JSON document",
    b"[1]\x00": "not one complete JSON document",
    b'["\xe9"]': "utf-8",
    b'[\x00"\x00]\x00': "not one complete JSON document",
    b"[NaN]": "NaN is no JSON number",
    b"[-Infinity]": "-Infinity is no JSON number",
    b"[1e999]": "out of range",
    b"[" + b"9" * 5000 + b"]": "not one complete JSON document",
    b'{"a": 1, "a": 2}': "'a'",
}


@WAYS
@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:20]))
def test_broken(way: Any, content: bytes, tmp_path: Path) -> None:
    """What is no single, complete, unambiguous document is not measured, and the reason says so."""
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(NotMeasured, match=r"report\.json") as caught:
        way(path)
    assert BROKEN[content] in str(caught.value)


def test_depth(tmp_path: Path) -> None:
    """A document nested beyond reason is refused, whether it ends or not."""
    path = tmp_path / "report.json"
    for content in ("[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000):
        path.write_text(content)
        with pytest.raises(NotMeasured):
            load(path)
        with pytest.raises(NotMeasured), jsonfile.stream(path) as document:
            document.value()


def test_size(tmp_path: Path) -> None:
    """A file over the limit is refused before it is read."""
    path = tmp_path / "report.json"
    path.write_text("[1, 2]")
    with pytest.raises(NotMeasured, match="6 bytes, more than the 5 allowed"):
        jsonfile.load(path, limit=5)
    with pytest.raises(NotMeasured, match="more than the 5"), jsonfile.stream(path, limit=5):
        pass


def test_value_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One value of a stream that would fill the memory is refused."""
    monkeypatch.setattr(jsonfile, "_CHUNK", 16)
    monkeypatch.setattr(jsonfile, "MAX_VALUE", 64)
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"a": "x" * 300}))
    with pytest.raises(NotMeasured, match="more than 64 characters"):
        walk(path)


def test_no_file(tmp_path: Path) -> None:
    """A missing file, a folder and a named pipe are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        with pytest.raises(NotMeasured, match=r"cannot be read|no regular file"):
            load(path)


def test_collector(tmp_path: Path) -> None:
    """The collector of garbage works again after a stream, also after a broken one."""
    path = tmp_path / "report.json"
    path.write_text("[")
    with pytest.raises(NotMeasured):
        walk(path)
    assert gc.isenabled()


@given(value=JSON, indent=st.sampled_from([None, 1]), chunk=st.integers(1, 40))
def test_stream_is_load(
    value: Any, indent: int | None, chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Piece by piece gives the same as whole, wherever a piece happens to end."""
    path = tmp_path_factory.getbasetemp() / "value.json"
    path.write_text(json.dumps(value, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonfile, "_CHUNK", chunk)
        assert walk(path) == load(path) == value


@given(content=st.binary(max_size=60) | st.text('[]{}":,1e-. \\u0a', max_size=40).map(str.encode))
def test_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of any bytes, both ways make the same value, or both refuse."""
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(content)
    seen = []
    for way in (load, walk):
        try:
            seen.append(repr(way(path)))
        except NotMeasured:
            seen.append("not measured")
    assert seen[0] == seen[1]


def test_values() -> None:
    """Values of the wrong form become nothing; strings are cut and fit for UTF-8."""
    assert jsonfile.text("a" * 9, 4) == "aaa…"
    assert jsonfile.text("é\ud800") == "é?"
    assert jsonfile.text(5) == jsonfile.text(None) == ""
    assert [jsonfile.position(v) for v in (1, 0, -1, True, 2.0, "3", 1 << 40)] == [1, *[None] * 6]
    assert (jsonfile.mapping([1]), jsonfile.sequence({"a": 1})) == ({}, ())


@pytest.mark.parametrize("skipped", ["[1, [2], {}]", '{"a": [1]}', '"x"', "12"])
def test_skip(skipped: str, tmp_path: Path) -> None:
    """A value that is skipped leaves the stream at the next one."""
    path = tmp_path / "report.json"
    path.write_text(f'{{"a": {skipped}, "b": 7}}')
    with jsonfile.stream(path) as document:
        seen = {}
        for key in document.members():
            if key == "a":
                document.skip()
            else:
                seen[key] = document.value()
    assert seen == {"b": 7}
