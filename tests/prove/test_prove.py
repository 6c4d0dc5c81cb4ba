"""Guards proven on real repositories: defect, fix and guard are committed, then asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import prove
from gatekeeper.adapters.process import Supervisor
from gatekeeper.config.load import load
from gatekeeper.prove import Answer, trial
from gatekeeper.resolve import resolve

Files = Mapping[str, str | bytes | Path | None]
Ask = Callable[..., Answer]

# pytest without what its catalogue entry measures besides: a run takes half as long.
TOOL = """\
tool: quick
params: {tests: []}
command: [pytest, -q, -p, "no:cacheprovider", -p, "no:hypothesispytest", "--junit-xml=${out}/r.xml",
  --, "${tests}"]
reads: [{format: junit, file: "${out}/r.xml"}]
exit: {clean: [0], findings: [1]}
"""
BASE: Files = {
    "gates/q.yaml": "gate: q\nchecks: []\n",
    "checks/tools/quick.yaml": TOOL,
    "conftest.py": "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n",
    ".gitignore": "__pycache__/\n.gatekeeper/\nbuilt/\n.venv/\n",
}
BUG = "def price(customer):\n    return 0 if customer is None else customer.price\n"
FIX = "def price(customer):\n    return -1 if customer is None else customer.price\n"
TEST = "import app\n\n\ndef test_price():\n    assert app.price(None) == -1\n"


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was compiled of the environment, for the next proof."""
    return tmp_path_factory.mktemp("proofs") / "bytecode"


@pytest.fixture
def ask(repo: Any, monkeypatch: pytest.MonkeyPatch, bytecode: Path) -> Iterator[Ask]:
    """Commit a defect, then its fix with the guard, then the check; prove it.

    Nothing is repeated unless `again` says so: the repetitions have tests of their own.
    """
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    with Supervisor(grace=0.2) as supervisor:

        def asked(
            bug: Files,
            fix: Files,
            proof: str = "",
            *,
            later: Files | None = None,
            check: str = "uses: quick\nwith: {tests: [tests/test_app.py]}\n",
            again: tuple[int, int] = (0, 0),
            caller: Mapping[str, str] | None = None,
            before: Callable[[], object] = lambda: None,
        ) -> Answer:
            monkeypatch.setattr(trial, "RED_AGAIN", again[0])
            monkeypatch.setattr(trial, "GREEN_AGAIN", again[1])
            repo.commit({**BASE, **bug})
            commit = repo.commit(fix)
            if later:
                repo.commit(later)
            lines = f"check: guard\ngate: q\n{check}"
            repo.commit({"checks/guard.yaml": f"{lines}proof: {{fixed-by: {commit}{proof}}}\n"})
            before()
            bench = prove.Bench(
                repo.found,
                supervisor,
                caller or {"PATH": os.path.dirname(sys.executable) + ":/usr/bin:/bin"},
                datetime.now(UTC),
                bytecode=bytecode,
            )
            return prove.prove(resolve(load(repo.path)).checks["guard"], bench)

        yield asked


def test_assertion(repo: Any, ask: Ask) -> None:
    """An assertion that fails without the fix proves; the record says on what."""
    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": TEST}, again=(1, 1))
    assert (answer.answer, answer.why) == ("proven", "")
    assert answer.tests == ("tests/test_app.py::test_price",)
    assert answer.record is not None
    assert answer.record.green == repo.git("rev-parse", "HEAD")
    assert answer.record.red == f"{answer.record.green} without {answer.record.fixed_by[0][:12]}"
    assert [*answer.record.files] == ["conftest.py", "tests/test_app.py"]


