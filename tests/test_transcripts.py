"""Start and tutorial are transcripts: each file is written, each command run, each line compared.

A file stands below a line such as "Write `shop/orders.py`:", a command after `$ ` in a `console`
block, with its output below it; `...` stands for any lines. Commit ids, days, times and durations
are those of the reader.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

DOCS = Path(__file__).parent.parent / "docs"
FENCE = re.compile(
    r"(?:^[^\n]*`(?P<path>[^`\n]+)`[^`\n]*:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
# What differs between readers, and what stands for it in both texts.
VOLATILE = (
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "COMMIT"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?"), "DAY"),
    (re.compile(r"\b\d\d:\d\d\b"), "TIME"),
    (re.compile(r"(?:INC|PM)-\d{4}-"), "ID-"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s)\b"), "DURATION"),
    (re.compile(r"[ \t]+"), " "),
)


class Step(NamedTuple):
    """Something that the reader does: write a file, or run a command that prints `expected`."""

    line: int
    path: str
    text: str
    expected: str = ""


def steps(page: str) -> list[Step]:
    """What a page tells its reader to do, in order."""
    text, found = (DOCS / page).read_text("utf-8"), []
    for block in FENCE.finditer(text):
        line = text.count("\n", 0, block.start("text")) + 1
        if block["kind"] == "console":
            for part in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                found.append(Step(line, "", command, expected))
        elif block["path"]:
            found.append(Step(line, block["path"], block["text"]))
    return found


def plain(text: str) -> str:
    """A text without what differs between readers."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def matches(expected: str, printed: str) -> bool:
    """Whether the printed text is the expected one, `...` lines aside."""
    first, *rest = (
        part.strip("\n") for part in re.split(r"^\.\.\.$", plain(expected), flags=re.MULTILINE)
    )
    text = plain(printed)
    if not rest:
        return text == first
    place = len(first)
    for part in rest[:-1]:
        place = text.find(part, place) + len(part)
    sound = text.startswith(first) and all(part in text for part in rest)
    return sound and text.endswith(rest[-1]) and place <= len(text) - len(rest[-1])


@pytest.mark.slow
@pytest.mark.parametrize("page", ["start.md", "tutorial.md"])
def test_a_page_is_what_happens(tmp_path: Path, page: str) -> None:
    """Whoever follows it word by word sees what it shows."""
    folder = tmp_path / "shop"
    folder.mkdir()
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        **{
            f"GIT_{who}_{what}": "reader@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = 0
    for step in steps(page):
        if step.path:
            (folder / step.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.path).write_text(step.text, "utf-8")
            continue
        ran = subprocess.run(
            ["bash", "-c", step.text],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        assert matches(step.expected, ran.stdout), (
            f"{page}:{step.line}: $ {step.text}\n{ran.stdout}"
        )
        done += 1
    assert done >= 10
