"""The HTML page in a real browser: widths, themes, keyboard, filter, paper, and hostile output."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gatekeeper.model import Finding

ATTACKS = (
    "<script>window.pwned = 1; alert(1)</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "</style></script><script>window.pwned = 1</script>",
    "' autofocus onfocus='window.pwned = 1' x='",
    "<iframe src='javascript:parent.pwned = 1'></iframe>",
    "<link rel=stylesheet href=https://example.org/a.css><base href=https://example.org/>",
    "<meta http-equiv=refresh content='0; url=https://example.org/'>",
    "{{ 7 * 7 }} {% raw %} ${7 * 7}",
    "\x1b[2J\u202e\u2066\ud800\ufffe\x00",
)


def open_all(page: Page) -> None:
    """Open everything that opens."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_width(width: int, opened: Any) -> None:
    """From phone to desktop the page never scrolls sideways: what is wide does, in its box."""
    page = opened(width=width).page
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        open_all(page)
    assert (
        page.evaluate(
            """[...document.querySelectorAll("main *")].filter(each => !each.closest(".scroll, svg")
            && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML)"""
        )
        == []
    )


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_accessible(scheme: str, width: int, opened: Any) -> None:
    """Axe finds nothing, contrast included, in either theme, on phone and desktop, all open."""
    # The policy of the page would also keep axe itself out.
    page = opened(width=width, color_scheme=scheme, bypass_csp=True).page
    open_all(page)
    found = Axe().run(page)
    assert [f"{v['id']}: {v['nodes'][0]['html']}" for v in found.response["violations"]] == []
    assert any(check["id"] == "color-contrast" for check in found.response["passes"])


def test_themes(opened: Any) -> None:
    """The page is light or dark as the reader's system is."""
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = {s: opened(color_scheme=s).page.evaluate(ground) for s in ("light", "dark")}
    assert grounds == {"light": "rgb(245, 246, 248)", "dark": "rgb(17, 21, 27)"}


def test_alone_and_silent(opened: Any) -> None:
    """The page asks for nothing but itself, and the console has nothing to tell."""
    shown = opened()
    open_all(shown.page)
    shown.page.fill("#filter-text", "import")
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator("#filter-count")).to_have_text("1 of 14 findings")
    assert shown.requests == [shown.page.url]
    assert shown.said == []


def test_keyboard(opened: Any) -> None:
    """The first stop skips to the report; filter and findings are used by keys alone."""
    page = opened().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    stops: list[str] = []
    while "filter-text" not in stops:
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert len(stops) < 200
    assert {"A", "SUMMARY"} <= set(stops)
    page.keyboard.type("stock")
    expect(page.locator("#filter-count")).to_have_text("3 of 14 findings")
    page.keyboard.press("Tab")
    page.keyboard.type("h")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Clear"
    page.keyboard.press("Enter")
    expect(page.locator("#filter-count")).to_have_text("14 findings")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    group = "document.activeElement.closest('details')"
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.evaluate(f"{group}.open")
    page.keyboard.press("Enter")
    assert not page.evaluate(f"{group}.open")


def test_focus_is_seen(opened: Any) -> None:
    """Whatever has the focus has an outline."""
    page = opened().page
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize(
    ("text", "severity", "place", "count", "checks"),
    [
        ("", "", "", "14 findings", 5),
        ("PRICING.py", "", "", "7 of 14 findings", 1),
        ("stock none", "", "", "1 of 14 findings", 1),
        ("", "critical", "", "1 of 14 findings", 1),
        ("", "high", "", "5 of 14 findings", 3),
        ("", "", "gate:code-quality", "12 of 14 findings", 3),
        ("", "", "check:pip-audit", "1 of 14 findings", 1),
        ("stock", "high", "check:ruff", "3 of 14 findings", 1),
        ("no such thing", "", "", "0 of 14 findings", 0),
    ],
)
def test_filter(
    text: str,
    severity: str,
    place: str,
    count: str,
    checks: int,
    opened: Any,
) -> None:
    """Text, severity, gate and check narrow the findings together; the count is announced."""
    page = opened().page
    page.fill("#filter-text", text)
    page.select_option("#filter-severity", severity)
    page.select_option("#filter-check", place)
    status = page.get_by_role("status")
    expect(status).to_have_text(count)
    assert status.get_attribute("aria-live") == "polite"
    assert page.locator("#findings .of-check:visible").count() == checks
    assert page.locator("#findings li:visible").count() == int(count.split(maxsplit=1)[0])
    page.get_by_role("button", name="Clear").click()
    expect(status).to_have_text("14 findings")
    assert page.locator("#findings li:visible").count() == 14


