"""Documents to policy: what joins a gate, who is asked, and every rule that is broken, at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from gatekeeper import codec
from gatekeeper.config import load
from gatekeeper.config.policy import Policy
from gatekeeper.errors import Problem
from gatekeeper.exceptions import BaselineEntry
from gatekeeper.resolve import exceptions, references

Configure = Callable[[Mapping[str, str | Path]], Policy]
Mistakes = Callable[[Mapping[str, str | Path]], Sequence[Problem]]

GATE = "gate: g\nchecks:\n  - {check: c, command: ['true']}\n"
DRILL = "gate: g\nchecks:\n  - {check: drill, type: signoff, with: {question: Does it work?}}\n"
SIGNOFF = "signoff: drill\nby: a@example.org\ndate: 2026-11-20\nexpires: 2027-02-20\n"
WAIVER = "waiver: W-1\nreason: r\nowner: o\ncreated: 2026-11-20\nexpires: 2026-12-20\n"
REGISTERED = "check: r\ngate: g\ncommand: ['true']\n"


def shown(problems: Sequence[Problem]) -> list[str]:
    """The problems without their source lines."""
    return [
        ":".join([p.file, str(p.line), str(p.column), f" {p.message}"])
        + (p.hint and f" ({p.hint})")
        for p in problems
    ]


def test_what_a_gate_holds(configure: Configure) -> None:
    """A gate has its own checks in their order, then the registered ones that name it."""
    policy = configure(
        {
            "gates/b.yaml": "gate: b\nstage: ci\nadvisory: "
            "true\nchecks:\n  - {check: z, command: [a]}\n"
            "  - {check: y, command: [a], stage: deploy}\n "
            " - {check: x, command: [a], stage: push}\n",
            "gates/a-b.yaml": "gate: a-b\ntitle: T\nchecks: []\n",
            "checks/one.yaml": "check: one\ngate: a-b\ncommand: [a]\n",
            "checks/two.yaml": "check: two\ngate: b\ncommand: [a]\nowner: o\n"
            "origin:\n  - {item: PM-1#AI-1, text: T}\n",
        }
    )
    assert [(gate.id, gate.title, gate.checks) for gate in policy.gates] == [
        ("a-b", "T", ("one",)),
        ("b", "B", ("z", "y", "x", "two")),
    ]
    assert {name: check.stage for name, check in policy.checks.items()} == {
        "one": "push",
        "z": "ci",
        "y": "deploy",
        "x": "ci",
        "two": "ci",
    }
    two = policy.checks["two"]
    assert (two.registered, two.owner, two.origin[0].item) == (True, "o", "PM-1#AI-1")
    assert str(two.position) == "checks/two.yaml:1:1"
    assert str(policy.checks["z"].position) == "gates/b.yaml:5:5"
    assert policy.gates[1].advisory


def test_checks_by_name(configure: Configure) -> None:
    """A check by name is a tool of the catalogue, of the repository, or a check type."""
    policy = configure(
        {
            "gates/g.yaml": "gate: g\nchecks: [ruff, own, document]\n",
            "checks/tools/own.yaml": "tool: own\ncommand: [own]\n",
            "checks/tools/document.yaml": "tool: document\ncommand: [own, document]\n",
        }
    )
    # An own tool goes before a check type of its name.
    assert policy.checks["document"].type == "command"
    assert policy.checks["ruff"].command[0] == "ruff"
    assert policy.checks["own"].command == ("own",)


ASKED = {
    "own check": ("- {check: c, uses: ruff}", "", True),
    "registered check that says nothing": ("", "uses: ruff\n", False),
    "registered check that says so": ("", "uses: ruff\nmeasures: [lint.errors]\n", True),
    "registered check that says something else": (
        "",
        "uses: ruff\nmeasures: [lint.warnings]\nexpect: {lint.warnings: 0}\n",
        False,
    ),
    "own check that is disabled": (
        "- {check: c, uses: ruff, enabled: false, reason: r}",
        "",
        False,
    ),
}


@pytest.mark.parametrize(("own", "registered", "asked"), ASKED.values(), ids=ASKED.keys())
def test_who_is_asked(
    configure: Configure, mistakes: Mistakes, own: str, registered: str, asked: bool
) -> None:
    """A requirement asks the gate's own checks, and registered ones that write `measures:`."""
    files = {
        "gates/g.yaml": f"gate: g\nrequirements: {{lint.errors: 0}}\nchecks:\n  {own or '[]'}\n"
    }
    if registered:
        files["checks/r.yaml"] = f"check: r\ngate: g\n{registered}"
    if asked:
        assert configure(files).gates[0].requirements[0].metric == "lint.errors"
    else:
        assert "lint.errors" in mistakes(files)[0].message


