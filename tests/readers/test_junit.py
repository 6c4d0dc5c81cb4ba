"""JUnit: counts come from the cases, and nothing broken reads as clean."""

import contextlib
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement, count
from gatekeeper.readers.junit import PLUGIN, cases

FIXTURES = Path(__file__).parent / "fixtures" / "junit"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "tool-outputs"
# The index counts elements, the reader cases with one verdict each: a case that holds several
# outcomes, a suite that states a failure without a case, a test that CTest could not start.
OTHERWISE = {"em-junit.multiresult.xml", "mj-multiple_failures-test_multiple_errors.xml"}
OTHERWISE |= {"cm-empty.xml", "junit.xml"}


class Context:
    """Relative paths stay, absolute ones lead out."""

    def relative(self, path: str) -> str | None:
        """The path itself."""
        return None if path.startswith("/") else path


def counts(measured: Measurement) -> dict[str, int]:
    """All that the tests of a report add up to, by the last word of the metric."""
    both = {m.name: int(m.value) for m in measured.metrics} | count(measured.findings)
    return {name.removeprefix("tests."): number for name, number in both.items() if number}


def read(tmp_path: Path, xml: str) -> Measurement:
    """The measurement of a document."""
    path = tmp_path / "junit.xml"
    path.write_text(xml, encoding="utf-8")
    return PLUGIN.read(path, Context())


def test_pytest() -> None:
    """A report of pytest is counted, and its failures are located by their text."""
    measured = PLUGIN.read(FIXTURES / "pytest.xml", Context())
    assert counts(measured) == {"total": 5, "passed": 1, "failed": 1, "errors": 2, "skipped": 1}
    assert measured.work == {"tests": 4}
    failed = measured.findings[0]
    assert (failed.rule, failed.path, failed.line) == ("failed", "test_shop.py", 21)
    assert failed.message.startswith("test_shop.test_wrong: assert 2.0 == 3\n")


CASES = {
    "<testcase/>": {"total": 1, "passed": 1},
    "<testcase><failure/></testcase>": {"total": 1, "failed": 1},
    "<testcase><error/></testcase>": {"total": 1, "errors": 1},
    "<testcase><skipped/></testcase>": {"total": 1, "skipped": 1},
    "<testcase><failure/><error/></testcase>": {"total": 1, "errors": 1},
    "<testcase><skipped/><failure/></testcase>": {"total": 1, "failed": 1},
    "<testcase><failure/><failure/></testcase>": {"total": 1, "failed": 1},
    "<testcase><flakyFailure/></testcase>": {"total": 1, "passed": 1, "flaky": 1},
    "<testcase><flakyError/></testcase>": {"total": 1, "passed": 1, "flaky": 1},
    "<testcase><failure/><rerunFailure/></testcase>": {"total": 1, "failed": 1},
    "<testcase><rerunError/></testcase>": {"total": 1, "errors": 1},
    '<testcase status="disabled"/>': {"total": 1, "skipped": 1},
    '<testcase status="notrun" result="suppressed"/>': {"total": 1, "skipped": 1},
    '<testcase status="FAILED"/>': {"total": 1, "failed": 1},
    '<testcase status="notrun"><skipped message="Unable to find executable"/></testcase>': {
        "total": 1,
        "errors": 1,
    },
    '<testcase name="a"/><testcase name="a"/>': {"total": 2, "passed": 2},
    "<testsuite><testsuite><testcase/></testsuite><testcase/></testsuite>": {
        "total": 2,
        "passed": 2,
    },
    '<testsuite tests="7"><testcase/></testsuite>': {"total": 1, "passed": 1},
    "": {},
    '<testsuite tests="0"/>': {},
    '<testsuite tests="2" skipped="2"/>': {},
    '<testsuite tests="2"/>': {"errors": 1},
    '<testsuite failures="1"><testcase/></testsuite>': {"total": 1, "passed": 1, "errors": 1},
    '<testsuite errors="1"><testcase><failure/></testcase></testsuite>': {
        "total": 1,
        "failed": 1,
    },
    '<testsuite errors="1"><error message="no set-up"/><testcase/></testsuite>': {
        "total": 1,
        "passed": 1,
        "errors": 1,
    },
}


@pytest.mark.parametrize("cases", CASES)
def test_counts(tmp_path: Path, cases: str) -> None:
    """One verdict a case, the worst; what a suite states and does not show is an error."""
    measured = read(tmp_path, f"<testsuites>{cases}</testsuites>")
    assert counts(measured) == CASES[cases]
    total, skipped = (CASES[cases].get(name, 0) for name in ("total", "skipped"))
    assert measured.work == {"tests": total - skipped}


@pytest.mark.parametrize("root", ["testsuites", "testsuite"])
def test_roots(tmp_path: Path, root: str) -> None:
    """Any of the usual roots will do, with or without a namespace."""
    xml = f'<{root} xmlns="urn:x"><testcase><failure/></testcase></{root}>'
    assert counts(read(tmp_path, xml)) == {"total": 1, "failed": 1}
    assert counts(read(tmp_path, "<testcase><error/></testcase>")) == {"total": 1, "errors": 1}


@pytest.mark.parametrize("root", ["testResults", "TestRun", "test-run", "assemblies", "coverage"])
def test_other_roots(tmp_path: Path, root: str) -> None:
    """What begins otherwise is no JUnit."""
    with pytest.raises(NotMeasured, match="begins with"):
        read(tmp_path, f"<{root}><testcase/></{root}>")


