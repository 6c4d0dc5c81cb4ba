"""Plug-ins of third parties, as real distributions beside gatekeeper, in whole runs.

They are loaded only where the policy names them, and nothing that they do wrong is a pass or a
traceback. The judged repository itself is never imported from.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Install = Callable[..., None]

HEAD = """\
import os
from dataclasses import dataclass
from decimal import Decimal
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import CheckType, Reader, Report
from gatekeeper.model import Evidence, Finding, Measurement, Metric
open(os.environ["HOME"] + "/imported", "a").close()

@dataclass(frozen=True)
class Params:
    word: str = "a"

def found(*words):
    return Measurement(findings=(Finding(*words),), work={"files": 1})

def metric(*words):
    return Measurement((Metric(*words),), work={"files": 1})

"""
MEASURE = "def measure(params, ctx):\n    return {}\n\n"
TYPE = (
    "PLUGIN = CheckType(api=1, measure=measure, params=Params, always=('lint.errors',), "
    "expect={'lint.errors': '== 0'})\n"
)
CLEAN = "Measurement(work={'files': 1})"
GOOD = HEAD + MEASURE.format(CLEAN) + TYPE
GROUPS = {"check-type": "check_types", "reader": "readers", "report": "reports"}
OTHER = {"check": "other", "command": ["true"]}
IT = {"check": "it", "type": "foreign"}


@pytest.fixture
def install(place: Any) -> Install:
    """Install a distribution with one plug-in: a module and its metadata on PYTHONPATH."""

    def installed(
        text: str, kind: str = "check-type", name: str = "foreign", dist: str = "their"
    ) -> None:
        folder = place.base / "site"
        info = folder / f"{dist}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{dist}_plugin.py").write_text(text)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[gatekeeper.{GROUPS[kind]}]\n{name} = {dist}_plugin\n"
        )
        place.env["PYTHONPATH"] = str(folder)

    return installed


def imported(place: Any) -> bool:
    """Whether a plug-in was imported."""
    return os.path.exists(place.base / "home" / "imported")


def test_only_what_the_policy_names_is_imported(place: Any, install: Install) -> None:
    """A plug-in that is installed and not named is never imported; one that is named measures."""
    install(GOOD)
    place.gate(OTHER)
    place.commit()
    assert place.run().exit == 0
    assert place.run("types", command="list").exit == 0
    assert not imported(place)
    place.gate(OTHER, IT)
    outcome = place.run()
    assert (outcome.exit, outcome.verdict("it")) == (0, "pass")
    assert imported(place)
    assert outcome.observed("it")["measurement"]["work"] == {"files": 1}


BROKEN: Mapping[str, tuple[str, str]] = {
    "an import that fails": ("import no_such_module\n", "ModuleNotFoundError: No module named"),
    "a syntax error": ("def f(:\n", "SyntaxError"),
    "an exit while it is imported": ("import sys\nsys.exit(0)\n", "SystemExit"),
    "no plug-in": ("A = 1\n", "is no CheckType"),
    "a plug-in of another kind": (
        HEAD + "PLUGIN = Report(api=1, render=print)\n",
        "is no CheckType",
    ),
    "another interface": (GOOD.replace("api=1", "api=2"), "is written for interface 2, this is 1"),
    "an unknown metric": (
        GOOD.replace("lint.errors", "my.metric"),
        "my.metric, which is no metric",
    ),
    "a condition that is none": (GOOD.replace("== 0", "few"), "expects `few`"),
    "parameters that are no dataclass": (
        GOOD.replace("params=Params", "params=dict"),
        "parameters",
    ),
}


def test_plugins_that_do_not_load(place: Any, install: Install) -> None:
    """Each is an error of the check that uses it; the other checks are judged."""
    for n, (text, _) in enumerate(BROKEN.values()):
        install(text, name=f"foreign-{n}", dist=f"their{n}")
    place.gate(OTHER, *({"check": f"c-{n}", "type": f"foreign-{n}"} for n in range(len(BROKEN))))
    place.commit()
    outcome = place.run()
    assert (outcome.exit, outcome.verdict("other")) == (3, "pass"), outcome.said
    for n, (case, (_, reason)) in enumerate(BROKEN.items()):
        failure = outcome.observed(f"c-{n}")["failure"]["reason"]
        assert f"the check type foreign-{n} does not load" in failure, case
        assert reason in failure, case


def test_reader_that_does_not_load(place: Any, install: Install) -> None:
    """The same holds for a reader, whatever is asked of its check."""
    install("import no_such_module\n", "reader")
    check = {"check": "it", "command": ["echo"], "reads": [{"format": "foreign", "from": "stdout"}]}
    place.gate(OTHER, check, requirements={"lint.errors": "== 0"})
    place.commit()
    outcome = place.run()
    assert (outcome.exit, outcome.verdict("it")) == (3, "error"), outcome.said
    assert "the reader foreign does not load" in outcome.stdout


def test_two_of_one_name(place: Any, install: Install) -> None:
    """Two distributions with a plug-in of one name are a configuration error that names both."""
    install(GOOD)
    install(GOOD, dist="our")
    place.gate(IT)
    place.commit()
    outcome = place.run()
    assert outcome.exit == 2
    assert "two plug-ins have the name `foreign`: our 1.0 and their 1.0" in outcome.stderr
    assert not imported(place)


def test_builtin_names_cannot_be_taken(place: Any, install: Install) -> None:
    """A plug-in that bears the name of a built-in one is not used."""
    install(GOOD, name="command")
    place.gate(OTHER)
    place.commit()
    assert place.run().exit == 0
    assert not imported(place)


GARBAGE: Mapping[str, str] = {
    "raises": "1 / 0",
    "exits": "exit(0)",
    "nothing": "None",
    "a number": "0",
    "no work": "Measurement()",
    "no positive work": "Measurement(work={'files': 0})",
    "negative work": "Measurement(work={'files': -1, 'tests': 1})",
    "work that is no number": "Measurement(work={'files': 'many'})",
    "work that is not a number": "Measurement(work={'files': float('nan')})",
    "work that is endless": "Measurement(work={'files': float('inf')})",
    "work that is true": "Measurement(work={'files': True})",
    "work that is a list": "Measurement(work=['files'])",
    "an unknown metric": "metric('my.metric', Decimal(1))",
    "a metric in another unit": "metric('coverage.line', Decimal(1), 'ms')",
    "NaN": "metric('coverage.line', Decimal('NaN'), '%')",
    "a value that is no number": "metric('coverage.line', 'all', '%')",
    "a float": "metric('coverage.line', float('nan'), '%')",
    "a negative count": "metric('lint.errors', Decimal(-1))",
    "metrics that are none": "Measurement((1,), work={'files': 1})",
    "findings that are none": "Measurement(findings=(1,), work={'files': 1})",
    "an unknown severity": "found('r', 'm', 'awful', 'lint')",
    "an unknown category": "found('r', 'm', 'high', 'smell')",
    "a finding without text": "found(None, None, 'high', 'lint')",
    "a line that is none": "found('r', 'm', 'high', 'lint', 'a.py', 'x')",
    "a line before the first": "found('r', 'm', 'info', 'lint', 'a.py', -5)",
    "a path that leads out": "found('r', 'm', 'info', 'lint', '../../etc/passwd', 1)",
    "a path that is absolute": "found('r', 'm', 'info', 'lint', '/etc/passwd', 1)",
    "notes that are none": "Measurement(work={'files': 1}, notes=(1,))",
}


def test_garbage(place: Any, install: Install) -> None:
    """What a check type returns that cannot be is an error with a reason, and no traceback."""
    for n, value in enumerate(GARBAGE.values()):
        install(HEAD + MEASURE.format(value) + TYPE, name=f"foreign-{n}", dist=f"their{n}")
    place.write({"a.py": "A = 1\n"})
    place.gate(OTHER, *({"check": f"c-{n}", "type": f"foreign-{n}"} for n in range(len(GARBAGE))))
    place.commit()
    outcome = place.run()
    assert (outcome.exit, outcome.verdict("other")) == (3, "pass"), outcome.said
    assert "Traceback" not in outcome.said
    verdicts = {case: outcome.verdict(f"c-{n}") for n, case in enumerate(GARBAGE)}
    assert verdicts == dict.fromkeys(GARBAGE, "error")


def test_interrupting_check_type(place: Any, install: Install) -> None:
    """A check type that raises KeyboardInterrupt ends the run as Ctrl-C would, which is no pass."""
    install(HEAD + MEASURE.format("(_ for _ in ()).throw(KeyboardInterrupt)") + TYPE)
    place.gate(IT)
    place.commit()
    assert place.run().exit == 130


READER = HEAD + (
    "def read(path, ctx):\n    text = path.read_text()\n    return {}\n\n"
    "PLUGIN = Reader(api=1, read=read, always=('lint.errors',), expect={{'lint.errors': '== 0'}})\n"
)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (
            "found(text.strip(), 'm', 'high', 'lint', ctx.relative('a.py'), 1)",
            1,
        ),
        ("Measurement(work={'lines': len(text)})", 0),
        ("Measurement()", 3),
        ("None", 3),
        ("text.no_such_thing", 3),
    ],
)
def test_reader(place: Any, install: Install, value: str, code: int) -> None:
    """A reader of a third party reads what a command printed, and is held to the same rules."""
    install(READER.replace("{}", value, 1).replace("{{", "{").replace("}}", "}"), "reader")
    reads = [{"format": "foreign", "from": "stdout"}]
    place.gate({"check": "it", "command": ["echo", "rule"], "reads": reads})
    place.write({"a.py": "A = 1\n"})
    place.commit()
    outcome = place.run()
    assert outcome.exit == code, outcome.said
    assert (code == 1) == ("a.py:1: m [rule]" in outcome.stdout)


REPORTS: Mapping[str, tuple[str, int, str]] = {
    "works": ("def render(result):\n    yield result.verdict.verdict.upper()\n", 0, "PASS"),
    "exits": ("def render(result):\n    exit(0)\n    yield ''\n", 3, "SystemExit"),
    "raises": (
        "def render(result):\n    yield 'begun'\n    raise ValueError('no')\n",
        3,
        "ValueError",
    ),
    "yields what is no text": ("def render(result):\n    yield 1\n", 3, "foreign"),
    "returns nothing": ("def render(result):\n    return None\n", 3, "foreign"),
    "does not load": ("import no_such_module\n", 2, "no_such_module"),
}


@pytest.mark.parametrize(("render", "code", "words"), REPORTS.values(), ids=REPORTS.keys())
def test_report(place: Any, install: Install, render: str, code: int, words: str) -> None:
    """A report of a third party is used by its name; one that fails is told, and no pass."""
    install(f"{HEAD}{render}\nPLUGIN = Report(api=1, render=render)\n", "report")
    place.gate(OTHER)
    place.commit()
    outcome = place.run("--report", "foreign")
    assert outcome.exit == code, outcome.said
    assert words in outcome.said
    if code == 0:
        assert "PASS" in place.run("--report", f"foreign:{place.base}/r.txt").said or (
            (place.base / "r.txt").read_text() == "PASS"
        )


EVIL = "import os\nopen(os.environ['HOME'] + '/imported', 'a').close()\n"
OURS = [
    "gatekeeper/__init__.py",
    "gatekeeper/__main__.py",
    "click.py",
    "re2.py",
    "yaml.py",
    "pathspec.py",
    "json.py",
    "sitecustomize.py",
    "usercustomize.py",
    "their_plugin.py",
]


@pytest.mark.parametrize("how", ["console script", "module"])
def test_nothing_is_imported_from_the_judged_repository(place: Any, how: str) -> None:
    """Modules and distributions in the judged repository's root are files like any other."""
    place.write(dict.fromkeys(OURS, EVIL))
    place.write(
        {
            "their-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: their\nVersion: 1.0\n",
            "their-1.0.dist-info/entry_points.txt": (
                "[gatekeeper.check_types]\nforeign = their_plugin\n"
            ),
        }
    )
    pattern = {"type": "pattern", "files": ["*.py"], "with": {"forbid": "never"}}
    place.gate(OTHER, {"check": "p", **pattern})
    place.commit()
    script = os.path.join(os.path.dirname(sys.executable), "gatekeeper")
    # Place.run starts the module itself, with -P; the script is what the documents show.
    before = ["env"] if how == "module" else ["bash", "-c", f'exec {script} "${{@:5}}"', "run"]
    outcome = place.run(before=before)
    assert outcome.exit == 0, outcome.said
    place.gate(IT)
    outcome = place.run(before=before)
    assert outcome.exit == 2
    assert "unknown check type `foreign`" in outcome.stderr
    assert not imported(place)