def gate(text: str) -> Mapping[str, str]:
    """One gate."""
    return {"gates/g.yaml": text}


MISTAKES: Mapping[str, tuple[Mapping[str, str | Path], Sequence[str]]] = {
    "no gate": (
        {},
        ["gates:0:0: there is no gate (write gates/NAME.yaml, or run `gatekeeper init`)"],
    ),
    "a gate without checks": (
        gate("gate: g\nchecks: []\n"),
        ["gates/g.yaml:2:9: the gate `g` has no checks"],
    ),
    "two gates of a name": (
        {"gates/g.yaml": GATE, "gates/h.yaml": GATE.replace("check: c", "check: d")},
        ["gates/h.yaml:1:7: two gates are named `g`; the other is at gates/g.yaml:1:7"],
    ),
    "two checks of a name in a gate": (
        gate(GATE + "  - {check: c, command: ['false']}\n"),
        ["gates/g.yaml:4:5: two checks are named `c`; the other is at gates/g.yaml:3:5"],
    ),
    "two checks of a name in two gates": (
        {"gates/g.yaml": GATE, "gates/h.yaml": GATE.replace("gate: g", "gate: h")},
        ["gates/h.yaml:3:5: two checks are named `c`; the other is at gates/g.yaml:3:5"],
    ),
    "a registered check of the name of another": (
        {"gates/g.yaml": GATE, "checks/c.yaml": "check: c\ngate: g\ncommand: ['true']\n"},
        ["checks/c.yaml:1:1: two checks are named `c`; the other is at gates/g.yaml:3:5"],
    ),
    "a tool named as one of the catalogue": (
        {"gates/g.yaml": GATE, "checks/tools/r.yaml": "tool: ruff\ncommand: [a]\n"},
        [
            (
                "checks/tools/r.yaml:1:7: the catalogue has a "
                "tool `ruff` already: give yours another name"
            )
        ],
    ),
    "two waivers of a name": (
        {
            "gates/g.yaml": GATE,
            "gates/waivers/a.yaml": WAIVER + "check: c\n",
            "gates/waivers/b.yaml": WAIVER + "check: c\n",
        },
        [
            (
                "gates/waivers/b.yaml:1:9: two waivers are named "
                "`W-1`; the other is at gates/waivers/a.yaml:1:9"
            )
        ],
    ),
    "a requirement that nobody answers": (
        gate(GATE.replace("checks", "requirements:\n  lint.errors: 0\nchecks")),
        [
            (
                "gates/g.yaml:3:3: no check of the gate `g` measures lint.errors "
                "(the catalogue's mypy or ruff or ruff-format does: add it to `checks:`)"
            )
        ],
    ),
    "a requirement that only a registered check could answer": (
        {
            "gates/g.yaml": "gate: g\nrequirements:\n  lint.errors: 0\nchecks: []\n",
            "checks/r.yaml": "check: r\ngate: g\nuses: ruff\n",
        },
        [
            (
                "gates/g.yaml:3:3: no check of the gate `g` measures lint.errors "
                "(the registered check `r` does: let it say so under `measures:`)"
            )
        ],
    ),
    "a requirement that only a disabled check answers": (
        gate(
            "gate: g\nrequirements:\n  lint.errors: 0\nchecks:\n"
            "  - {uses: ruff, enabled: false, reason: r}\n"
        ),
        [
            (
                "gates/g.yaml:3:3: only disabled checks measure "
                "lint.errors (enable one, or remove the requirement)"
            )
        ],
    ),
    "a check that nothing judges": (
        gate("gate: g\nchecks:\n  - lizard\n"),
        [
            (
                "gates/g.yaml:3:5: nothing judges the check "
                "`lizard` (write a requirement of the gate, or "
                "`expect:`, for complexity.max, complexity.over, duplication.percent)"
            )
        ],
    ),
    "an unknown metric": (
        gate(GATE.replace("checks", "requirements:\n  lint.error: 0\n  xyz: 1\nchecks")),
        [
            "gates/g.yaml:3:3: unknown metric `lint.error` (did you mean `lint.errors`?)",
            "gates/g.yaml:4:3: unknown metric `xyz` (`gatekeeper list metrics` shows all)",
        ],
    ),
    "a condition that cannot fail": (
        gate(GATE.replace("checks", "requirements:\n  command.failures: '>= 0'\nchecks")),
        ["gates/g.yaml:3:21: *cannot fail*"],
    ),
    "a condition that cannot hold": (
        gate(GATE.replace("checks", "requirements:\n  command.failures: ['< 1', '> 2']\nchecks")),
        ["gates/g.yaml:3:21: `< 1` and `> 2` can never hold together"],
    ),
    "a unit that is missing": (
        gate("gate: g\nrequirements:\n  coverage.line: '> 0.8'\nchecks: [pytest]\n"),
        ["gates/g.yaml:3:18: *unit*"],
    ),
    "a number that is none": (
        gate(
            "gate: g\nrequirements:\n  coverage.line: '> NaN%'\n  coverage.branch: '> "
            "120%'\nchecks: [{uses: pytest, measures: [coverage.line, coverage.branch]}]\n"
        ),
        ["gates/g.yaml:3:18: *", "gates/g.yaml:4:20: *"],
    ),
    "unknown tool, type, reader, gate, key": (
        {
            "gates/g.yaml": "gate: g\nchecks:\n  - ruf\n  - {check: a, type: signof}\n"
            "  - {check: b, command: [b], reads: [{format: junt, from: stdout}]}\n",
            "checks/r.yaml": REGISTERED,
            "checks/s.yaml": REGISTERED.replace("gate: g", "gate: h"),
        },
        [
            "gates/g.yaml:3:5: unknown tool `ruf` (did you mean `ruff`?)",
            "gates/g.yaml:4:22: unknown check type `signof` (did you mean `signoff`?)",
            "gates/g.yaml:5:47: unknown reader `junt` (did you mean `junit`?)",
        ],
    ),
    "an unknown gate": (
        {"gates/g.yaml": GATE, "checks/s.yaml": "check: s\ngate: gg\ncommand: [a]\n"},
        ["checks/s.yaml:2:7: unknown gate `gg` (did you mean `g`?)"],
    ),
    "a check type as a tool": (
        gate("gate: g\nchecks:\n  - {check: c, uses: signoff}\n"),
        [
            (
                "gates/g.yaml:3:22: unknown tool `signoff` "
                "(`signoff` is a check type: write `type: signoff`)"
            )
        ],
    ),
    "a registered check without a gate, or a name": (
        {
            "gates/g.yaml": GATE,
            "checks/r.yaml": "check: r\ncommand: [a]\n",
            "checks/s.yaml": "gate: g\nuses: bandit\n",
            "checks/t.yaml": "gate: g\ncommand: [a]\n",
        },
        ["checks/t.yaml:1:1: `check:` is missing: every check has a name"],
    ),
    "a registered check without a gate": (
        {"gates/g.yaml": GATE, "checks/r.yaml": "check: r\ncommand: [a]\n"},
        ["checks/r.yaml:1:1: `gate:` is missing: a registered check names its gate"],
    ),
    "a registered check without a name of its own": (
        {"gates/g.yaml": GATE, "checks/s.yaml": "gate: g\nuses: bandit\n"},
        ["checks/s.yaml:1:1: `check:` is missing"],
    ),
    "a check inside a gate that names a gate": (
        gate("gate: g\nchecks:\n  - {check: c, gate: g, command: [a]}\n"),
        ["gates/g.yaml:3:22: a check inside a gate belongs to that gate: leave `gate:` out"],
    ),
    "a sign-off of nothing": (
        {"gates/g.yaml": DRILL, "gates/signoffs/a.yaml": SIGNOFF.replace("drill", "dril")},
        [
            (
                "gates/signoffs/a.yaml:1:10: no check of type "
                "signoff is named `dril` (did you mean `drill`?)"
            )
        ],
    ),
    "a sign-off of a check of another type": (
        {"gates/g.yaml": GATE, "gates/signoffs/a.yaml": SIGNOFF.replace("drill", "c")},
        ["gates/signoffs/a.yaml:1:10: no check of type signoff is named `c`"],
    ),
    "a waiver of nothing": (
        {
            "gates/g.yaml": GATE,
            "gates/waivers/a.yaml": WAIVER + "check: cc\n",
            "gates/waivers/b.yaml": WAIVER.replace("W-1", "W-2") + "requirement: h/lint.errors\n",
        },
        [
            "gates/waivers/a.yaml:6:8: no check is named `cc` (did you mean `c`?)",
            "gates/waivers/b.yaml:6:14: there is no requirement `h/lint.errors`: write GATE/METRIC",
        ],
    ),
    "a waiver of a requirement that the gate does not have": (
        {"gates/g.yaml": GATE, "gates/waivers/a.yaml": WAIVER + "requirement: g/lint.errors\n"},
        ["gates/waivers/a.yaml:6:14: there is no requirement `g/lint.errors`: write GATE/METRIC"],
    ),
    "a waiver of 91 days": (
        {
            "gates/g.yaml": GATE,
            "gates/waivers/a.yaml": WAIVER.replace("2026-12-20", "2027-02-19") + "check: c\n",
        },
        ["gates/waivers/a.yaml:5:10: a waiver lasts at most 90 days; this one lasts 91"],
    ),
    "a baseline of nothing": (
        {
            "gates/g.yaml": GATE,
            "gates/baseline.yaml": (
                "findings: {cc: {abc: {rule: r, path: "
                "p}}}\nmetrics: {d: {lint.errors: {value: 1}}}\n"
            ),
        },
        [
            "gates/baseline.yaml:1:12: no check is named `cc` (did you mean `c`?)",
            "gates/baseline.yaml:2:11: no check is named `d` (known are c)",
        ],
    ),
    "a baseline of an unknown metric, or another unit": (
        {
            "gates/g.yaml": GATE,
            "gates/baseline.yaml": (
                "metrics: {c: {lint.error: {value: 1}, coverage.line: {value: 1, unit: ms}}}\n"
            ),
        },
        [
            "gates/baseline.yaml:1:15: unknown metric `lint.error` (did you mean `lint.errors`?)",
            "gates/baseline.yaml:1:*: coverage.line is measured in `%`, not in `ms`",
        ],
    ),
    "several mistakes at once": (
        {
            "gates/g.yaml": (
                "gate: g\ncolour: red\nchecks:\n  - {check: c, command: [a], tiemout: 1s}\n"
            ),
            "gates/h.yaml": "gate: H\nchecks: [ruff]\n",
            "gates/i.yml": GATE,
            "checks/r.yaml": "check: [\n",
        },
        [
            "checks/r.yaml:2:1: *",
            "gates/g.yaml:2:1: unknown key `colour`*",
            "gates/g.yaml:4:30: unknown key `tiemout` (did you mean `timeout`?)",
            "gates/h.yaml:1:7: `H` does not have the form*",
            "gates/i.yml:0:0: nobody reads this file*",
        ],
    ),
}