PLACES = {
    '<testcase file="a.py" line="3"><failure/></testcase>': ("a.py", 3),
    '<testcase file="a.py" line="3"><failure>a.py:9: No</failure></testcase>': ("a.py", 9),
    '<testcase file="a.py" line="3"><failure>b.py:9: No</failure></testcase>': ("a.py", 3),
    '<testcase file="a.py"><failure file="b.ts" line="4"/></testcase>': ("b.ts", 4),
    "<testcase><failure>see\nsrc/a.c:12:3: No</failure></testcase>": ("src/a.c", 12),
    "<testcase><failure>at 12:30:45 in x</failure></testcase>": (None, None),
    '<testcase file="/etc/a.py" line="3"><failure/></testcase>': (None, None),
    '<testcase file="a.py" line="0"><failure/></testcase>': ("a.py", None),
    '<testcase file="a.py" line="x"><failure/></testcase>': ("a.py", None),
}


@pytest.mark.parametrize("case", PLACES)
def test_places(tmp_path: Path, case: str) -> None:
    """A finding stands where the failure, the case or the text says."""
    (finding,) = read(tmp_path, f"<testsuite>{case}</testsuite>").findings
    assert (finding.path, finding.line) == PLACES[case]


def test_messages_are_bounded(tmp_path: Path) -> None:
    """A message names the case, says what happened, and has an end."""
    xml = '<testcase classname="c" name="n"><failure message="m">m</failure></testcase>'
    assert read(tmp_path, xml).findings[0].message == "c.n: m"
    xml = f'<testcase name="{"n" * 9999}"><failure message="{"m" * 9999}">x</failure></testcase>'
    assert len(read(tmp_path, xml).findings[0].message) == 500
    assert read(tmp_path, "<testcase><error/></testcase>").findings[0].message.endswith("message")


OUTCOMES = [
    "",
    "<failure/>",
    "<error/>",
    "<skipped/>",
    "<flakyFailure/>",
    "<system-out>x</system-out>",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(OUTCOMES), max_size=4), max_size=6))
def test_they_add_up(tmp_path_factory: pytest.TempPathFactory, cases: list[list[str]]) -> None:
    """Whatever the cases hold, the outcomes add up to the total."""
    path = tmp_path_factory.getbasetemp() / "any.xml"
    inner = "".join(f"<testcase>{''.join(case)}</testcase>" for case in cases)
    path.write_text(f"<testsuite>{inner}</testsuite>")
    seen = counts(PLUGIN.read(path, Context()))
    parts = (seen.get(name, 0) for name in ("passed", "failed", "errors", "skipped"))
    assert sum(parts) == seen.get("total", 0) == len(cases)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutations(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A report with bytes cut off or changed is measured or not measured, nothing else."""
    whole = bytearray((FIXTURES / "pytest.xml").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "mutated.xml"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(NotMeasured):
        PLUGIN.read(path, Context())


def indexed() -> list[tuple[str, list[int]]]:
    """Path and counts of the corpus files that hold test cases; none where it is absent."""
    rows = (CORPUS / "INDEX.tsv").read_text().splitlines() if CORPUS.exists() else []
    pattern = re.compile(
        r"(\d+) testcase elements: (\d+) failed, (\d+) errors, (\d+) skipped(?:, (\d+) flaky)?"
    )
    found = ((row.split("\t")[0], pattern.search(row)) for row in rows)
    return [(path, [int(n or 0) for n in match.groups()]) for path, match in found if match]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
def test_corpus() -> None:
    """Real reports of many tools hold what was counted independently."""
    words = ("total", "failed", "errors", "skipped", "flaky")
    for path, expected in indexed():
        if Path(path).name in OTHERWISE or path.endswith("constraint-test.xml"):
            continue
        seen = counts(PLUGIN.read(CORPUS / path, Context()))
        assert [seen.get(word, 0) for word in words] == expected, path


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
def test_truncated_corpus(tmp_path: Path) -> None:
    """A real report that breaks off is never measured."""
    chosen = random.Random(1)  # noqa: S311 -- no secret
    path = tmp_path / "cut.xml"
    for name, _ in chosen.sample(indexed(), 20):
        whole = (CORPUS / name).read_bytes().rstrip()
        path.write_bytes(whole[: chosen.randrange(len(whole) - 1)])
        with pytest.raises(NotMeasured):
            PLUGIN.read(path, Context())


EACH = """\
<testsuites><testsuite name="{suite}"><testcase classname="a.B" name="good"/>
<testcase classname="a.B" name="bad"><failure message="m">text</failure></testcase>
<testcase classname="a.B" name="broken"><error message="e"/></testcase>
<testcase name="left"><skipped/></testcase></testsuite></testsuites>
"""


@pytest.mark.parametrize(("suite", "body"), [("pytest", False), ("com.example.OrderTest", True)])
def test_cases(tmp_path: Path, suite: str, body: bool) -> None:
    """Each test by an id; an error is one of the body unless pytest wrote the report."""
    path = tmp_path / "r.xml"
    path.write_text(EACH.format(suite=suite))
    seen = [(case.id, case.outcome, case.body, case.text) for case in cases(path)]
    assert seen == [
        ("a.B.good", "passed", body, ""),
        ("a.B.bad", "failed", True, "m\ntext"),
        ("a.B.broken", "failed", body, "e"),
        ("left", "skipped", body, ""),
    ]
