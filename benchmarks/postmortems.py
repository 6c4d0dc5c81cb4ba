"""How well post-mortems are read: recall and precision of action items, and of what they state.

    python benchmarks/postmortems.py [FOLDER] [--misses] [--only FAMILY,...]

FOLDER holds one folder for each family of reports, `NAME.md` with `NAME.expected.json` beside it
(`title`, `date`, `action_items` with the first 80 characters of `text`, `done`, `owner`, `due`).
Texts are compared by their letters and digits, one to one. `done`, `owner`, `due` are counted over
the matched items that state them, `date` over the reports that have one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gatekeeper.learning.postmortem import ActionItem, PostMortem
from gatekeeper.learning.reading import read

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "postmortems"
_SHOWN = 80
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Share:
    """How many of how many."""

    right: int = 0
    total: int = 0

    def add(self, *, right: bool) -> None:
        """Count one more."""
        self.right += right
        self.total += 1

    def pool(self, other: Share) -> None:
        """Count what another one has counted, too."""
        self.right += other.right
        self.total += other.total

    @property
    def ratio(self) -> float:
        """The share that is right; 1 of none."""
        return self.right / self.total if self.total else 1.0

    def __str__(self) -> str:
        """As a percentage, with the counts."""
        return f"{100 * self.ratio:5.1f} {self.right:>4}/{self.total:<4}" if self.total else "-"


@dataclass(slots=True)
class Score:
    """How well some reports were read."""

    recall: Share = field(default_factory=Share)
    precision: Share = field(default_factory=Share)
    done: Share = field(default_factory=Share)
    owner: Share = field(default_factory=Share)
    due: Share = field(default_factory=Share)
    date: Share = field(default_factory=Share)
    title: Share = field(default_factory=Share)
    misses: list[str] = field(default_factory=list)

    def pool(self, other: Score) -> None:
        """Count what another one has counted, too."""
        for name in SHARES:
            getattr(self, name).pool(getattr(other, name))
        self.misses += other.misses


SHARES = tuple(one.name for one in fields(Score) if one.name != "misses")


def key(text: str | None) -> str:
    """What two texts are compared by."""
    return _NO_WORD.sub("", (text or "")[:_SHOWN]).casefold()


def score(report: PostMortem, expected: Mapping[str, Any], name: str = "") -> Score:
    """Compare what was read with what a careful reader found."""
    result = Score()
    left = list(report.action_items)
    for wanted in expected["action_items"]:
        found = next((one for one in left if _same(wanted["text"], one.text)), None)
        result.recall.add(right=found is not None)
        if found is None:
            result.misses.append(f"{name}: missing: {wanted['text']}")
            continue
        left.remove(found)
        _compare(result, found, wanted, name)
    result.precision.right = result.recall.right
    result.precision.total = len(report.action_items)
    result.misses += [f"{name}:{one.line}: not expected: {one.text[:_SHOWN]}" for one in left]
    for what in ("date", "title"):
        if expected.get(what):
            right = key(getattr(report, what)) == key(expected[what])
            getattr(result, what).add(right=right)
            if not right:
                result.misses.append(f"{name}: {what}: {getattr(report, what)} != {expected[what]}")
    return result


def _same(wanted: str, found: str) -> bool:
    a, b = key(wanted), key(found)
    # Markup inside the first 80 characters makes one of the two a little longer.
    return a == b or (min(len(a), len(b)) > 30 and (a.startswith(b) or b.startswith(a)))


def _compare(result: Score, found: ActionItem, wanted: Mapping[str, Any], name: str) -> None:
    for what in ("done", "owner", "due"):
        if wanted.get(what) is None:
            continue
        value = getattr(found, what)
        right = value == wanted[what] if what == "done" else key(value) == key(wanted[what])
        getattr(result, what).add(right=right)
        if not right:
            result.misses.append(
                f"{name}:{found.line}: {what}: {value!r} != {wanted[what]!r} of {found.text[:60]}"
            )


def families(folder: Path, only: Iterable[str] = ()) -> dict[str, Score]:
    """The score of each family of reports in a folder."""
    scores: dict[str, Score] = {}
    for path in sorted(folder.glob("*/*.expected.json")):
        family = path.parent.name
        if only and family not in only:
            continue
        markdown = path.with_name(path.name.removesuffix(".expected.json") + ".md")
        expected = json.loads(path.read_text("utf-8"))
        report = read(markdown.read_bytes(), markdown.name)
        name = f"{family}/{markdown.name}"
        scores.setdefault(family, Score()).pool(score(report, expected, name))
    return scores


def pooled(scores: Mapping[str, Score]) -> Score:
    """All families as one."""
    total = Score()
    for one in scores.values():
        total.pool(one)
    return total


def table(scores: Mapping[str, Score]) -> str:
    """A row for each family, and one for all."""
    rows = [*scores.items(), ("pooled", pooled(scores))]
    width = max(len(name) for name, _ in rows)
    lines = [f"{'family':{width}}  " + "  ".join(f"{name:>15}" for name in SHARES)]
    for name, one in rows:
        cells = "  ".join(f"{getattr(one, share)!s:>15}" for share in SHARES)
        lines.append(f"{name:{width}}  {cells}")
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--misses", action="store_true", help="list what was not read right")
    parser.add_argument("--only", default="", help="families, apart by commas")
    options = parser.parse_args(argv)
    scores = families(options.folder, [name for name in options.only.split(",") if name])
    if not scores:
        sys.stderr.write(f"no NAME.expected.json in the folders of {options.folder}\n")
        return 2
    lines = [table(scores)]
    if options.misses:
        lines += pooled(scores).misses
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
