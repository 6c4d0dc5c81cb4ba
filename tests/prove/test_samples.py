"""Guards proven by samples, through real runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.adapters.process import Supervisor
from gatekeeper.errors import NotMeasured
from gatekeeper.prove import guard, samples
from gatekeeper.prove.samples import Outcome
from gatekeeper.prove.shadow import shadows
from gatekeeper.prove.worktree import open_tree

if TYPE_CHECKING:
    from tests.prove.conftest import Repo

GATE = "gate: g\nchecks: []\n"
PATTERN = """
check: guard
title: No breakpoint
gate: g
type: pattern
files: ["src/**/*.py", "!src/made/**"]
with: {forbid: 'breakpoint\\(', severity: %s}
proof: %s
"""
COMMAND = """
check: guard
title: The script is content
gate: g
files: ["**/*.txt"]
command: [%s, scripts/judge.py, "${files}"]
proof: %s
"""
JUDGE = """
import sys
for name in sys.argv[1:]:
    text = open(name).read()
    if "crash" in text:
        raise ValueError(text)
    if "bad" in text:
        sys.exit(1)
"""
Measure = Callable[..., Sequence[Outcome]]


@pytest.fixture
def measure(repo: Repo) -> Measure:
    """Commit a check, with other files, and measure its samples; nothing may be left of them."""

    def measured(
        check: str, files: Mapping[str, str], link: Sequence[str] = ()
    ) -> Sequence[Outcome]:
        head = repo.commit({"gates/g.yaml": GATE, "checks/guard.yaml": check, **files})
        status = repo.git("status", "--porcelain")
        with open_tree(repo.found, head) as tree, Supervisor() as supervisor:
            tree.link(link)
            found = guard.find(tree.path, "guard")
            assert found is not None
            caller = {"PATH": "/usr/bin:/bin"}
            made = shadows(repo.path, tree.path)
            lab = guard.Lab(tree, made, supervisor, caller, datetime.now(UTC))
            outcomes = samples.measure(found, lab)
            assert [*tree.path.parent.glob("sample-*")] == []
        assert repo.git("status", "--porcelain") == status
        return outcomes

    return measured


def seen(outcomes: Sequence[Outcome]) -> list[tuple[str, str, tuple[str, ...]]]:
    """What there was to see of each sample."""
    return [(outcome.sample, outcome.seen, outcome.rules) for outcome in outcomes]


def test_inline(measure: Measure) -> None:
    """A guard that is right about each sample holds on each."""
    proof = "{rejects: ['breakpoint()', 'x = 1; breakpoint()'], accepts: ['print()']}"
    outcomes = measure(PATTERN % ("high", proof), {"src/a.py": "breakpoint()\n"})
    assert seen(outcomes) == [
        ("rejects[1]", "red", ("guard",)),
        ("rejects[2]", "red", ("guard",)),
        ("accepts[1]", "green", ()),
    ]
    assert all(outcome.holds and not outcome.why for outcome in outcomes)
    assert len({outcome.digest for outcome in outcomes}) == 3


def test_files_and_names(measure: Measure) -> None:
    """A sample may be a file of the repository, and may stand under a name of its own."""
    proof = "{rejects: [{file: samples/bad.py}, {file: src/b.py}], accepts: [%s]}"
    named = "{name: src/made.py, text: ok}, {name: src/x.py, file: samples/good.py}"
    files = {"samples/bad.py": "breakpoint()", "src/b.py": "breakpoint()", "samples/good.py": "ok"}
    outcomes = measure(PATTERN % ("high", proof % named), files)
    assert [outcome.holds for outcome in outcomes] == [True] * 4


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ("{rejects: ['pass'], accepts: ['pass']}", "green on what it must reject"),
        ("{rejects: ['breakpoint()'], accepts: ['breakpoint()']}", "red on what it must accept"),
        ("{rejects: [{file: x.bin, name: src/x.py}], accepts: [a]}", "could not be examined"),
    ],
)
def test_wrong(measure: Measure, proof: str, why: str) -> None:
    """Where a guard is wrong about a sample, or cannot look at it, it says so."""
    wrong = [each for each in measure(PATTERN % ("high", proof), {"x.bin": "\0"}) if not each.holds]
    assert len(wrong) == 1
    assert why in wrong[0].why
    assert wrong[0].remedy


def test_found_and_not_judged(measure: Measure) -> None:
    """A finding that blocks nothing rejects nothing."""
    proof = "{rejects: ['breakpoint()'], accepts: ['pass']}"
    rejected, _ = measure(PATTERN % ("low", proof), {})
    assert not rejected.holds
    assert rejected.why == "green, although it finds guard: nothing that it measures blocks"


def test_command(measure: Measure) -> None:
    """A script of the repository judges samples; that it crashes is no rejection."""
    proof = "{rejects: [bad, {name: sub/x.txt, text: bad}, crash], accepts: [good]}"
    outcomes = measure(COMMAND % (sys.executable, proof), {"scripts/judge.py": JUDGE})
    assert [outcome.seen for outcome in outcomes] == ["red", "red", "not measured", "green"]
    assert "the guard itself crashed: " in outcomes[2].why
    assert "ValueError" in outcomes[2].why


def test_borrowed(measure: Measure, repo: Repo) -> None:
    """What `link:` borrows stands beside each sample, and is no sample itself."""
    repo.write({"node [modules]/rules.js": "x"})
    judge = f"open('node [modules]/rules.js')\n{JUDGE}"
    proof = "{rejects: [bad], accepts: [good]}"
    check = (COMMAND % (sys.executable, proof)).replace('"**/*.txt"', '"**/*.txt", "node*"')
    files = {"scripts/judge.py": judge, ".gitignore": "node*/\n"}
    outcomes = measure(check, files, ["node [modules]"])
    assert [outcome.seen for outcome in outcomes] == ["red", "green"]


def test_waiver_and_baseline(measure: Measure) -> None:
    """What the team has excused in its code excuses no sample."""
    waiver = (
        "waiver: W-1\ncheck: guard\nreason: old\nowner: me\n"
        "created: 2099-01-01\nexpires: 2099-01-31\n"
    )
    proof = "{rejects: ['breakpoint()'], accepts: ['pass']}"
    outcomes = measure(PATTERN % ("high", proof), {"gates/waivers/W-1.yaml": waiver})
    assert [outcome.holds for outcome in outcomes] == [True, True]


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ("{rejects: [bad]}", "has 0 samples in `accepts:`"),
        ("{accepts: [good]}", "has 0 samples in `rejects:`"),
        ("{rejects: [3], accepts: [a]}", r"rejects\[1\] of guard is no sample"),
        ("{rejects: [{text: a, file: b}], accepts: [a]}", "is no sample"),
        ("{rejects: [{text: a, of: b}], accepts: [a]}", "is no sample"),
        ("{rejects: [{name: src/a.py}], accepts: [a]}", "is no sample"),
        ("{rejects: [{file: gone.py}], accepts: [a]}", "gone.py cannot be opened"),
        ("{rejects: [{file: ../../etc/passwd}], accepts: [a]}", "leads out"),
        ("{rejects: [{name: ../a.py, text: a}], accepts: [a]}", "has no name that `files:`"),
        ("{rejects: [{name: .git/a.py, text: a}], accepts: [a]}", "has no name that `files:`"),
        ("{rejects: [{name: made.txt, text: a}], accepts: [a]}", "has no name that `files:`"),
    ],
)
def test_malformed(measure: Measure, proof: str, reason: str) -> None:
    """A sample that is none, or of one kind only, is no proof: the reason names it."""
    with pytest.raises(NotMeasured, match=reason) as caught:
        measure(PATTERN % ("high", proof), {})
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("src/**/*.py", "src/sample.py"),
        ("**/*.py", "sample.py"),
        ("src/**", "src/sample"),
        ("Makefile", "Makefile"),
        ("a?.txt", "ax.txt"),
        ("!a.py", ""),
    ],
)
def test_example(glob: str, name: str) -> None:
    """An inline sample has a name of the kind that the check looks at."""
    assert samples._example(glob) == name