CASES: list[tuple[str, dict[str, str], dict[str, str], str, str]] = [
    (
        "product code crashes with AttributeError",
        {"app.py": "def price(c):\n    return c.price\n"},
        {
            "app.py": "def price(c):\n    return c.price if c else 0\n",
            "tests/test_app.py": "import app\n\ndef test_it():\n    assert app.price(None) == 0\n",
        },
        "proven",
        "",
    ),
    (
        "product code crashes with TypeError",
        {"app.py": "def total(items):\n    return 1 + items\n"},
        {
            "app.py": "def total(items):\n    return 1 + len(items)\n",
            "tests/test_app.py": "import app\n\ndef test_it():\n    app.total([1])\n",
        },
        "proven",
        "",
    ),
    (
        "the guard expects an exception that does not come",
        {"app.py": "def put(x):\n    return x\n"},
        {
            "app.py": "def put(x):\n    if x is None:\n        raise ValueError\n    return x\n",
            "tests/test_app.py": "import app, pytest\n\ndef test_it():\n"
            "    with pytest.raises(ValueError):\n        app.put(None)\n",
        },
        "proven",
        "",
    ),
    (
        "the guard imports a name that the fix introduced",
        {"app.py": "A = 1\n"},
        {
            "app.py": "A = 1\ndef check():\n    return True\n",
            "tests/test_app.py": "from app import check\n\ndef test_it():\n    assert check()\n",
        },
        "not proven",
        "absence of check",
    ),
    (
        "the body of the guard asks for a function that the fix introduced",
        {"app.py": "A = 1\n"},
        {
            "app.py": "A = 1\ndef check():\n    return True\n",
            "tests/test_app.py": "import app\n\ndef test_it():\n    assert app.check()\n",
        },
        "not proven",
        "absence of check",
    ),
    (
        "the guard passes a parameter that the fix introduced",
        {"app.py": "def put(x):\n    return x\n"},
        {
            "app.py": "def put(x, strict=False):\n    return not strict\n",
            "tests/test_app.py": "import app\n\ndef test_it():\n"
            "    assert app.put(1, strict=True) is False\n",
        },
        "not proven",
        "absence of strict",
    ),
    (
        "the guard imports a module that the fix added",
        {"app.py": "A = 1\n"},
        {
            "rules.py": "def check():\n    return True\n",
            "tests/test_app.py": "import rules\n\ndef test_it():\n    assert rules.check()\n",
        },
        "not proven",
        "absence of rules",
    ),
    (
        "the guard reads a file that the fix added",
        {"app.py": "A = 1\n"},
        {
            "data/known.json": "[]",
            "tests/test_app.py": "def test_it():\n    assert open('data/known.json').read()\n",
        },
        "not proven",
        "data/known.json was taken out",
    ),
    (
        "the guard does not see the bug",
        {"app.py": BUG},
        {
            "app.py": FIX,
            "tests/test_app.py": "import app\n\ndef test_it():\n    assert app.price\n",
        },
        "not proven",
        "still green",
    ),
    (
        "a fixture breaks without the fix",
        {"app.py": "def price(c):\n    return c.price\n"},
        {
            "app.py": "def price(c):\n    return c.price if c else 0\n",
            "tests/test_app.py": "import app, pytest\n\n@pytest.fixture\ndef price():\n"
            "    return app.price(None)\n\ndef test_it(price):\n    assert price == 0\n",
        },
        "not measured",
        "a test could not be set up: AttributeError",
    ),
    (
        "a module cannot be collected without the fix",
        {"app.py": "raise ValueError('no settings')\n"},
        {"app.py": "X = 1\n", "tests/test_app.py": "import app\n\ndef test_it():\n    pass\n"},
        "not measured",
        "a test could not be collected: ValueError: no settings",
    ),
    (
        "a TestCase breaks in its setUp",
        {"app.py": "def price(c):\n    return c.price\n"},
        {
            "app.py": "def price(c):\n    return c.price if c else 0\n",
            "tests/test_app.py": "import app, unittest\n\nclass T(unittest.TestCase):\n"
            "    def setUp(self):\n        self.p = app.price(None)\n\n"
            "    def test_it(self):\n        assert self.p == 0\n",
        },
        "not measured",
        "a test could not be set up",
    ),
    (
        "an assertion that something exists",
        {"app.py": "A = 1\n"},
        {
            "app.py": "A = 1\ndef check():\n    return True\n",
            "tests/test_app.py": "import app\n\ndef test_it():\n    assert hasattr(app, 'check')\n",
        },
        "not proven",
        "absence of check",
    ),
    (
        "the guard is red with the fix",
        {"app.py": BUG},
        {"app.py": FIX, "tests/test_app.py": "def test_it():\n    assert False\n"},
        "not measured",
        "with the fix, at HEAD, it is red: tests/test_app.py::test_it",
    ),
]


