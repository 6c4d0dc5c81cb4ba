"""XML as a stream: what is accepted, what is refused, and that nothing is expanded or fetched."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.adapters import xmlfile
from gatekeeper.errors import NotMeasured

DECLARED = b'<?xml version="1.0"?>'


def texts(path: Path) -> list[str]:
    """The texts of all elements, in the order in which they end."""
    return [e.text or "" for event, _, e in xmlfile.events(path, "a") if event == "end"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<a>x</a>", ["x"]),
        (b"\xef\xbb\xbf" + DECLARED + "<a>é</a>".encode(), ["é"]),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), ["é"]),
        ("\ufeff<a>é</a>".encode("utf-16-be"), ["é"]),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), ["é"]),
        (b"\n<!-- a --> <!-- b -->" + DECLARED + b"<a>x</a>", ["x"]),
        (b"\xef\xbb\xbf\n" + DECLARED + b"<a>x</a>", ["x"]),
        (b"<a> <![CDATA[\n <?xml version=1?>]]></a>", [" \n <?xml version=1?>"]),
        (b'<!DOCTYPE a SYSTEM "http://localhost:1/a.dtd"><a>x</a>', ["x"]),
        (b'<a xmlns="urn:x"><b>x</b></a>', ["x", ""]),
        (b"<a>" + b"x" * 12_000_000 + b"</a>", ["x" * 12_000_000]),
    ],
    ids=range(11),
)
def test_accepted(tmp_path: Path, data: bytes, expected: list[str]) -> None:
    """Encodings, misplaced declarations, DOCTYPEs, namespaces and long texts are read."""
    path = tmp_path / "report.xml"
    path.write_bytes(data)
    assert texts(path) == expected


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"no XML", "no complete XML"),
        (b"<a><b>", "no complete XML"),
        (b"<a/>more", "no complete XML"),
        (b"<b/>", "begins with <b>, not with <a>"),
        (b"<a>\0</a>", "no complete XML"),
        (b"<a>&#xD800;</a>", "no complete XML"),
        (b'<?xml version="1.0" encoding="none"?><a/>', "no complete XML"),
        (b"<a>" * 300, "nested deeper than 200"),
        (f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a b="&l9;"/>'.encode(), "no complete XML"),
    ],
    ids=range(11),
)
def test_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    """What is empty, broken, another format or a bomb is not measured, with the reason."""
    path = tmp_path / "report.xml"
    path.write_bytes(data)
    with pytest.raises(NotMeasured, match=reason):
        texts(path)


def test_unreadable(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is not measured."""
    for path in (tmp_path, tmp_path / "absent.xml"):
        with pytest.raises(NotMeasured, match="cannot be read"):
            texts(path)


def test_nothing_is_expanded(tmp_path: Path) -> None:
    """An entity that names a file does not bring its content in."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    path = tmp_path / "report.xml"
    path.write_text(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;<b>y</b></a>')
    assert texts(path) == ["y", ""]


def test_endless_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that does not end is given up before it fills the memory."""
    monkeypatch.setattr(xmlfile, "QUIET", 1 << 20)
    path = tmp_path / "report.xml"
    path.write_bytes(b"<a>" + b"x" * 2_000_000 + b"</a>")
    with pytest.raises(NotMeasured, match="longer than 1 MiB"):
        texts(path)


def test_the_tree_does_not_grow(tmp_path: Path) -> None:
    """What has ended is emptied and forgotten; what comes later is not touched."""
    path = tmp_path / "report.xml"
    path.write_text("<a>" + "<b><c/>text</b>tail" * 5000 + "</a>")
    ended = 0
    for event, name, element in xmlfile.events(path, "a"):
        if (event, name) == ("end", "b"):
            ended += 1
            assert element.getparent() is not None
            earlier = list(element.itersiblings(preceding=True))  # type: ignore[attr-defined]
            assert len(earlier) <= 1
            assert not any(len(other) or other.text for other in earlier)
    assert ended == 5000


def test_lxml_is_imported_when_used() -> None:
    """Importing the module does not load lxml."""
    code = "import sys, gatekeeper.adapters.xmlfile; sys.exit('lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*'<>/a!?[]-"&; ', "<a>", "</a>", "<!--", "\x00", "é"])))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    """Any text is either read or not measured."""
    path = tmp_path_factory.getbasetemp() / "any.xml"
    path.write_text("".join(parts), encoding="utf-8")
    with contextlib.suppress(NotMeasured):
        texts(path)