def test_record_names_the_plugins(place: Any, install: Install, tmp_path: Path) -> None:
    """The digest of the policy is the same wherever the plug-in was found."""
    install(GOOD)
    place.gate(IT)
    place.commit()
    first = place.run().result["policy"]
    assert json.dumps(first) == json.dumps(place.run().result["policy"])


def test_the_documented_plug_ins_work(place: Any, install: Install) -> None:
    """A reader, a check type and a report, copied from the documents, do what these say."""
    page = Path(__file__).parents[2] / "docs/write-a-plug-in.md"
    block = re.compile(r"example `(\w+)\.py`:\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
    shown = dict(block.findall(page.read_text("utf-8")))
    install(shown["tap"], "reader", "tap", "first")
    install(shown["header"], "check-type", "header", "second")
    install(shown["one_line"], "report", "one-line", "third")
    tap = {"command": ["./tests.sh"], "exit": {"clean": [0], "findings": [1]}}
    licence = {"type": "header", "files": ["*.txt"], "with": {"text": "free"}}
    script = "#!/bin/sh\nprintf '1..2\\nok 1 a\\nnot ok 2 b\\n'\nexit 1\n"
    place.write({"a.txt": "free as air", "b.txt": "mine", "tests.sh": script})
    place.gate(
        {"check": "tap", **tap, "reads": [{"format": "tap", "from": "stdout"}]},
        {"check": "licence", **licence},
    )
    place.commit()
    seen = place.run("--report", "one-line")
    assert (seen.exit, seen.stdout) == (1, "Deployment blocked\n"), seen.said
    found = {o["check"]: o["measurement"]["findings"] for o in seen.result["observations"]}
    assert [finding["message"] for finding in found["tap"]] == ["b failed"]
    assert [finding["path"] for finding in found["licence"]] == ["b.txt"]