@pytest.mark.parametrize(
    ("bug", "fix", "answer", "why"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_answers(ask: Ask, bug: dict[str, str], fix: dict[str, str], answer: str, why: str) -> None:
    """Phase and frame decide."""
    found = ask(bug, fix)
    assert (found.answer, found.why[: len(why)]) == (answer, why), found.why
    assert bool(found.record) is (answer == "proven")
    assert found.remedy or answer == "proven"


def test_keep(ask: Ask) -> None:
    """What `keep` names is the guard's own."""
    test = (
        "import app\n\ndef test_it():\n    assert app.price(None) == int(open('data/p').read())\n"
    )
    fix = {"app.py": FIX, "data/p": "-1", "tests/test_app.py": test}
    assert ask({"app.py": BUG}, fix, ', keep: ["data/**"]').answer == "proven"


def test_at_the_fix_where_it_conflicts(repo: Any, ask: Ask) -> None:
    """Where the lines have changed since, the state of the fix decides, and is named."""
    later = {"app.py": FIX.replace("-1 if", "-1 + 0 if")}
    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": TEST}, later=later)
    assert (answer.answer, answer.why) == ("proven", "")
    assert answer.green == repo.git("rev-parse", "HEAD~2")


def test_at_the_fix_with_a_guard_that_came_later(repo: Any, ask: Ask) -> None:
    """The guard of HEAD is taken to the state of the fix."""
    later = {"app.py": FIX.replace("-1 if", "-1 + 0 if"), "tests/test_app.py": TEST}
    answer = ask({"app.py": BUG}, {"app.py": FIX}, later=later)
    assert (answer.answer, answer.why) == ("proven", "")
    assert answer.green == repo.git("rev-parse", "HEAD~2")


def test_still_green_at_both(ask: Ask) -> None:
    """What is green without the fix, at HEAD and there, proves nothing."""
    test = "import app\n\ndef test_it():\n    assert app.price\n"
    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": test}, later={"x": "1"})
    assert answer.answer == "not proven"
    assert answer.why.startswith("still green, at HEAD and at ")


def test_masked_at_head(repo: Any, ask: Ask) -> None:
    """Where later code hides the bug from the guard, the state of the fix decides."""
    code = "import rules\n\ndef price(c):\n    return rules.LEAST if c is None else c.price\n"
    later = {"app.py": code.replace("rules.LEAST", "min(rules.LEAST, -1)")}
    fix = {"rules.py": "LEAST = -1\n", "tests/test_app.py": TEST}
    answer = ask({"app.py": code, "rules.py": "LEAST = 0\n"}, fix, later=later)
    assert answer.answer == "proven"
    assert answer.green == repo.git("rev-parse", "HEAD~2")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("n in (2,)", "it is red only by chance"),
        ("n in (2, 3, 4)", "it is green only by chance"),
    ],
)
def test_chance(ask: Ask, tmp_path: Path, script: str, why: str) -> None:
    """A guard that goes by chance is told by repeating it; `n` counts its runs."""
    count = tmp_path / "count"
    count.write_text("0")
    test = (
        "from pathlib import Path\n\ndef test_it():\n"
        f"    count = Path({str(count)!r})\n    n = int(count.read_text()) + 1\n"
        f"    count.write_text(str(n))\n    assert not {script}\n"
    )
    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": test}, again=(1, 1))
    assert (answer.answer, answer.why[: len(why)]) == ("not measured", why)


def test_bytecode_is_fresh(ask: Ask) -> None:
    """Two sources of the same size within a second are not taken for one; also in `python -I`."""
    test = (
        "import os, subprocess, sys\nimport app\n\ndef test_it():\n"
        "    code = 'import sys; sys.path.insert(0, sys.argv[1]); import app; print(app.A)'\n"
        "    argv = [sys.executable, '-I', '-c', code, os.getcwd()]\n"
        "    assert subprocess.check_output(argv).split() == [b'2']\n"
        "    assert app.A == 2\n"
    )
    answer = ask(
        {"app.py": "A = 1\n"}, {"app.py": "A = 2\n", "tests/test_app.py": test}, again=(1, 1)
    )
    assert answer.answer == "proven", answer.why


def test_time_out(ask: Ask) -> None:
    """A guard that hangs without the fix measured nothing."""
    fix = {
        "app.py": "def f():\n    pass\n",
        "tests/test_app.py": "import app\n\ndef test_it():\n    app.f()\n",
    }
    check = "uses: quick\nwith: {tests: [tests/test_app.py]}\ntimeout: 2s\n"
    answer = ask({"app.py": "import time\ndef f():\n    time.sleep(60)\n"}, fix, check=check)
    assert answer.answer == "not measured"
    assert "did not end within 2 s" in answer.why


def test_prepare(ask: Ask) -> None:
    """What git ignores is built anew from each state of the code."""
    build = (
        "import pathlib, shutil\npathlib.Path('built').mkdir(exist_ok=True)\n"
        "shutil.copy('app.py', 'built/made.py')\n"
    )
    test = (
        "import sys\nsys.path.insert(0, 'built')\nimport made\n\n"
        "def test_it():\n    assert made.price(None) == -1\n"
    )
    bug, fix = {"app.py": BUG, "build.py": build}, {"app.py": FIX, "tests/test_app.py": test}
    assert ask(bug, fix, ", prepare: [[python, build.py]]").answer == "proven"


