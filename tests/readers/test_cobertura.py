"""Cobertura: coverage is counted from the lines, and none of nothing is no coverage."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement
from gatekeeper.readers.cobertura import PLUGIN

FIXTURES = Path(__file__).parent / "fixtures" / "cobertura"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "tool-outputs"


class Context:
    """Nothing of it is used."""

    def relative(self, path: str) -> str | None:
        """No report of coverage names a place."""
        raise AssertionError(path)


def percent(measured: Measurement) -> dict[str, float]:
    """The metrics by the last word of their names."""
    assert {m.unit for m in measured.metrics} == {"%"}
    return {m.name.removeprefix("coverage."): float(m.value) for m in measured.metrics}


def read(tmp_path: Path, xml: str) -> Measurement:
    """The measurement of a document."""
    path = tmp_path / "coverage.xml"
    path.write_text(xml, encoding="utf-8")
    return PLUGIN.read(path, Context())


def lines(*hits: object) -> str:
    """The lines of a class or method, with these hits."""
    inner = "".join(f'<line number="{n}" hits="{hit}"/>' for n, hit in enumerate(hits, 1))
    return f"<lines>{inner}</lines>"


def test_coverage_py() -> None:
    """A report of coverage.py is counted: 4 of 6 lines, 1 of 2 branches."""
    measured = PLUGIN.read(FIXTURES / "coverage.xml", Context())
    assert percent(measured) == {"line": pytest.approx(400 / 6), "branch": 50}
    assert measured.work == {"lines": 6}
    assert measured.notes == ()


METHOD = f"<methods><method>{lines(0, 0)}</method></methods>"
BRANCH = '<lines><line number="1" hits="1" branch="true" condition-coverage="25% (1/4)"/></lines>'
CASES: dict[str, tuple[dict[str, float], dict[str, int]]] = {
    f"<coverage><class>{lines(1, 0)}</class></coverage>": ({"line": 50}, {"lines": 2}),
    f"<coverage><class>{METHOD}{lines(1, 0)}</class></coverage>": ({"line": 50}, {"lines": 2}),
    f"<coverage><class>{lines(1, 0)}{METHOD}</class></coverage>": ({"line": 50}, {"lines": 2}),
    f"<coverage><class>{METHOD}</class></coverage>": ({"line": 0}, {"lines": 2}),
    f"<coverage><class>{METHOD}</class><class>{lines(1, 1)}</class></coverage>": (
        {"line": 50},
        {"lines": 4},
    ),
    f"<coverage><class>{BRANCH}</class></coverage>": ({"line": 100, "branch": 25}, {"lines": 1}),
    f'<coverage branch-rate="1"><class>{lines(1)}</class></coverage>': (
        {"line": 100},
        {"lines": 1},
    ),
    f'<coverage branches-valid="0" branches-covered="0"><class>{lines(1)}</class></coverage>': (
        {"line": 100},
        {"lines": 1},
    ),
    f'<coverage branches-valid="4" branches-covered="3"><class>{lines(1)}</class></coverage>': (
        {"line": 100, "branch": 75},
        {"lines": 1},
    ),
    f'<coverage lines-valid="9" lines-covered="9"><class>{lines(1, 0)}</class></coverage>': (
        {"line": 50},
        {"lines": 2},
    ),
    '<coverage lines-valid="4" lines-covered="3.0"><class/></coverage>': (
        {"line": 75},
        {"lines": 4},
    ),
    '<coverage line-rate="0.25"><class/><class/></coverage>': ({"line": 25}, {"files": 2}),
    f"<coverage><class>{lines('18446744073709551615', -1, '2.0', 0)}</class></coverage>": (
        {"line": 50},
        {"lines": 4},
    ),
}


@pytest.mark.parametrize("xml", CASES)
def test_counted(tmp_path: Path, xml: str) -> None:
    """The lines of the classes count first, then what the report states."""
    measured = read(tmp_path, xml)
    assert (percent(measured), measured.work) == CASES[xml]


def test_disagreement_is_noted(tmp_path: Path) -> None:
    """Where the report states another number of lines than it shows, a note says so."""
    xml = f'<coverage lines-valid="9" lines-covered="9"><class>{lines(1, 0)}</class></coverage>'
    assert read(tmp_path, xml).notes == ("2 lines are counted, the report states 9",)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ('<coverage line-rate="1"/>', "names no class"),
        ('<coverage lines-valid="82" lines-covered="63"/>', "names no class"),
        ('<coverage line-rate="1" lines-valid="0"><class/></coverage>', "no line of code"),
        ("<coverage><class/></coverage>", "no line of code"),
        ('<coverage line-rate="NaN"><class/></coverage>', "no number"),
        ('<coverage line-rate="80"><class/></coverage>', "not between 0 and 1"),
        ('<coverage lines-valid="1" lines-covered="2"><class/></coverage>', "2 of 1"),
        ("<coverage><class><line number='1'/></class></coverage>", "hits='' is no number"),
        (f"<coverage><class>{lines('NaN')}</class></coverage>", "no number"),
        (f"<coverage><class>{BRANCH.replace('1/4', '5/4')}</class></coverage>", "5 of 4"),
        ("<report/>", "begins with <report>"),
        ("<testsuites/>", "begins with <testsuites>"),
        ("", "is empty"),
        ("<coverage>", "no complete XML"),
    ],
)
def test_not_measured(tmp_path: Path, xml: str, reason: str) -> None:
    """Zero lines, impossible numbers and other formats are not measured."""
    with pytest.raises(NotMeasured, match=reason):
        read(tmp_path, xml)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutations(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A report with bytes cut off or changed is within bounds, or not measured."""
    whole = bytearray((FIXTURES / "coverage.xml").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "mutated.xml"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        measured = PLUGIN.read(path, Context())
    except NotMeasured:
        return
    assert all(0 <= value <= 100 for value in percent(measured).values())


def indexed() -> list[tuple[str, int, int]]:
    """Path, covered and all lines of the corpus files; none where it is absent."""
    rows = (CORPUS / "INDEX.tsv").read_text().splitlines() if CORPUS.exists() else []
    found = ((r.split("\t")[0], re.search(r"counted class lines (\d+)/(\d+)", r)) for r in rows)
    return [(path, int(match[1]), int(match[2])) for path, match in found if match]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
def test_corpus() -> None:
    """Real reports of many tools show what was counted independently."""
    for path, covered, valid in indexed():
        if valid:
            measured = PLUGIN.read(CORPUS / path, Context())
            assert measured.work == {"lines": valid}, path
            assert percent(measured)["line"] == pytest.approx(100 * covered / valid), path


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
def test_truncated_corpus(tmp_path: Path) -> None:
    """A real report that breaks off is never measured."""
    chosen = random.Random(1)  # noqa: S311 -- no secret
    path = tmp_path / "cut.xml"
    for name, _, _ in chosen.sample(indexed(), 20):
        whole = (CORPUS / name).read_bytes().rstrip()
        path.write_bytes(whole[: chosen.randrange(len(whole) - 1)])
        with pytest.raises(NotMeasured):
            PLUGIN.read(path, Context())
