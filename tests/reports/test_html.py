"""The HTML page: whole, alone, in order, and harmless whatever tools say."""

from __future__ import annotations

import base64
import hashlib
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from gatekeeper import plugins, wording
from gatekeeper.history import records
from gatekeeper.model import Evidence, Finding, Measurement, Metric, Series
from gatekeeper.reports import html as page_of
from gatekeeper.reports import render
from gatekeeper.result import CheckVerdict, Result

FIXTURES = Path(__file__).parent / "fixtures"
TEMPLATES = Path(plugins.__file__).parent / "reports" / "templates"


def parsed(source: str) -> Any:  # lxml-stubs knows little of lxml.html
    """A page as its elements."""
    return html.document_fromstring(source)


def page(result: Result) -> Any:
    """The page of a result, parsed."""
    return parsed("".join(render(result, "html")))


def text(element: Any) -> str:
    """What a reader sees of an element, in one line."""
    for code in element.xpath(".//script | .//style"):
        code.drop_tree()
    return " ".join(element.text_content().split())


def with_findings(result: Result, *findings: Finding) -> Result:
    """The result, its first check with these findings instead of its own."""
    gate, *gates = result.verdict.gates
    check = replace(gate.checks[0], findings=findings)
    gate = replace(gate, checks=(check, *gate.checks[1:]))
    return replace(result, verdict=replace(result.verdict, gates=(gate, *gates)))


@pytest.fixture(scope="module")
def example() -> Result:
    """A result that holds everything that a report has to show."""
    made: Result = runpy.run_path(str(FIXTURES / "make_example.py"))["RESULT"]
    return made


def test_example_is_made(example: Result) -> None:
    """The example as JSON is what its script makes; where it is not, the script writes it anew."""
    assert records.read(FIXTURES / "example.json") == example


def test_verdict_first(any_result: Result) -> None:
    """The page begins with the verdict, in words, and counts the gates by how they ended."""
    document = page(any_result)
    (heading,) = document.xpath("//h1")
    assert wording.conclusion(any_result).startswith(text(heading))
    assert all(count in text(document) for count in wording.summary(any_result.verdict))
    assert heading.getroottree().xpath("//main//*[self::h1 or self::h2]")[0] is heading


def test_remarks(results: Mapping[str, Result]) -> None:
    """Warnings, an interruption and the reason of a run are told with the verdict."""
    for name in ("interrupted", "nothing-due", "empty"):
        head = text(page(results[name]).xpath("//section[contains(@class, 'verdict')]")[0])
        remarks = wording.remarks(results[name])
        assert remarks
        assert all(remark in head for remark in remarks)


def said(result: Result) -> Iterator[str]:
    """All that a page has to show of a result."""
    subject = result.subject
    yield from filter(None, (subject.service, subject.version, subject.commit, subject.base))
    yield from (result.engine, result.policy, result.stage, *result.warnings)
    for gate in result.verdict.gates:
        yield from (gate.gate, gate.title)
        yield from (due.metric for due in gate.open)
        for judgement in gate.requirements:
            yield from (judgement.metric, judgement.condition, judgement.text, judgement.message)
            yield from (judgement.remedy, judgement.waiver)
            yield (
                f"{judgement.position.file}:{judgement.position.line}" if judgement.position else ""
            )
        for check in gate.checks:
            yield from checked(check)
    for observation in result.observations:
        yield from (observation.tool, observation.tool_version, *wording.tail(observation.output))
        measured = observation.measurement or Measurement()
        yield from (metric.name for metric in measured.metrics)
        yield from (word for e in measured.evidence for word in (e.path, e.sha256))
        yield from (word for item in measured.items for word in (item.id, item.title, item.state))
        yield from (series.name for series in measured.series)
        yield from measured.notes
    yield from (f"{skip.check}: {skip.reason}" for skip in result.plan.checks if skip.reason)


def checked(check: CheckVerdict) -> Iterator[str]:
    """All that a page has to show of a check."""
    yield from (check.check, check.title, check.reason, check.remedy, check.fix)
    for finding in (*check.findings, *(excused.finding for excused in check.excused)):
        yield from (wording.flat(finding.message), finding.rule, finding.path or "")
    yield from (wording.excused_by(excused.by, excused.reason) for excused in check.excused)


