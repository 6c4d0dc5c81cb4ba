"""Writes docs/screenshots/ anew: the HTML report of the tests' example in a real browser.

    .venv/bin/python scripts/screenshots.py

Both themes, phone and desktop; needs a Chromium (`make browser`). Fonts are the machine's own, so
that the pictures differ a little from machine to machine; no test compares them.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from gatekeeper.history import records
from gatekeeper.reports import render

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "tests" / "reports" / "fixtures" / "example.json"
TARGET = ROOT / "docs" / "screenshots"
# Name: theme, width, height, and what stands at the top.
SHOTS = {
    "desktop-light": ("light", 1280, 1400, "body"),
    "desktop-dark": ("dark", 1280, 1400, "body"),
    "phone-light": ("light", 390, 1400, "body"),
    "phone-dark": ("dark", 390, 1400, "#findings"),
    "timeline-light": ("light", 1280, 1300, "#postmortems"),
}


def main() -> None:
    """Take each picture."""
    find = [str(ROOT / "scripts" / "browser"), "find"]
    found = subprocess.run(find, check=True, capture_output=True, text=True)  # noqa: S603  our own
    browser = found.stdout.strip()
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "gates.html"
        report.write_text("".join(render(records.read(EXAMPLE), "html")), "utf-8")
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        for name, (theme, width, height, top) in SHOTS.items():
            viewport = {"width": width, "height": height}
            page = chromium.new_page(viewport=viewport, color_scheme=theme)  # type: ignore[arg-type]
            page.goto(report.as_uri())
            page.evaluate("top => document.querySelector(top).scrollIntoView()", top)
            page.wait_for_timeout(300)  # what came into view is painted a frame later
            page.screenshot(path=TARGET / f"{name}.png")
        chromium.close()


if __name__ == "__main__":
    main()
