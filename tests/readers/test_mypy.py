"""mypy: errors are found in every variant of the text, and silence is not success."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement, count
from gatekeeper.readers.mypy import PLUGIN

FIXTURES = Path(__file__).parent / "fixtures" / "mypy"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "tool-outputs"


class Context:
    """Relative paths stay, absolute ones lead out."""

    def relative(self, path: str) -> str | None:
        """The path with `/`."""
        return None if path.startswith("/") else path.replace("\\", "/")


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Measurement:
    """The measurement of an output."""
    path = tmp_path / "mypy.txt"
    path.write_bytes(text.encode(encoding))
    return PLUGIN.read(path, Context())


def test_fixtures() -> None:
    """What mypy really printed is read, plain and pretty."""
    for name in ("errors.txt", "pretty.txt"):
        measured = PLUGIN.read(FIXTURES / name, Context())
        (finding,) = measured.findings
        assert (finding.rule, finding.path, finding.line) == ("return-value", "src/shop.py", 8)
        assert finding.message == ('Incompatible return value type (got "int", expected "str")')
        assert (finding.severity, finding.category) == ("high", "types")
        assert measured.work == {"files": 1}
        assert measured.metrics == ()


def test_syntax_error() -> None:
    """Errors that prevent further checking are failures, and a note tells what was not done."""
    measured = PLUGIN.read(FIXTURES / "syntax.txt", Context())
    assert count(measured.findings) == {"lint.errors": 2}
    assert measured.work == {"files": 1}
    assert "prevented" in measured.notes[0]


def test_clean() -> None:
    """Without errors all files count as checked; a note that stands alone counts nowhere."""
    measured = PLUGIN.read(FIXTURES / "clean.txt", Context())
    assert measured.work == {"files": 1}
    assert [finding.severity for finding in measured.findings] == ["info"]
    assert not count(measured.findings)


PLACES = {
    "a.py:1: error: No  [x]": ("a.py", 1, None, "x", "No"),
    "a.py:1:2: error: No  [x]": ("a.py", 1, 2, "x", "No"),
    "a.py:1:2:3:4: error: No  [x]": ("a.py", 1, 2, "x", "No"),
    "a.py: error: No": ("a.py", None, None, "mypy", "No"),
    r"pkg\a.py:1: error: No: error: not  [x-y]": ("pkg/a.py", 1, None, "x-y", "No: error: not"),
    r"C:\pkg\a.py:1:2: error: No": ("C:/pkg/a.py", 1, 2, "mypy", "No"),
    "/abs/a.py:1:2: error: No": (None, None, None, "mypy", "No"),
    "a b.py:0: error: Is [int] or [str]": ("a b.py", None, None, "str", "Is [int] or"),
    'a.py:1: error: Is "list[int]"': ("a.py", 1, None, "mypy", 'Is "list[int]"'),
    "\x1b[1ma.py:1: \x1b[1m\x1b[31merror:\x1b(B\x1b[m No  \x1b[33m[x]\x1b(B\x1b[m": (
        "a.py",
        1,
        None,
        "x",
        "No",
    ),
}


@pytest.mark.parametrize("line", PLACES)
def test_lines(tmp_path: Path, line: str) -> None:
    """Columns, the end of an error, Windows paths, colours and missing parts are understood."""
    (finding,) = read(tmp_path, f"{line}\n").findings
    seen = (finding.path, finding.line, finding.column, finding.rule, finding.message)
    assert seen == PLACES[line]


def test_notes_join_their_error(tmp_path: Path) -> None:
    """Notes on the line of an error belong to it; headings of context belong to nothing."""
    measured = read(
        tmp_path,
        'a.py: note: In function "f":\n'
        "a.py:1: error: No  [x]\n"
        "a.py:1: note: See there\n"
        "a.py:7: note: Revealed type is int\n"
        "a.py:8: warning: Perhaps\n"
        "Found 1 error in 1 file (checked 3 source files)\n",
    )
    assert [f.message for f in measured.findings] == [
        "No\nSee there",
        "Revealed type is int",
        "Perhaps",
    ]
    assert count(measured.findings) == {"lint.errors": 1, "lint.warnings": 1}
    assert measured.work == {"files": 3}


def test_without_summary(tmp_path: Path) -> None:
    """Without the summary, the files that have errors are those known to be checked."""
    measured = read(tmp_path, "a.py:1: error: No\nb.py:1: error: No\nb.py:2: error: No\n")
    assert measured.work == {"files": 2}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """What PowerShell redirects is read too."""
    text = "Daemon started\r\nSuccess: no issues found in 12 source files\r\n"
    assert read(tmp_path, text, encoding).work == {"files": 12}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("There are no .py[i] files in directory 'e'\n", "it begins: There are no"),
        ("mypy: error: unrecognized arguments: --foo\n", "could not work"),
        ("a.py:1: error: INTERNAL ERROR -- Please report\n", "could not work"),
        ("Found 3 errors in 1 file (checked 1 source file)\n", "found 3 errors, 0 of them"),
        ('{"file": "a.py", "line": 1, "severity": "error"}\n', "no output of mypy"),
        ("<testsuite>\na.py:1: error: No\n</testsuite>\n", "no output of mypy"),
        ("a.py:1: note: Revealed\n", "no output of mypy"),
        ("a.py:1: warning: W\nFound 1 error in 1 file (checked 1 source file)\n", "found 1 error"),
    ],
)
def test_not_measured(tmp_path: Path, text: str, reason: str) -> None:
    """Silence, crashes, missing lines and other formats are not measured."""
    with pytest.raises(NotMeasured, match=reason):
        read(tmp_path, text)


def test_nothing_checked(tmp_path: Path) -> None:
    """A success over no files proves no work."""
    assert read(tmp_path, "Success: no issues found in 0 source files\n").work == {"files": 0}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.data())
def test_mutations(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, data: st.DataObject
) -> None:
    """An output with errors that is cut off or changed never becomes clean by itself."""
    whole = (FIXTURES / "pretty.txt").read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path_factory.getbasetemp() / "mutated.txt"
    path.write_bytes(whole[:cut] + junk + whole[data.draw(st.integers(cut, len(whole))) :])
    try:
        measured = PLUGIN.read(path, Context())
    except NotMeasured:
        return
    assert count(measured.findings)["lint.errors"]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
@pytest.mark.parametrize(
    ("name", "errors", "files"),
    [
        ("local/mypy/requests-strict-cols.txt", 122, 19),
        ("local/mypy/syntax-error.txt", 2, 1),
        ("public/mypy/spy-mypy_output.txt", 5, 1),
        ("public/mypy/spy-mypy_output_long_rule_id.txt", 1, 1),
        ("public/mypy/spy-mypy_output_show_error_end.txt", 5, 1),
        ("public/mypy/spy-mypy_unknown_file_output.txt", 6, 2),
        ("public/mypy/vl-mypy.txt", 6, 5),
    ],
)
def test_corpus(name: str, errors: int, files: int) -> None:
    """Real outputs hold what was counted independently."""
    measured = PLUGIN.read(CORPUS / name, Context())
    assert count(measured.findings) == {"lint.errors": errors}
    assert measured.work == {"files": files}