def test_links_open(opened: Any) -> None:
    """A link to a check that is closed opens it."""
    page = opened().page
    check = page.locator("#check-benchmarks")
    assert check.get_attribute("open") is None
    page.click("#charts figcaption a >> nth=0")
    expect(check).to_have_attribute("open", "")


def test_without_script(opened: Any) -> None:
    """Without JavaScript everything can be read, and no control stands there for nothing."""
    page = opened(java_script_enabled=False).page
    assert page.locator("h1").inner_text() == "Deployment blocked"
    assert page.locator("#filter").is_hidden()
    assert page.locator("#findings li:visible").count() == 14
    page.click("#check-unit-tests > summary")
    page.click("#check-unit-tests .how > summary")
    assert page.get_by_text("coverage.xml", exact=False).first.is_visible()


def test_paper(opened: Any) -> None:
    """On paper everything is open, and no control is printed."""
    page = opened().page
    assert page.locator("#check-unit-tests dl").is_hidden()
    page.emulate_media(media="print")
    assert page.locator("#filter").is_hidden()
    assert page.locator("nav").is_hidden()
    boxes = page.evaluate(
        """[...document.querySelectorAll("details > :not(summary)")]
            .map(each => each.getBoundingClientRect().height)"""
    )
    assert len(boxes) > 50
    assert min(boxes) > 0
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile(attack: str, opened: Any, with_findings: Any) -> None:
    """What a tool says is shown, and never executed; nothing is fetched for it."""
    finding = Finding(attack, attack, "high", "lint", attack, 1, url=attack)
    result = with_findings(finding)
    seen = replace(result.observations[0], output=attack, argv=(attack,), tool_version=attack)
    result = replace(result, observations=(seen, *result.observations[1:]), warnings=(attack,))
    shown = opened(result)
    open_all(shown.page)
    shown.page.fill("#filter-text", "a")
    expect(shown.page.locator("#filter-count")).to_contain_text(" of ")
    assert shown.page.evaluate("window.pwned") is None
    assert shown.requests == [shown.page.url]
    assert shown.said == []
    assert shown.page.locator("script").count() == 1
    if attack.isprintable():
        assert attack in shown.page.locator("#check-ruff .findings").inner_text()


def test_policy_holds(opened: Any) -> None:
    """Were markup ever to slip through, the policy would keep it from running or fetching."""
    shown = opened()
    shown.page.evaluate(
        """document.body.insertAdjacentHTML("beforeend", `<img src="https://example.org/a.png">
            <b onclick="window.pwned = 1" style="color: red">a</b>`);
        document.querySelector("body > b").click();
        document.body.append(Object.assign(document.createElement("script"),
            {textContent: "window.pwned = 1"}))"""
    )
    assert shown.page.evaluate("window.pwned") is None
    assert shown.refused == ["csp"]
    assert len([text for text in shown.said if "Content Security Policy" in text]) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("files", [1, 400])
def test_ten_thousand(files: int, opened: Any, with_findings: Any) -> None:
    """Ten thousand findings can be filtered, and few of them are ever laid out at once."""
    findings = (
        Finding(
            "F401", f"`name_{n}` imported but unused", "high", "lint", f"a{n % files}.py", n + 1
        )
        for n in range(10_000)
    )
    page = opened(with_findings(*findings)).page
    laid_out = """[...document.querySelectorAll("#findings li > b")]
        .filter(each => each.checkVisibility({contentVisibilityAuto: true})).length"""
    assert page.locator("#filter-count").inner_text() == "10,004 findings"
    assert page.evaluate(laid_out) < 100
    page.locator("#findings .group > summary").first.click()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(laid_out) < 200
    for text, count in (("name_77", "111"), ("imported", "10,000"), ("name_7777", "1")):
        page.fill("#filter-text", text)
        expect(page.locator("#filter-count")).to_have_text(f"{count} of 10,004 findings")
        assert page.evaluate(laid_out) < 200
    assert "name_7777" in str(page.locator("#findings li:not([hidden])").text_content())