def test_all_is_there(example: Result) -> None:
    """Whatever the result holds is on the page, without a script."""
    shown = text(page(example))
    missing = [word for word in said(example) if " ".join(word.split()) not in shown]
    assert not missing


def test_guards(example: Result) -> None:
    """A check says which post-mortem it guards, and the post-mortem which checks guard it."""
    document = page(example)
    check = document.get_element_by_id("check-order-needs-customer")
    assert "this guards PM-2026-003: Orders without a customer were stored" in text(check)
    assert "#item-PM-2026-003" in check.xpath(".//a/@href")
    assert document.get_element_by_id("item-PM-2026-003").xpath(".//a/@href") == [
        "#check-order-needs-customer"
    ]


def test_what_blocks(example: Result) -> None:
    """The head lists each reason that blocks, with a link to where more is said."""
    document = page(example)
    assert wording.again(example) in text(
        document.xpath("//section[@aria-labelledby='verdict']")[0]
    )
    reasons = document.xpath("//ul[@class='reasons']//a")
    assert [(a.get("href"), text(a)) for a in reasons] == [
        ("#gate-code-quality", "code-quality: lint.errors == 0: 3"),
        ("#check-order-needs-customer", "order-needs-customer: tests.failed == 0: 1"),
        ("#check-migrations", "migrations: exit code 1 ... [failures]"),
        ("#gate-security", "security: vulnerabilities.critical == 0: 1"),
        ("#gate-security", "security: secrets.total == 0: not measured"),
        ("#check-pip-audit", "pip-audit: vulnerabilities.critical == 0: 1"),
        ("#check-detect-secrets", "detect-secrets: detect-secrets: no such program on PATH"),
    ]


def test_a_passing_check_with_blamed_findings(example: Result) -> None:
    """A check that passes is shown as found where its findings break a requirement of its gate."""
    check = page(example).get_element_by_id("check-ruff")
    assert check.get("open") is not None
    assert text(check.xpath("./summary/span")[0]) == "found"


def test_links(any_result: Result, example: Result) -> None:
    """Every link on the page arrives, and no id stands twice."""
    for result in (any_result, example):
        document = page(result)
        ids = document.xpath("//@id")
        assert len(ids) == len(set(ids))
        inner = {href[1:] for href in document.xpath("//@href") if href.startswith("#")}
        assert inner <= {*ids}


