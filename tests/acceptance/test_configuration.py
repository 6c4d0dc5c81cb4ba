"""Wrong configuration: exit 2 before anything runs, with file, line, column and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

GATE = "gate: g\nchecks:\n  - {check: a, command: [touch, ran]}\n"
ONE = "gate: g\nchecks:\n  - "
READS = "reads: [{format: cobertura, file: r}], max-age: 1h"
LINE = f"gate: g\nrequirements:\n  coverage.line: %s\nchecks:\n  - {{check: a, {READS}}}\n"
SIGNOFF = "signoff: %s\nby: a\ndate: 2026-11-20\nexpires: 2026-12-20\n"
WAIVER = "waiver: W-1\nreason: r\nowner: o\ncreated: 2026-11-01\nexpires: %s\n%s\n"
Files = Mapping[str, str | bytes | Path]

# Files (gates/g.yaml where there is only one text), the place and the message, the suggestion.
CASES: Mapping[str, tuple[str | Files, str, str]] = {
    "unknown type": (
        f"{ONE}{{check: a, type: comand}}",
        "gates/g.yaml:3:22: unknown check type `comand`",
        "did you mean `command`?",
    ),
    "unknown tool": (
        f"{ONE}ruf",
        "gates/g.yaml:3:5: unknown tool `ruf`",
        "did you mean `ruff`?",
    ),
    "unknown reader": (
        f"{ONE}{{check: a, command: [x], reads: [{{format: junt, file: r}}]}}",
        "gates/g.yaml:3:47: unknown reader `junt`",
        "did you mean `junit`?",
    ),
    "unknown key of a check": (
        f"{ONE}{{check: a, comand: [x]}}",
        "gates/g.yaml:3:16: unknown key `comand`",
        "did you mean `command`?",
    ),
    "unknown key of a gate": (
        f"{GATE}requirement: {{}}\n",
        "gates/g.yaml:4:1: unknown key `requirement`",
        "did you mean `requirements`?",
    ),
    "unknown key of a report": (
        f"{ONE}{{check: a, command: [x], reads: [{{format: junit, fil: r}}]}}",
        "gates/g.yaml:3:54: unknown key `fil`",
        "did you mean `file`?",
    ),
    "unknown parameter": (
        f"{ONE}{{uses: ruff, with: {{arg: [x]}}}}",
        "unknown parameter `arg`",
        "did you mean `args`?",
    ),
    "unknown placeholder": (
        f'{ONE}{{check: a, command: [x, "${{ou}}"]}}',
        "gates/g.yaml:3:25: unknown placeholder `${ou}`",
        "did you mean `out`?",
    ),
    "unknown metric": (
        "gate: g\nrequirements:\n  lint.error: 0\nchecks: [ruff]\n",
        "gates/g.yaml:3:3: unknown metric `lint.error`",
        "did you mean `lint.errors`?",
    ),
    "unknown stage": (
        f"{GATE}stage: depoly\n",
        "gates/g.yaml:4:8: `depoly` is not one of push, ci, deploy",
        "did you mean `deploy`?",
    ),
    "empty stage": (f"{GATE}stage:\n", "gates/g.yaml:4:1: `stage:` has no value", ""),
    "gate without checks": (
        "gate: g\nchecks: []\n",
        "gates/g.yaml:2:9: the gate `g` has no checks",
        "",
    ),
    "no gate at all": ({}, "gates: there is no gate", "run `gatekeeper init`"),
    "requirement that no check declares": (
        "gate: g\nrequirements:\n  coverage.line: '> 80%'\nchecks: [ruff]\n",
        "gates/g.yaml:3:3: no check of the gate `g` measures coverage.line",
        "the catalogue's pytest does: add it to `checks:`",
    ),
    "requirement that only a disabled check declares": (
        f"requirements: {{lint.errors: 0}}\n{ONE}{{uses: ruff, enabled: false, reason: later}}",
        "gates/g.yaml:1:16: only disabled checks measure lint.errors",
        "enable one, or remove the requirement",
    ),
    "check that nothing judges": (
        f"{ONE}{{check: a, {READS}}}",
        "gates/g.yaml:3:5: nothing judges the check `a`",
        "write a requirement of the gate, or `expect:`, for coverage.line",
    ),
    "condition that cannot fail": (
        LINE % '">= 0%"',
        "gates/g.yaml:3:18: `>= 0%` cannot fail: coverage.line is always between 0 and 100%",
        "",
    ),
    "condition that can never hold": (
        LINE % '"> 100%"',
        "gates/g.yaml:3:18: `> 100%` can never hold",
        "",
    ),
    "conditions that cannot hold together": (
        LINE % '["> 80%", "< 70%"]',
        "gates/g.yaml:3:18: `> 80%` and `< 70%` can never hold together",
        "",
    ),
    "condition without its unit": (
        LINE % '">= 0.8"',
        "gates/g.yaml:3:18: the unit is missing: coverage.line is measured in %",
        "",
    ),
    "condition in another unit": (
        LINE % '">= 80ms"',
        "gates/g.yaml:3:18: `ms` does not fit: coverage.line is measured in %",
        "",
    ),
    "NaN in a condition": (
        LINE % '">= NaN"',
        "gates/g.yaml:3:18: `NaN` is no number with a unit",
        "",
    ),
    "YAML's own NaN": (LINE % ".nan", "gates/g.yaml:3:18: ", ""),
    "infinity in a condition": (LINE % '"<= inf%"', "gates/g.yaml:3:18: `inf%` is no number", ""),
    "number with too many digits": (
        LINE % f'">= {"9" * 60}%"',
        "gates/g.yaml:3:18: ",
        "is no number",
    ),
    "unquoted condition": (
        LINE % ">= 80%",
        "gates/g.yaml:3:18: ",
        'quote the condition: ">= 80%"',
    ),
    "two checks of one id": (
        "gate: g\nchecks:\n  - {check: a, command: [x]}\n  - {check: a, command: [y]}\n",
        "gates/g.yaml:4:5: two checks are named `a`; the other is at gates/g.yaml:3:5",
        "",
    ),
    "two checks of one id in two gates": (
        {"gates/g.yaml": GATE, "gates/h.yaml": GATE.replace("gate: g", "gate: h")},
        "gates/h.yaml:3:5: two checks are named `a`; the other is at gates/g.yaml:3:5",
        "",
    ),
    "two gates of one name": (
        {"gates/g.yaml": GATE, "gates/h.yaml": "gate: g\nchecks: [ruff]\n"},
        "gates/h.yaml:1:7: two gates are named `g`; the other is at gates/g.yaml:1:7",
        "",
    ),
    "a .yml file": (
        {"gates/g.yaml": GATE, "gates/security.yml": GATE},
        "gates/security.yml: nobody reads this file: only gates/*.yaml is read",
        "rename it to gates/security.yaml",
    ),
    "a file too deep": (
        {"gates/g.yaml": GATE, "gates/team/security.yaml": GATE},
        "gates/team/security.yaml: nobody reads this file",
        "",
    ),
    "a file without ending": (
        {"gates/g.yaml": GATE, "gates/security": GATE},
        "gates/security: nobody reads this file",
        "move it elsewhere",
    ),
    "a hidden file": (
        {"gates/g.yaml": GATE, "gates/.security.yaml": "gate: [\n"},
        "gates/.security.yaml:",
        "",
    ),
    "a link that leads out": (
        {"gates/g.yaml": GATE, "gates/h.yaml": Path("/etc/hostname")},
        "gates/h.yaml: is a link that leads out of the repository",
        "",
    ),
    "a dangling link": (
        {"gates/g.yaml": GATE, "gates/h.yaml": Path("nowhere.yaml")},
        "gates/h.yaml: cannot be read: No such file or directory",
        "",
    ),
    "the folder of gates is a file": ({"gates": "x"}, "gates: cannot be read", ""),
    "sign-off that names no check": (
        {"gates/g.yaml": GATE, "gates/signoffs/d.yaml": SIGNOFF % "drill"},
        "gates/signoffs/d.yaml:1:10: no check of type signoff is named `drill`",
        "",
    ),
    "waiver for too long": (
        {"gates/g.yaml": GATE, "gates/waivers/w.yaml": WAIVER % ("2027-11-01", "check: a")},
        "gates/waivers/w.yaml:5:10: a waiver lasts at most 90 days; this one lasts 365",
        "",
    ),
    "waiver of nothing": (
        {"gates/g.yaml": GATE, "gates/waivers/w.yaml": WAIVER % ("2026-11-09", "check: b")},
        "gates/waivers/w.yaml:6:8: no check is named `b`",
        "",
    ),
    "baseline of nothing": (
        {"gates/g.yaml": GATE, "gates/baseline.yaml": "metrics:\n  b: {}\n"},
        "gates/baseline.yaml:2:3: no check is named `b`",
        "",
    ),
    "registered check without a gate": (
        {"gates/g.yaml": GATE, "checks/b.yaml": "check: b\ncommand: [x]\n"},
        "checks/b.yaml:1:1: `gate:` is missing: a registered check names its gate",
        "",
    ),
    "registered check of an unknown gate": (
        {"gates/g.yaml": GATE, "checks/b.yaml": "check: b\ngate: gg\ncommand: [x]\n"},
        "checks/b.yaml:2:7: unknown gate `gg`",
        "",
    ),
    "disabled without a reason": (
        f"{ONE}{{check: a, command: [x], enabled: false}}",
        "gates/g.yaml:3:5: `enabled: false` needs a `reason:`",
        "",
    ),
    "expectation on what is not measured": (
        f"{ONE}{{check: a, command: [x], expect: {{lint.errors: 0}}}}",
        "gates/g.yaml:3:52: a does not measure lint.errors",
        "it measures command.failures",
    ),
    "report of an earlier step of any age": (
        f"{ONE}{{check: a, reads: [{{format: junit, file: r}}]}}",
        "gates/g.yaml:3:5: a check that reads without a command needs `max-age:`",
        "write max-age: 1h",
    ),
    "time-out without unit": (
        f"{ONE}{{check: a, command: [x], timeout: 10}}",
        "gates/g.yaml:3:39: write a positive duration with its unit",
        "",
    ),
    "code both clean and findings": (
        f"{ONE}{{check: a, command: [x], exit: {{clean: [0, 1], findings: [1]}}}}",
        "exit code 1 cannot be both clean and findings",
        "gates/g.yaml:3:36",
    ),
    "key with no meaning for the type": (
        f"{ONE}{{check: a, type: pattern, files: [x], with: {{forbid: y}}, command: [x]}}",
        "`command:` has no meaning for a check of type pattern",
        "gates/g.yaml:3:",
    ),
    "regular expression that matches everything": (
        f"{ONE}{{check: a, type: pattern, files: [x], with: {{forbid: 'y*'}}}}",
        "`y*` matches the empty text",
        "gates/g.yaml:3:",
    ),
    "duplicate key": (
        f"{GATE}gate: h\n",
        "gates/g.yaml:4:1: ",
        "gate",
    ),
    "alias": ("gate: g\nchecks: &a []\nrequirements: *a\n", "gates/g.yaml:3:15: ", ""),
    "several documents": (f"{GATE}---\n{GATE}", "gates/g.yaml:4:1: ", ""),
    "no UTF-8": ({"gates/g.yaml": b"gate: caf\xe9\n"}, "gates/g.yaml", "UTF-8"),
    "UTF-16": ({"gates/g.yaml": GATE.encode("utf-16")}, "gates/g.yaml", "UTF-8"),
    "empty file": ({"gates/g.yaml": ""}, "gates/g.yaml:1:1: ", "gate:"),
    "text instead of a mapping": ("hello\n", "gates/g.yaml:1:1: expected a mapping", "gate:"),
    "nested too deep": ("[" * 5000, "gates/g.yaml:1:", ""),
    "no YAML": (
        "gate: g\nchecks: [a\n",
        "gates/g.yaml:2:9: a comma or a closing bracket is missing",
        "",
    ),
    "settings that lead out": (
        {"gatekeeper.toml": 'gates = "../elsewhere"\n'},
        "gatekeeper.toml: `../elsewhere` leads out of the repository",
        "",
    ),
    "unknown setting": (
        {"pyproject.toml": '[tool.gatekeeper]\ngate = "x"\n'},
        "pyproject.toml: tool.gatekeeper.gate: ",
        "",
    ),
    "settings that are no TOML": (
        {"gatekeeper.toml": "gates = \n"},
        "gatekeeper.toml: is no valid TOML",
        "",
    ),
    "settings that are no table": (
        {"pyproject.toml": 'tool.gatekeeper = "gates"\n'},
        "pyproject.toml: ",
        "",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_ends_with_2_and_says_where(place: Any, case: str) -> None:
    """A mistake in a file is shown with its place, the source line and a suggestion."""
    files, message, hint = CASES[case]
    place.write({"gates/g.yaml": files} if isinstance(files, str) else files)
    outcome = place.run()
    assert outcome.exit == 2, outcome.said
    assert message in outcome.stderr
    assert hint in outcome.stderr
    assert outcome.stdout == ""
    assert not (place.folder / ".gatekeeper").exists()
    assert not (place.folder / "ran").exists()


def test_all_mistakes_at_once(place: Any) -> None:
    """Every mistake of every file is shown, with a caret below the source line."""
    place.write(
        {
            "gates/a.yaml": "gate: a\nchecks: [ruf, mypi]\nstagee: ci\n",
            "gates/b.yaml": 'gate: b\nrequirements: {lint.errors: ">= 0"}\nchecks: [ruff, pyest]\n',
            "gates/c.yml": "",
        }
    )
    outcome = place.run()
    assert outcome.exit == 2
    for message in ("unknown key `stagee`", "c.yml: nobody reads"):
        assert message in outcome.stderr
    assert "    stagee: ci\n    ^\n    did you mean `stage`?\n" in outcome.stderr
    (place.folder / "gates/c.yml").unlink()
    place.write({"gates/a.yaml": "gate: a\nchecks: [ruf, mypi]\n"})
    outcome = place.run()
    assert outcome.exit == 2
    for message in ("`ruf`", "`mypi`", "`pyest`", "`>= 0` cannot fail"):
        assert message in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["qualty"], "unknown gate `qualty`", "did you mean `quality`?"),
        (["--stage", "prod"], "'prod' is not one of 'push', 'ci', 'deploy'", "--stage"),
        (["--jobs", "0"], "0 is not in the range 1<=x<=256", "--jobs"),
        (["--report", "junt"], "unknown report `junt`", "did you mean `junit`?"),
        (["--changed-since", "nowhere"], "cannot compare HEAD with `nowhere`", "fetch it"),
        (["--changed-since=--output=x"], "`--output=x` is no commit, branch or tag", ""),
        (["--baseline", "nowhere.json"], "'nowhere.json' does not exist", "--baseline"),
        (["--baseline", "bad.json"], "bad.json is no result of gatekeeper", ""),
        (["--basline", "x"], "no such option '--basline'", "--baseline"),
    ],
)
def test_wrong_arguments(place: Any, arguments: list[str], message: str, hint: str) -> None:
    """A wrong name or option ends with 2 before anything runs."""
    place.write({"bad.json": "{"})
    place.gate({"command": ["touch", "ran"]}, name="quality")
    place.commit()
    outcome = place.run(*arguments)
    assert outcome.exit == 2, outcome.said
    assert message in outcome.stderr
    assert hint in outcome.stderr
    assert not (place.folder / "ran").exists()


def test_unknown_command(place: Any) -> None:
    """A command that does not exist is suggested."""
    outcome = place.run(command="rnu")
    assert outcome.exit == 2
    assert "unknown command `rnu`; did you mean `run`?" in outcome.stderr


def test_git_is_missing(place: Any) -> None:
    """Without git nothing is judged."""
    place.gate({"command": ["true"]})
    outcome = place.run(env={"PATH": "/nowhere"})
    assert outcome.exit == 2
    assert "git is not found on PATH; install git" in outcome.stderr


def test_registered_check_joins_an_empty_gate(place: Any) -> None:
    """A gate with `checks: []` is legal where a registered check joins it."""
    place.write(
        {
            "gates/g.yaml": "gate: g\nchecks: []\n",
            "checks/a.yaml": 'check: a\ngate: g\ncommand: ["true"]\n',
        }
    )
    place.commit()
    assert place.run().exit == 0