@pytest.mark.parametrize(("files", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(
    mistakes: Mistakes, files: Mapping[str, str | Path], expected: Sequence[str]
) -> None:
    """Every mistake is reported, at its place, with a hint where one is near."""
    found = shown(mistakes(files))
    assert len(found) == len(expected), found
    for text, wanted in zip(found, expected, strict=True):
        place, _, rest = wanted.partition("*")
        assert text.startswith(place), found
        assert rest.rstrip("*") in text, found


def test_90_days(configure: Configure) -> None:
    """A waiver of 90 days is one."""
    waiver = WAIVER.replace("2026-12-20", "2027-02-18") + "requirement: g/command.failures\n"
    text = GATE.replace("checks", "requirements: {command.failures: 0}\nchecks")
    configure({"gates/g.yaml": text, "gates/waivers/a.yaml": waiver})


def test_exceptions_and_references(configure: Configure, tmp_path: Path) -> None:
    """Waivers, known findings and reference metrics become plain values."""
    configure(
        {
            "gates/g.yaml": GATE,
            "gates/waivers/a.yaml": WAIVER + "rule: R1\npath: a.py\n",
            "gates/baseline.yaml": "findings: {c: {abc: {rule: r, path: p}, d: {rule: s}}}\n"
            "metrics: {c: {coverage.line: {value: 79.96, unit: '%', samples: 3}}}\n",
        }
    )
    documents = load.load(tmp_path)
    found = exceptions(documents)
    assert [(w.waiver, w.rule, w.path, str(w.position)) for w in found.waivers] == [
        ("W-1", "R1", "a.py", "gates/waivers/a.yaml:1:9")
    ]
    assert found.baseline == {"c": {"abc": BaselineEntry("r", "p"), "d": BaselineEntry("s", None)}}
    reference = references(documents)["c"]["coverage.line"]
    assert (reference.value, reference.unit, reference.samples) == (Decimal("79.96"), "%", 3)


RICH: Mapping[str, str] = {
    "gates/g.yaml": "gate: g\nrequirements:\n  coverage.line: {pass: '> 80%', warn: '> 70%'}\n"
    "  lint.errors: 0\n  tests.total: ['> 3', '<= +10%']\nchecks:\n  - ruff\n"
    "  - {uses: pytest, with: {tests: [t]}, env: {CI: '1', TOKEN: null}, timeout: 90s}\n"
    "  - {check: p, type: pattern, files: ['*.py'], with: {forbid: x}}\n"
    "  - {check: old, command: [a], enabled: false, reason: r}\n"
    "  - {check: drill, type: signoff, with: {question: Does it work?}}\n",
    "gates/signoffs/a.yaml": SIGNOFF + "evidence: [{url: 'https://example.org'}]\n",
    "checks/r.yaml": (
        "check: r\ngate: g\ncommand: [a]\nexpect: "
        "{command.failures: 0}\norigin: [{item: PM-1#AI-1}]\n"
    ),
}


def test_policy_turns_into_json_and_back(configure: Configure) -> None:
    """A policy survives JSON whole, digest included."""
    policy = configure(RICH)
    assert codec.decode(Policy, json.loads(json.dumps(codec.encode(policy)))) == policy


def test_digest_does_not_depend_on_places(configure: Configure, tmp_path: Path) -> None:
    """Comments, order of keys and the names of files do not change what is required of whom."""
    before = configure(RICH)
    moved = {f"{name[:-5]}-x.yaml": f"# moved\n\n{text}" for name, text in RICH.items()}
    for name in RICH:
        (tmp_path / name).unlink()
    after = configure(moved)
    assert after.digest == before.digest
    assert {c.id: c.digest for c in after.checks.values()} == {
        c.id: c.digest for c in before.checks.values()
    }


def test_digest_depends_on_meaning(configure: Configure) -> None:
    """A condition, a parameter, a command, a stage and a sign-off are part of the digest."""
    digests = {configure(RICH).digest}
    changes = {
        "gates/g.yaml": [
            ("80%", "81%"),
            ("tests: [t]", "tests: [u]"),
            ("90s", "91s"),
            ("lint.errors: 0", "lint.errors: 1"),
            ("gate: g", "gate: g\nstage: ci"),
            ("gate: g", "gate: g\nadvisory: true"),
            ("CI: '1'", "CI: '2'"),
        ],
        "gates/signoffs/a.yaml": [("2027-02-20", "2027-02-21")],
        "checks/r.yaml": [("[a]", "[b]")],
    }
    pairs = [(name, old, new) for name, pairs in changes.items() for old, new in pairs]
    for name, old, new in pairs:
        digests.add(configure({**RICH, name: RICH[name].replace(old, new)}).digest)
    assert len(digests) == len(pairs) + 1