def test_headings(any_result: Result, example: Result) -> None:
    """Headings go down one level at a time, and there is one of the first."""
    for result in (any_result, example):
        levels = [int(h.tag[1]) for h in page(result).xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables(example: Result) -> None:
    """Each table has a caption, and headers with a scope; all have roles, as blocks would not."""
    for table in page(example).xpath("//table"):
        assert table.xpath("./caption")
        assert all(header.get("scope") for header in table.xpath(".//th"))
        parts = table.xpath("self::* | .//thead | .//tbody | .//tr | .//th | .//td")
        assert all(part.get("role") for part in parts)
        cells = table.xpath(".//tbody/tr/td[@data-label]")
        heads = {text(header) for header in table.xpath("./thead/tr/th")}
        assert {cell.get("data-label") for cell in cells} <= heads


def test_alone(example: Result) -> None:
    """The page fetches nothing: no source, no import, no address but those of findings."""
    document = page(example)
    assert not document.xpath("//@src | //link | //img | //iframe | //object | //embed | //base")
    outer = [a for a in document.xpath("//*[@href]") if not a.get("href").startswith("#")]
    known = {f.url for gate in example.verdict.gates for c in gate.checks for f in c.findings}
    known |= {e.finding.url for g in example.verdict.gates for c in g.checks for e in c.excused}
    assert {a.get("href") for a in outer} == known - {""}
    assert {a.get("rel") for a in outer} == {"noopener noreferrer"}
    assert not re.search(r"url\(|@import|https?:", document.xpath("//style")[0].text)


def test_policy(any_result: Result) -> None:
    """The content security policy lets through the page's own style and script, nothing else."""
    document = page(any_result)
    (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    for kind in ("style", "script"):
        (code,) = document.xpath(f"//{kind}")
        digest = base64.b64encode(hashlib.sha256(code.text.encode()).digest()).decode()
        assert rules.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert not rules
    assert not document.xpath("//@style")
    assert not [name for element in document.iter() for name in element.attrib if name[:2] == "on"]


def test_same_bytes(any_result: Result) -> None:
    """The same result gives the same page."""
    assert "".join(render(any_result, "html")) == "".join(render(any_result, "html"))


def test_ascii(hostile_result: Result) -> None:
    """The page is right in any encoding that it is written in."""
    assert "".join(render(hostile_result, "html")).isascii()
    assert all(path.read_bytes().isascii() for path in TEMPLATES.iterdir())


def test_hostile(hostile_result: Result) -> None:
    """What tools say is text: no element, no control character, nothing that hides or floods."""
    source = "".join(render(hostile_result, "html"))
    document = parsed(source)
    assert len(source) < 2_000_000
    assert len(document.xpath("//script")) == len(document.xpath("//style")) == 1
    assert {element.tag for element in document.iter(html.etree.Element)} <= TAGS
    seen = document.text_content() + "".join(document.xpath("//@*"))
    assert not [c for c in seen if not c.isprintable() and c not in "\n\u200c\u200d\u00a0"]


# What a page is made of; whatever else stands in one was smuggled in.
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "script",
        "header",
        "nav",
        "main",
        "footer",
    ),
    *("section", "div", "p", "span", "h1", "h2", "h3", "h4", "ul", "li", "dl", "dt", "dd"),
    *("a", "b", "i", "em", "code", "pre", "br", "details", "summary", "figure", "figcaption"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("form", "label", "input", "select", "option", "optgroup", "button"),
    *("svg", "symbol", "path", "use", "line", "rect", "polyline"),
}


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/rule?a=1&b=2", True),
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("//example.org/a", False),
        ("https:alert", False),
        ("https://example.org and more", False),
        ("https://example.org/\u202egnp", False),
        ('https://example.org/"onclick=', False),
        ("file:///etc/passwd", False),
        ("http://[", False),
        ("https://example.org/" + 3000 * "x", False),
    ],
)
def test_addresses(url: str, linked: bool, results: Mapping[str, Result]) -> None:
    """The address of a finding is followed only where it is one of the web, else it is text."""
    finding = Finding("R1", "wrong", "high", "lint", "a.py", 1, url=url)
    document = page(with_findings(results["failed"], finding))
    (row,) = document.xpath("//li[@data-severity]")[:1]
    assert row.xpath(".//a/@href") == ([url] if linked else [])
    assert "R1" in text(row)


def test_many_findings(results: Mapping[str, Result]) -> None:
    """Of very many findings of one check the worst ten thousand are listed; the others counted."""
    low = [Finding("R2", f"low {n}", "low", "lint", f"a{n % 90}.py", n + 1) for n in range(11_000)]
    worst = Finding("R1", "the worst", "critical", "lint", "z.py", 1)
    source = "".join(render(with_findings(results["failed"], *low, worst), "html"))
    document = parsed(source)
    assert len(source) < 6_000_000
    listed = document.get_element_by_id("findings-ruff").getparent()
    assert len(listed.xpath(".//li")) == 10_000
    assert "the worst" in text(listed.xpath(".//li")[0])
    assert "and 1,001 more, in the JSON record of the run" in text(listed)
    opened = listed.xpath(".//details[@open]//li")
    assert 0 < len(opened) <= 40


def test_long_tables_are_cut_and_say_so(results: Mapping[str, Result]) -> None:
    """Of metrics and evidence the first two hundred stand in the page."""
    result = results["failed"]
    first, *others = result.observations
    seen = Measurement(
        metrics=(Metric("latency.p95", Decimal(1), "ms"),) * 201,
        evidence=(Evidence("runs/1/report.json", "sha256:00", 12),) * 1_201,
    )
    seen_most = replace(result, observations=(replace(first, measurement=seen), *others))
    tables = page(seen_most).xpath("//table[caption[contains(., 'the first 200 of')]]")
    captions = [text(table.find("caption")) for table in tables]
    assert captions == [
        f"Metrics of {first.check}: the first 200 of 201",
        f"Evidence of {first.check}, below .gatekeeper/: the first 200 of 1,201",
    ]
    assert [len(table.xpath("./tbody/tr")) for table in tables] == [200, 200]


