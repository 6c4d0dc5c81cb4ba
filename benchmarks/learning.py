"""What the coverage of post-mortems costs beside bare markdown-it-py over the same text.

`python benchmarks/learning.py [--reports N] [--rounds N]` makes a repository of N post-mortems (by
default 10,000) with five action items each and half as many registered checks, and prints the CPU
of `postmortem coverage` from cold, and again with nothing changed, as ratios of bare parsing. It
ends with 1 where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from ratios import GATEKEEPER, PYTHON, Cost, Figure, cost, line

COLD, AGAIN = 1.5, 0.15  # a tenth of what cold may cost
_BARE = """
import glob
from markdown_it import MarkdownIt
parser = MarkdownIt("commonmark").enable("table")
for name in glob.glob("learning/postmortems/*.md"):
    with open(name, encoding="utf-8") as file:
        parser.parse(file.read())
"""
_WORDS = """order customer database replica failover timeout retry queue worker cache deploy
rollback config certificate disk memory latency alert dashboard network partition leader election
backup restore schema migration lock index query thread pool"""
_REPORT = """---
id: PM-2026-{n:05}
kind: production-bug
---
## Incident: {title}

**Date**: 2026-03-04
**Severity**: P1

### 1. Timeline
-   `[14:02]` - Issue first detected. {said}
-   `[14:10]` - Impact confirmed. {said}
-   `[14:40]` - Root cause identified. {said}
-   `[14:49]` - Fix deployed. {said}
-   `[15:05]` - System verified as stable.
### 2. Root Cause Analysis
{cause}

{cause} See [the dashboard](https://example.org/d/{n}) and `service-{n}`.
### 3. Impact
-   **Users Affected**: 1200
-   **Data Loss**: No
-   **Duration**: 47 minutes
### 4. Lessons Learned
1.  {said}
2.  {said}
### 5. Action Items
{items}"""
_ITEM = "-   `[ ]` **Action Item {n}**: {text} Owner: team-{n}. Due: 2127-03-2{n}.\n"
_CHECK = """check: guard-{n:05}
title: {title}
gate: code-quality
type: pattern
files: [learning/postmortems/PM-2026-{n:05}.md]
with: {{forbid: "never {n}"}}
owner: team-orders
origin:
  - {{item: "PM-2026-{n:05}#AI-1"}}
  - {{item: "PM-2026-{n:05}#AI-2"}}
"""
_GATE = "gate: code-quality\nchecks: [{check: noop, command: ['true']}]\n"


def make(folder: Path, reports: int) -> None:
    """Write and commit the repository; the same one every time."""
    chance = random.Random(1)  # noqa: S311  nothing secret
    words = _WORDS.split()

    def said(count: int) -> str:
        return f"{' '.join(chance.choices(words, k=count)).capitalize()}."

    for name in ("gates", "checks", "learning/postmortems"):
        (folder / name).mkdir(parents=True)
    (folder / "gates/code-quality.yaml").write_text(_GATE)
    for n in range(reports):
        items = "".join(_ITEM.format(n=k, text=said(9)) for k in range(1, 6))
        text = _REPORT.format(n=n, title=said(6), said=said(8), cause=said(40), items=items)
        (folder / f"learning/postmortems/PM-2026-{n:05}.md").write_text(text)
    for n in range(reports // 2):
        (folder / f"checks/guard-{n:05}.yaml").write_text(_CHECK.format(n=n, title=said(6)))
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    cost([*git, "init", "--quiet"], folder)
    cost([*git, "add", "."], folder)
    cost([*git, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", "bench"], folder)


def measure(folder: Path, rounds: int) -> list[Figure]:
    """The ratios; the commands take turns."""
    seen: dict[str, list[Cost]] = {"bare": [], "cold": [], "again": []}
    ours = [GATEKEEPER, "postmortem", "coverage"]
    for _ in range(rounds):
        shutil.rmtree(folder / ".gatekeeper", ignore_errors=True)
        for name, argv in (("bare", [PYTHON, "-c", _BARE]), ("cold", ours), ("again", ours)):
            seen[name].append(cost(argv, folder))
    cpu = {name: median(one.cpu for one in costs) for name, costs in seen.items()}
    note = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in cpu.items())
    return [
        Figure("coverage-cold", cpu["cold"] / cpu["bare"], COLD, "x", note),
        Figure("coverage-again", cpu["again"] / cpu["bare"], AGAIN, "x", note),
    ]


def main() -> int:
    """Print a line per figure; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gatekeeper-bench-") as name:
        make(Path(name), chosen.reports)
        figures = measure(Path(name), chosen.rounds)
    sys.stdout.writelines(f"{line(figure)}\n" for figure in figures)
    return int(not all(figure.holds for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
