"""lizard: text, CSV and XML say the same, and an empty output is no low complexity."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement, count
from gatekeeper.readers.lizard import PLUGIN

FIXTURES = Path(__file__).parent / "fixtures" / "lizard"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "tool-outputs"
TEXT = (FIXTURES / "text.txt").read_text()


class Context:
    """All paths stay."""

    def relative(self, path: str) -> str | None:
        """The path itself."""
        return path


def metrics(measured: Measurement) -> dict[str, str]:
    """The metrics by name."""
    return {metric.name: str(metric.value) for metric in measured.metrics}


def read(tmp_path: Path, text: str) -> Measurement:
    """The measurement of an output."""
    path = tmp_path / "lizard.txt"
    path.write_text(text)
    return PLUGIN.read(path, Context())


@pytest.mark.parametrize(
    ("name", "files", "shown"),
    [
        ("text.txt", 4, {"complexity.max": "21", "duplication.percent": "91.33"}),
        ("plain.csv", 3, {"complexity.max": "21"}),
        ("header.csv", 3, {"complexity.max": "21"}),
        ("report.xml", 4, {"complexity.max": "21"}),
    ],
)
def test_formats(name: str, files: int, shown: dict[str, str]) -> None:
    """Each format shows the same functions; only CSV hides files without functions."""
    measured = PLUGIN.read(FIXTURES / name, Context())
    assert metrics(measured) == shown
    assert measured.work == {"files": files}
    assert count(measured.findings) == {"complexity.over": 2}
    finding = measured.findings[0]
    assert (finding.path, finding.line, finding.severity) == ("lz/a.py", 1, "medium")
    assert finding.message == "f_a has a cyclomatic complexity of 21, over 15"


def test_stated_threshold(tmp_path: Path) -> None:
    """The threshold that the run stated decides, not lizard's default."""
    text = TEXT.replace("cyclomatic_complexity > 15", "cyclomatic_complexity > 21")
    assert read(tmp_path, text).findings == ()


def test_without_duplicates(tmp_path: Path) -> None:
    """Without -Eduplicate there is no duplicate rate, rather than one of zero."""
    assert metrics(read(tmp_path, TEXT.partition("Duplicates")[0])) == {"complexity.max": "21"}


def test_more_duplicates_than_code(tmp_path: Path) -> None:
    """Lizard counts code repeated often more than once; more than all cannot be repeated."""
    text = re.sub(r"(?<=duplicate rate: )[\d.]+", "101.67", TEXT)
    assert metrics(read(tmp_path, text))["duplication.percent"] == "100"


def test_csv_with_duplicates(tmp_path: Path) -> None:
    """The duplicates that follow the rows of a CSV are read too."""
    text = (FIXTURES / "plain.csv").read_text() + "Duplicates" + TEXT.partition("Duplicates")[2]
    assert metrics(read(tmp_path, text))["duplication.percent"] == "91.33"


def test_columns_of_extensions(tmp_path: Path) -> None:
    """Columns that extensions add do not become part of the name."""
    text = TEXT.replace(" f_a@", "    20    20 f_a@")
    assert read(tmp_path, text).findings[0].message.startswith("f_a has")


def test_no_functions(tmp_path: Path) -> None:
    """Files without functions have complexity 0."""
    measured = read(
        tmp_path,
        "<cppncss><measure type='Function'/><measure type='File'>"
        "<item name='a.py'><value>1</value></item></measure></cppncss>",
    )
    assert metrics(measured) == {"complexity.max": "0"}
    assert measured.work == {"files": 1}


ROW = '1,2,3,0,1,"f@1-2@a.py","a.py","f","f( )",1,2'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ((FIXTURES / "nothing.txt").read_text(), "analysed no file"),
        (f"NLOC,CCN,token,PARAM,length,{'x,' * 6}\n", "analysed no file"),
        (f"{ROW}\n1,2,3", "cut off"),
        (f"{ROW}\n{ROW[:-10]}", "cut off"),
        (ROW.replace("1,2,", "1,x,", 1), "is missing"),
        (f"{ROW}\n{ROW.replace('1,2,', '1,x,', 1)}", "complexity 'x'"),
        (f"{ROW}\nDuplicates\n====\n", "rate of duplicates is missing"),
        (TEXT.partition("4 file")[0], "is missing"),
        (TEXT.partition("Total nloc")[0], "totals are missing"),
        (TEXT.partition("Total duplicate")[0], "rate of duplicates is missing"),
        (TEXT.replace("4 file", "5 file"), "5 files and 3 functions are stated"),
        (TEXT + TEXT, "several runs"),
        ("a.py:1: warning: f has 9 NLOC, 99 CCN\n", "is missing"),
        ("<checkstyle/>", "begins with <checkstyle>"),
        ("<cppncss/>", "analysed no file"),
        ("<cppncss><measure type='Function'><item name='x'/></measure></cppncss>", "no place"),
    ],
)
def test_not_measured(tmp_path: Path, text: str, reason: str) -> None:
    """No file, half an output and other formats are not measured."""
    with pytest.raises(NotMeasured, match=reason):
        read(tmp_path, text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FIXTURES.iterdir())), st.binary(max_size=30), st.data())
def test_mutations(
    tmp_path_factory: pytest.TempPathFactory, source: Path, junk: bytes, data: st.DataObject
) -> None:
    """An output that is cut off or changed is measured or not measured, nothing else."""
    whole = source.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path_factory.getbasetemp() / "mutated.txt"
    path.write_bytes(whole[:cut] + junk + whole[data.draw(st.integers(cut, len(whole))) :])
    with contextlib.suppress(NotMeasured):
        assert PLUGIN.read(path, Context()).work["files"]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
@pytest.mark.parametrize(
    ("name", "functions", "highest", "files"),
    [
        ("flask-header.csv", 369, "23", 20),
        ("requests.csv", 245, "21", 16),
        ("requests.xml", 245, "21", 19),
        ("zero.xml", 0, "0", 1),
    ],
)
def test_corpus(name: str, functions: int, highest: str, files: int) -> None:
    """Real outputs hold what was counted independently."""
    measured = PLUGIN.read(CORPUS / "local" / "lizard" / name, Context())
    assert metrics(measured) == {"complexity.max": highest}
    assert measured.metrics[0].samples == functions
    assert measured.work == {"files": files}