def test_many_excused(results: Mapping[str, Result]) -> None:
    """Of a very long baseline ten thousand findings are listed, and all counted."""
    gate = results["waived"].verdict.gates[0]
    known = replace(gate.checks[0], excused=(gate.checks[0].excused[1],) * 10_001)
    gate = replace(gate, checks=(known,))
    verdict = replace(results["waived"].verdict, gates=(gate,))
    shown = page(replace(results["waived"], verdict=verdict)).get_element_by_id("excused")
    assert "known in the baseline 10,001" in text(shown)
    assert "and 1 more, in the JSON record of the run" in text(shown)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (3.4e-7, "340 ns"),
        (0.00125, "1.25 ms"),
        (1.25, "1.2 s"),
        (125.2, "2 min 5 s"),
        (-2.0, "-2 s"),
        (1e300, "1e+300 s"),
        (float("inf"), "inf s"),
    ],
)
def test_seconds(seconds: float, said: str) -> None:
    """A time is said in the unit that suits it; one that cannot be is said as it is."""
    assert page_of._seconds(seconds) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (512.0, "bytes", "512 B"),
        (1536.0, "bytes", "1.5 KiB"),
        (2.0**50, "bytes", "1.049e+06 GiB"),
        (0.5, "s", "500 ms"),
        (12.25, "%", "12.25 %"),
        (3.0, "", "3"),
    ],
)
def test_quantities(value: float, unit: str, said: str) -> None:
    """A number of a series has its unit, and no more digits than can be read."""
    assert page_of._quantity(value, unit) == said


def test_a_series_that_makes_no_line(results: Mapping[str, Result]) -> None:
    """A series without a line is told, and a chart of many points stays small."""
    first, *others = results["approved"].observations
    assert first.measurement
    series = (
        Series("load.one", "", (1.0,)),
        Series("load.nan", "", (float("nan"), 1.0)),
        Series("load.many", "s", tuple(float(n % 7) for n in range(100_000))),
    )
    seen = replace(first, measurement=replace(first.measurement, series=series))
    document = page(replace(results["approved"], observations=(seen, *others)))
    figures = document.xpath("//figure")
    assert [len(figure.xpath(".//polyline")) for figure in figures] == [0, 0, 1]
    assert "1 value, which makes no line" in text(figures[0])
    (points,) = figures[2].xpath(".//polyline/@points")
    assert len(points.split()) <= 400
    assert "min 0 s median 3.0 s max 6.0 s last 4.0 s" in text(figures[2])


def test_odd_times(results: Mapping[str, Result]) -> None:
    """Times that cannot be read, or lie outside the run, are shown as they are."""
    first, *others = results["approved"].observations
    odd = replace(first, started=-3.0, wall=1e9)
    run = replace(
        results["approved"], started="soon", finished="2026-11-20", observations=(odd, *others)
    )
    shown = text(page(run))
    assert "soon" in shown
    assert "1e+09 s" in shown
    assert "-3 s" in shown


def test_plug_in() -> None:
    """The page is a report by its file; the folder of its templates is none."""
    assert "html" in plugins.names("report")
    assert "templates" not in plugins.names("report")


def test_imports() -> None:
    """Jinja2 is imported when a page is made, and not with the report."""
    code = "import sys, gatekeeper.reports.html; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_report_command(example: Result, tmp_path: Path) -> None:
    """`gatekeeper report` writes the page of a stored result."""
    stored, target = tmp_path / "result.json", tmp_path / "gates.html"
    stored.write_text("".join(render(example, "json")))
    command = ["gatekeeper", "report", str(stored), "--format", f"html:{target}"]
    subprocess.run([sys.executable, "-m", *command], check=True, cwd=tmp_path)
    assert target.read_text("ascii") == "".join(render(example, "html"))
