"""A real browser, and pages of results in it, opened from a file as a reader would."""

from __future__ import annotations

import os
import runpy
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gatekeeper.model import Finding
from gatekeeper.reports import render
from gatekeeper.result import Result

ROOT = Path(__file__).parents[2]
# No sandbox, because root has none and a container lets nobody make one: the pages are our own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(slots=True)
class Opened:
    """A page in the browser, and what it did besides being shown."""

    page: Page
    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refused: list[str | None] = field(default_factory=list)


def found() -> str:
    """The path of the browser; skips without one, or fails where one must be there."""
    script = ROOT / "scripts" / "browser"
    done = subprocess.run([script, "find"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    if os.environ.get("CI") or os.environ.get("GATEKEEPER_BROWSER") == "required":
        pytest.fail(done.stderr)
    pytest.skip("no Chromium on PATH: make browser")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests here; Playwright's event loop must not outlive them."""
    program = found()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def example() -> Result:
    """A result that holds everything that a report has to show."""
    script = ROOT / "tests" / "reports" / "fixtures" / "make_example.py"
    made: Result = runpy.run_path(str(script))["RESULT"]
    return made


@pytest.fixture
def with_findings(example: Result) -> Callable[..., Result]:
    """The example, its first check with these findings instead of its own."""

    def changed(*findings: Finding) -> Result:
        gate, *gates = example.verdict.gates
        gate = replace(gate, checks=(replace(gate.checks[0], findings=findings), *gate.checks[1:]))
        return replace(example, verdict=replace(example.verdict, gates=(gate, *gates)))

    return changed


@pytest.fixture
def opened(browser: Browser, example: Result, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens the page of a result, by default of the example, 1280 pixels wide."""
    contexts: list[BrowserContext] = []

    def opens(result: Result = example, width: int = 1280, **options: object) -> Opened:
        path = tmp_path / "gates.html"
        path.write_text("".join(render(result, "html")), "utf-8")
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        shown = Opened(context.new_page())
        shown.page.on("console", lambda message: shown.said.append(message.text))
        shown.page.on("pageerror", lambda error: shown.said.append(str(error)))
        shown.page.on("dialog", lambda dialog: shown.said.append(f"dialog: {dialog.message}"))
        shown.page.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("requestfailed", lambda request: shown.refused.append(request.failure))
        shown.page.goto(path.as_uri())
        return shown

    yield opens
    for context in contexts:
        context.close()