def test_prepare_that_fails(ask: Ask) -> None:
    """What could not be built was not measured."""
    answer = ask(
        {"app.py": BUG},
        {"app.py": FIX, "tests/test_app.py": TEST},
        ", prepare: [[sh, -c, 'echo no; exit 3']]",
    )
    assert (answer.answer, answer.why) == (
        "not measured",
        "`prepare: sh -c 'echo no; exit 3'` exited with 3; it said: no",
    )


def test_no_tests_but_findings(ask: Ask) -> None:
    """A rule that finds nothing with the fix and something without it proves."""
    check = 'type: pattern\nfiles: ["*.py"]\nwith: {forbid: "breakpoint"}\n'
    answer = ask({"app.py": "breakpoint()\n"}, {"app.py": "pass\n"}, check=check)
    assert (answer.answer, answer.why) == ("proven", "")
    assert len(answer.tests) == 1


def test_command_without_a_report(ask: Ask) -> None:
    """An exit code that changes proves; a crash for want of something new does not."""
    check = "command: [python, guard/see.py]\n"
    see = "import sys\nsys.path.insert(0, '.')\nimport app\nsys.exit(app.price(None) != -1)\n"
    fix = {"app.py": FIX, "guard/see.py": see}
    assert ask({"app.py": BUG}, fix, ', keep: ["guard/**"]', check=check).answer == "proven"


def test_command_that_crashes_for_want_of_something_new(ask: Ask) -> None:
    """Only an exit code is seen, and still absence is told."""
    see = "import sys\nsys.path.insert(0, '.')\nimport app\nassert app.check()\n"
    fix = {"app.py": "def check():\n    return 1\n", "guard/see.py": see}
    check = "command: [python, guard/see.py]\n"
    answer = ask({"app.py": "A = 1\n"}, fix, ', keep: ["guard/**"]', check=check)
    assert (answer.answer, answer.why) == ("not proven", "absence of check")


def test_not_in_head(repo: Any, ask: Ask) -> None:
    """A check that differs from HEAD is committed first."""

    def change() -> None:
        text = (repo.path / "checks/guard.yaml").read_text()
        repo.write({"checks/guard.yaml": text.replace("tests/test_app.py", "tests")})

    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": TEST}, before=change)
    assert (answer.answer, answer.why) == ("not measured", "checks/guard.yaml differs from HEAD")


def test_samples(ask: Ask, repo: Any) -> None:
    """Samples prove a check that looks at files."""
    repo.commit({**BASE, "a.py": "pass\n"})
    check = 'type: pattern\nfiles: ["*.py"]\nwith: {forbid: "breakpoint"}\n'
    proof = ', rejects: ["breakpoint()"], accepts: ["pass"]'
    answer = ask({"app.py": "breakpoint()\n"}, {"app.py": "pass\n"}, proof, check=check)
    assert (answer.answer, answer.why) == ("proven", "")
    wrong = ', rejects: ["pass"], accepts: ["pass"]'
    answer = ask({"app.py": "breakpoint()\n"}, {"app.py": "pass\n"}, wrong, check=check)
    assert (answer.answer, answer.why) == ("not proven", "rejects[1] green on what it must reject")


def _state(folder: Path) -> dict[str, bytes]:
    """All files of a repository, git's own included, but for objects, to which nothing refers."""
    files = {p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}
    named = {str(path.relative_to(folder)): path for path in files}
    return {n: path.read_bytes() for n, path in named.items() if not n.startswith(".git/objects/")}


def test_working_copy_is_not_touched(repo: Any, ask: Ask) -> None:
    """Changed, staged, stashed and untracked files, branches and configuration stay as they are."""
    states: list[dict[str, bytes]] = []

    def soil() -> None:
        repo.write({"app.py": "stashed"})
        repo.git("stash")
        repo.write({"app.py": "staged"})
        repo.git("add", "app.py")
        repo.write({"app.py": "changed", "untracked": "u"})
        repo.git("status")
        states.append(_state(repo.path))

    answer = ask({"app.py": BUG}, {"app.py": FIX, "tests/test_app.py": TEST}, before=soil)
    assert answer.answer == "proven"
    assert _state(repo.path) == states[0]
    assert json.dumps([*os.listdir(repo.path.parent / "tmp")]) == "[]"
