"""What gatekeeper costs beside the bare thing: ratios of CPU times, each with its limit.

`python benchmarks/ratios.py [--quick] [--rounds N] [NAME...]` prints a table; test_ratios.py
judges the same cases under pytest. It ends with 1 if a limit is exceeded, with 3 if it could not
measure.

CPU is user and system time of a process with all its children. The commands of a case take turns
(A B A B ...), so that a machine that slows down slows all of them down; figures are medians over
the rounds, ratios are ratios of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

PYTHON = sys.executable
GATEKEEPER = os.path.join(sysconfig.get_path("scripts"), "gatekeeper")
ROUNDS, QUICK_ROUNDS = 15, 3
MB = 10**6
REPORT_SIZE = 100 * MB
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class NotMeasuredError(Exception):
    """A command of a benchmark did not do what it was to be measured doing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a process with its children, and the largest memory of one of them, bytes."""

    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its limit, both in `unit`; `note` says what it was computed from."""

    name: str
    measured: float
    limit: float
    unit: str
    note: str

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.measured <= self.limit


def cost(argv: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end; raises NotMeasuredError where it fails."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            printed.seek(max(0, printed.tell() - 2000))
            said = printed.read().decode("utf-8", "replace")
            raise NotMeasuredError(f"{argv} ended with {process.returncode} and said:\n{said}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT)


def take_turns(
    rounds: int, folder: Path, commands: Mapping[str, Sequence[str]]
) -> dict[str, list[Cost]]:
    """The costs of each command, one per round."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            costs[name].append(cost(argv, folder))
    return costs


def _ratio(name: str, limit: float, ours: list[float], theirs: list[float]) -> Figure:
    note = f"{_spread(ours)} beside {_spread(theirs)} ms"
    return Figure(name, median(ours) / median(theirs), limit, "x", note)


def _spread(seconds: list[float]) -> str:
    """The median and, in brackets, the quartiles, in milliseconds."""
    low, middle, high = quantiles(seconds, n=4)
    return f"{1000 * middle:.4g} [{1000 * low:.4g}, {1000 * high:.4g}]"


def _cpu(costs: Iterable[Cost]) -> list[float]:
    return [one.cpu for one in costs]


# ------------------------------------------------------------------------------- the cases


def version(rounds: int, folder: Path) -> Iterable[Figure]:
    """`gatekeeper --version` beside the import of click."""
    commands = {"ours": [GATEKEEPER, "--version"], "bare": [PYTHON, "-c", "import click"]}
    costs = take_turns(rounds, folder, commands)
    yield _ratio("version", 1.3, _cpu(costs["ours"]), _cpu(costs["bare"]))


_IMPORTS = """
import click, yaml, pydantic
class Model(pydantic.BaseModel):
    name: str
    count: int = 0
"""


def start(rounds: int, folder: Path) -> Iterable[Figure]:
    """A run of one no-op check beside the import of what it stands on."""
    _repository(folder, _gate(1))
    commands = {"ours": [GATEKEEPER, "run"], "bare": [PYTHON, "-c", _IMPORTS]}
    costs = take_turns(rounds, folder, commands)
    yield _ratio("start", 2.0, _cpu(costs["ours"]), _cpu(costs["bare"]))


_LOOP = "import subprocess\nfor _ in range({}): subprocess.run(['true'])"
_FEW, _MANY = 100, 1100


def slope(rounds: int, folder: Path) -> Iterable[Figure]:
    """What one more check of a gate costs beside `subprocess.run(["true"])`, loading included."""
    yield from _slope("slope", rounds, folder, _gate)


def registered(rounds: int, folder: Path) -> Iterable[Figure]:
    """The same, each check in a file of its own."""
    yield from _slope("registered", rounds, folder, _registered)


def _slope(
    name: str, rounds: int, folder: Path, files: Callable[[int], Mapping[str, str]]
) -> Iterable[Figure]:
    _repository(folder / "few", files(_FEW))
    _repository(folder / "many", files(_MANY))
    more = _MANY - _FEW
    commands = {
        "few": ["env", "-C", "few", GATEKEEPER, "run"],
        "many": ["env", "-C", "many", GATEKEEPER, "run"],
        "none": [PYTHON, "-c", _LOOP.format(0)],
        "bare": [PYTHON, "-c", _LOOP.format(more)],
    }
    costs = take_turns(rounds, folder, commands)

    def each(larger: str, smaller: str) -> list[float]:
        pairs = zip(costs[larger], costs[smaller], strict=True)
        return [(large.cpu - small.cpu) / more for large, small in pairs]

    yield _ratio(name, 2.5, each("many", "few"), each("bare", "none"))
    peak = max(one.peak for one in costs["many"])
    yield Figure(f"{name}-memory", peak / MB, 150, "MB", f"the peak with {_MANY} checks")


_SLOTS = 4


def schedule(rounds: int, folder: Path) -> Iterable[Figure]:
    """How long slots were idle while a check could have run, as a share of slots x makespan."""
    # Seconds between 0.03 and 0.18, in no order; every tenth runs alone.
    naps = [(f"nap-{n}", 0.03 + 0.37 * n % 0.15, n % 10 == 9) for n in range(40)]
    lines = [
        f'  - {{check: {name}, command: [sleep, "{seconds:.2f}"], exclusive: {str(alone).lower()}}}'
        for name, seconds, alone in naps
    ]
    _repository(folder, {"gates/g.yaml": "\n".join(["gate: g", "checks:", *lines, ""])})
    shares = []
    for _ in range(rounds):
        cost([GATEKEEPER, "run", "--jobs", str(_SLOTS)], folder)
        record = max((folder / ".gatekeeper" / "runs").iterdir()) / "result.json"
        shares.append(idle_share(json.loads(record.read_bytes())))
    low, middle, high = quantiles(shares, n=4)
    note = f"40 sleeps, {_SLOTS} slots; quartiles {100 * low:.2f} and {100 * high:.2f} %"
    yield Figure("schedule", 100 * middle, 2, "%", note)


def idle_share(record: Mapping[str, Any]) -> float:
    """The share of slots x makespan that was idle while a check waited that could have run.

    A shared check could run wherever a slot is free and no exclusive check runs; an exclusive one,
    with all slots, where nothing runs. Times are those of a run's record.
    """
    slots: int = record["plan"]["jobs"]
    alone = {one["check"] for one in record["plan"]["checks"] if one.get("exclusive")}
    seen = [(o["started"], o["started"] + o["wall"], o["check"]) for o in record["observations"]]
    if not seen:
        raise NotMeasuredError("the record holds no observation")
    moments = sorted({0.0, *(time for begin, end, _ in seen for time in (begin, end))})
    idle = 0.0
    for now, then in pairwise(moments):
        running = [check for begin, end, check in seen if begin <= now < end]
        waiting = [check for begin, _, check in seen if begin > now]
        if alone & set(running) or not waiting:
            continue
        if set(waiting) - alone or not running:
            idle += (then - now) * (slots - len(running))
    return idle / (slots * float(moments[-1]))


_ITEMS = """
import ijson
with open({!r}, "rb") as file:
    for _ in ijson.items(file, "runs.item.results.item"):
        pass
"""
_EVENTS = """
import lxml.etree
for _, element in lxml.etree.iterparse({!r}):
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
"""


def sarif(rounds: int, folder: Path) -> Iterable[Figure]:
    """A large SARIF log beside `ijson.items` over the same file."""
    head = (
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bench", "rules": ['
        '{"id": "B1", "shortDescription": {"text": "a rule"}}]}}, "results": ['
    )
    result = (
        '{{"ruleId": "B1", "ruleIndex": 0, "level": "warning", "message": {{"text": '
        '"The value of `name{0}` is used before it is checked; check it where it comes in, as '
        'the guide says, or declare why it cannot be wrong here."}}, "locations": [{{'
        '"physicalLocation": {{"artifactLocation": {{"uri": "src/module{1}.py", "uriBaseId": '
        '"%SRCROOT%"}}, "region": {{"startLine": {0}, "startColumn": 5, "endLine": {0}, '
        '"endColumn": 40, "snippet": {{"text": "    total = compute(name{0}, {1})"}}}}}}}}], '
        '"partialFingerprints": {{"primaryLocationLineHash": "{0:032x}"}}, "properties": '
        '{{"tags": ["security", "correctness"], "precision": "high"}}}}'
    )
    file = folder / "report.sarif"
    _generate(file, head, result, ",\n", "]}]}")
    yield from _reading("sarif", rounds, file, _ITEMS)


def junit(rounds: int, folder: Path) -> Iterable[Figure]:
    """A large JUnit report beside `lxml.etree.iterparse` over the same file."""
    case = (
        '<testcase classname="tests.test_module{1}" name="test_case[{0}]" time="0.002">'
        "<system-out>setting up {0}\nlooking at the result of step {1}\n</system-out></testcase>\n"
    )
    failed = (
        '<testcase classname="tests.test_module{1}" name="test_broken[{0}]" time="0.003"><failure '
        'message="AssertionError: assert {0} == {1}">tests/test_module.py:{0}: in test_broken\n'
        "    assert total == expected\nE   AssertionError: assert {0} == {1}</failure></testcase>\n"
    )
    file = folder / "report.xml"
    many = "".join(case if n else failed for n in range(10))
    _generate(file, '<testsuites><testsuite name="bench">', many, "", "</testsuite></testsuites>")
    yield from _reading("junit", rounds, file, _EVENTS)


def _generate(file: Path, head: str, item: str, between: str, end: str) -> None:
    """Write a report of REPORT_SIZE bytes from a template of its items."""
    with file.open("w", encoding="ascii") as out:
        size, n = out.write(head), 1
        while size < REPORT_SIZE:
            size += out.write((between if n > 1 else "") + item.format(n, n % 997))
            n += 1
        out.write(end)


def _reading(form: str, rounds: int, file: Path, bare: str) -> Iterable[Figure]:
    commands = {
        "ours": [GATEKEEPER, "read", form, file.name, "--json"],
        "bare": [PYTHON, "-c", bare.format(file.name)],
    }
    costs = take_turns(rounds, file.parent, commands)
    yield _ratio(form, 4.0, _cpu(costs["ours"]), _cpu(costs["bare"]))
    peak = max(one.peak for one in costs["ours"])
    yield Figure(f"{form}-memory", peak / MB, 300, "MB", f"{REPORT_SIZE // MB} MB of report")


CASES: Mapping[str, Callable[[int, Path], Iterable[Figure]]] = {
    case.__name__: case for case in (version, start, slope, registered, schedule, sarif, junit)
}
_LONG = ("registered", "sarif", "junit")


# ------------------------------------------------------------------- the judged repositories


def _gate(checks: int) -> Mapping[str, str]:
    """A gate with so many no-op checks."""
    lines = [f'  - {{check: noop-{n}, command: ["true"]}}' for n in range(checks)]
    return {"gates/g.yaml": "\n".join(["gate: g", "checks:", *lines, ""])}


def _registered(checks: int) -> Mapping[str, str]:
    """A gate that so many registered no-op checks join."""
    text = 'check: noop-{0}\ntitle: Nothing is wrong with {0}\ngate: g\ncommand: ["true"]\n'
    files = {f"checks/noop-{n}.yaml": text.format(n) for n in range(checks)}
    return {"gates/g.yaml": "gate: g\nchecks: []\n", **files}


def _repository(folder: Path, files: Mapping[str, str]) -> None:
    """A git repository with one commit of these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    cost([*git, "init", "--quiet"], folder)
    cost([*git, "add", "."], folder)
    cost([*git, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", "bench"], folder)


# -------------------------------------------------------------------------------- the table


def measure(name: str, rounds: int) -> Iterable[Figure]:
    """Measure one case in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gatekeeper-bench-") as folder:
        yield from CASES[name](rounds, Path(folder))


def main() -> int:
    """Print a line per figure; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a few rounds and no large report; what exceeds its limit then is measured in full",
    )
    parser.add_argument("--rounds", type=int, help=f"default: {ROUNDS}; quick: {QUICK_ROUNDS}")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(CASES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(CASES)}")
    names = chosen.names or [name for name in CASES if not (chosen.quick and name in _LONG)]
    rounds = chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS)
    exceeded = False
    for name in names:
        try:
            figures = list(measure(name, rounds))
            # A few rounds on a shared machine prove nothing against it.
            if chosen.quick and not all(figure.holds for figure in figures):
                figures = list(measure(name, ROUNDS))
        except (NotMeasuredError, OSError) as error:
            sys.stderr.write(f"{name}: not measured: {error}\n")
            return 3
        exceeded |= not all(figure.holds for figure in figures)
        sys.stdout.writelines(f"{line(figure)}\n" for figure in figures)
        sys.stdout.flush()
    return int(exceeded)


def line(figure: Figure) -> str:
    """A line of the table: name, measured, limit, verdict, and what it was computed from."""
    verdict = "ok" if figure.holds else "EXCEEDED"
    measured, limit = f"{figure.measured:.2f} {figure.unit}", f"{figure.limit:g} {figure.unit}"
    return f"{figure.name:18} {measured:>10} of {limit:>7}  {verdict:8}  {figure.note}"


if __name__ == "__main__":
    sys.exit(main())
