"""Not measured is not passed: whatever keeps a check from measuring ends the run with exit 3.

Each case runs real processes; its message names the cause and what to do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

Judge = Callable[..., Any]

OUT = "${out}/report"
SARIF: Mapping[str, Any] = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "scanner"}},
            "results": [],
            "artifacts": [{"location": {"uri": "a.py"}, "roles": ["analysisTarget"]}],
        }
    ],
}
FINDING = {
    "ruleId": "R1",
    "level": "error",
    "message": {"text": "bad"},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}],
}
JUNIT = '<testsuite name="s"><testcase classname="c" name="t"/></testsuite>'
COBERTURA = (
    '<coverage line-rate="{0}" lines-valid="2" lines-covered="1"><packages><package><classes>'
    '<class name="a" filename="a.py" line-rate="{0}"><lines><line number="1" hits="1"/>'
    '<line number="2" hits="0"/></lines></class></classes></package></packages></coverage>'
)


def sarif(**keys: object) -> str:
    """A SARIF log with one run."""
    return json.dumps({**SARIF, "runs": [{**SARIF["runs"][0], **keys}]})


def prints(form: str, **keys: object) -> Mapping[str, Any]:
    """A check whose command prints the file `report`."""
    reads = [{"format": form, "from": "stdout"}]
    return {"command": ["cat", "report"], "reads": reads, **keys}


def shell(script: str, form: str = "", **keys: object) -> Mapping[str, Any]:
    """A check that runs a script; with a format it writes its report to $OUT/report."""
    reads = {"reads": [{"format": form, "file": OUT}]} if form else {}
    return {"command": ["sh", "-c", script], **reads, **keys}


CASES: Mapping[str, tuple[Mapping[str, str | bytes | Path], Mapping[str, Any], str, str]] = {
    "tool missing": (
        {},
        {"command": ["no-such-tool"], "install": "get it from its shop"},
        "the tool no-such-tool is not found on PATH",
        "install it: get it from its shop",
    ),
    "tool named by a path that does not exist": (
        {},
        {"command": ["./no-such-tool"]},
        "./no-such-tool does not exist",
        "check the path",
    ),
    "tool that may not be executed": (
        {"tool.txt": "true\n"},
        {"command": ["./tool.txt"]},
        "./tool.txt is not executable",
        "check the path",
    ),
    "script whose interpreter is missing": (
        {"tool": "#!/no/such/interpreter\n"},
        {"command": ["./tool"]},
        "interpreter",
        "install the interpreter",
    ),
    "crash by signal": (
        {},
        shell("kill -SEGV $$"),
        "sh was ended by signal 11",
        "see its output",
    ),
    "exit code that no command may have": (
        {},
        shell("echo broken; exit 127"),
        "exited with 127, which `exit:` does not declare",
        "mend what it says",
    ),
    "undeclared exit code beside a good report": (
        {"report": JUNIT},
        shell("cp report $OUT/report; echo internal error; exit 3", "junit"),
        "exited with 3, which `exit:` does not declare (0); it said: internal error",
        "mend what it says; declare the code",
    ),
    "flood of output": ({}, {"command": ["yes"]}, "yes wrote without end", "make it quieter"),
    "folder to run in that is missing": (
        {},
        {"command": ["true"], "cwd": "nowhere"},
        "there is no such folder",
        "correct `cwd:`",
    ),
    "no report": ({}, shell("true", "junit"), "left no report", "see its output"),
    "empty report": (
        {},
        shell(": > $OUT/report", "junit"),
        "left an empty report",
        "see its output; expected is the format junit",
    ),
    "nothing printed": ({"report": ""}, prints("mypy"), "left an empty report", "see its output"),
    "truncated XML": (
        {"report": JUNIT[:40]},
        prints("junit"),
        "it.stdout.0: is no complete XML document",
        "the tool crashed while it wrote, or writes another format",
    ),
    "truncated JSON": (
        {"report": sarif()[:-3]},
        prints("sarif"),
        "it.stdout.0: is not one complete JSON document",
        "run the tool again and look at what it printed",
    ),
    "report from an earlier run": (
        {"report.xml": JUNIT},
        {"command": ["true"], "reads": [{"format": "junit", "file": "report.xml"}]},
        "report.xml is from an earlier run",
        "let the command write to ${out}",
    ),
    "report from an earlier run, by glob": (
        {"reports/a.xml": JUNIT},
        {"command": ["true"], "reads": [{"format": "junit", "file": "reports/*.xml"}]},
        "a.xml is from an earlier run",
        "let the command write to ${out}",
    ),
    "report of an earlier step that is missing": (
        {},
        {"reads": [{"format": "junit", "file": "report.xml"}], "max-age": "1h"},
        "left no report at report.xml",
        "expected is the format junit",
    ),
    "JSON where XML is expected": (
        {"report": sarif()},
        prints("junit"),
        "is no complete XML document",
        "writes another format",
    ),
    "XML where JSON is expected": (
        {"report": JUNIT},
        prints("sarif"),
        "expected an object, found '<'",
        "look at what it printed",
    ),
    "JSON of another tool": (
        {"report": '{"errors": [], "results": []}'},
        prints("sarif"),
        "SARIF",
        "remedy: ",
    ),
    "report through a symbolic link": (
        {},
        shell("echo hello > $OUT/../elsewhere; ln -s ../elsewhere $OUT/report", "junit"),
        "the report report is a symbolic link",
        "let the command write the report itself",
    ),
    "report through a dangling link": (
        {},
        shell("ln -s /nowhere/at/all $OUT/report", "junit"),
        "the report report is a symbolic link",
        "let the command write the report itself",
    ),
    "report in a folder that is a link": (
        {"report": JUNIT},
        {
            "command": ["sh", "-c", "mkdir $HOME/x; cp report $HOME/x; ln -s $HOME/x $OUT/d"],
            "reads": [{"format": "junit", "file": "${out}/d/report"}],
        },
        "lies outside the repository",
        "let the command write the report itself",
    ),
    "report that is a pipe": (
        {},
        shell("mkfifo $OUT/report", "junit"),
        "left an empty report",
        "expected is the format junit",
    ),
    "report that is a folder": (
        {},
        shell("mkdir $OUT/report", "junit"),
        "no regular file",
        "let the command write one",
    ),
    "no test in the report": (
        {"report": '<testsuite name="s"/>'},
        prints("junit"),
        "examined nothing",
        "see its output",
    ),
    "zero tests collected": (
        {"test_a.py": "def check(): pass\n"},
        {"uses": "pytest"},
        "pytest exited with 5",
        "mend what it says",
    ),
    "all tests skipped": (
        {"test_a.py": "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n"},
        {
            "command": ["pytest", "-q", "--junit-xml", OUT],
            "reads": [{"format": "junit", "file": OUT}],
        },
        "examined nothing",
        "what does it exclude?",
    ),
    "coverage of zero lines": (
        {"empty/__init__.py": "", "test_a.py": "import empty\ndef test_a(): pass\n"},
        {
            "command": ["pytest", "-q", "--cov=empty", f"--cov-report=json:{OUT}"],
            "env": {"COVERAGE_FILE": "${out}/.coverage"},
            "reads": [{"format": "coverage-json", "file": OUT}],
            "expect": {"coverage.line": ">= 80%"},
        },
        "coverage of zero statements: nothing was measured",
        "names what the tests import",
    ),
    "every dependency skipped by the auditor": (
        {
            "report": json.dumps(
                {"dependencies": [{"name": "ours", "skip_reason": "not on PyPI"}], "fixes": []}
            )
        },
        prints("pip-audit", measures=["dependencies.vulnerable"]),
        "audited 0 of 1 dependencies; not on PyPI",
        "leave them out by name",
    ),
    "no dependency at all": (
        {"report": '{"dependencies": [], "fixes": []}'},
        prints("pip-audit", measures=["dependencies.vulnerable"]),
        "examined nothing",
        "see its output",
    ),
    "bandit cannot parse a file": (
        {"good.py": "a = 1\n", "bad.py": "def broken(:\n"},
        {"uses": "bandit"},
        "bad.py",
        "remedy: ",
    ),
    "exit says findings, report holds none": (
        {"report": sarif()},
        shell("cp report $OUT/report; exit 1", "sarif", exit={"clean": [0], "findings": [1]}),
        "which it declares as findings, but its report holds none",
        "if the tool itself failed, mend that",
    ),
    "ruff whose configuration excludes everything": (
        {"a.py": "import os\n", "ruff.toml": 'exclude = ["*.py"]\n'},
        {"uses": "ruff"},
        "ruff reports success but examined nothing",
        "what does it exclude?",
    ),
    "ruff-format whose configuration excludes everything": (
        {"a.py": "import os\n", "ruff.toml": 'exclude = ["*.py"]\n'},
        {"uses": "ruff-format"},
        "ruff-format examined nothing",
        "correct what it is given",
    ),
    "tool that says it examined nothing": (
        {},
        {"command": ["echo", "Contracts: 0"], "idle": ["^Contracts: 0"]},
        "it says `Contracts: 0`",
        "correct what it is given",
    ),
    "tool that says so in the midst of much else": (
        {},
        {
            "command": ["sh", "-c", "seq 20000; echo Unable to open file x.py; seq 20000"],
            "idle": ["Unable to open file"],
        },
        "it says `Unable to open file`",
        "correct what it is given",
    ),
    "finding that no metric counts": (
        {"report": sarif(results=[FINDING])},
        prints("sarif", measures=["vulnerabilities.high"]),
        "found a problem of category lint, which none of its metrics counts",
        "add lint.errors to its `measures:`",
    ),
    "declared metric not delivered": (
        {"report": COBERTURA.format("0.5")},
        prints(
            "cobertura",
            measures=["coverage.line", "coverage.branch"],
            expect={"coverage.line": "> 40%"},
        ),
        "coverage.branch is declared and was not delivered",
        "make the tool report it, or take it out of `measures:`",
    ),
    "NaN in JSON": (
        {"report": '{"totals": {"covered_lines": NaN, "num_statements": 2}, "files": {}}'},
        prints("coverage-json", expect={"coverage.line": "> 40%"}),
        "NaN is no JSON number",
        "look at what it printed",
    ),
    "NaN in XML": (
        {"report": '<coverage line-rate="nan" lines-valid="2" lines-covered="nan"/>'},
        prints("cobertura", expect={"coverage.line": "> 40%"}),
        "it.stdout.0: ",
        "remedy: ",
    ),
    "globs that match nothing": (
        {},
        {"uses": "ruff", "files": ["sources/**/*.py"]},
        "`files: [sources/**/*.py]` matches no file",
        "correct the globs, or set `enabled: false` with a reason",
    ),
    "failed execution in SARIF": (
        {
            "report": sarif(
                invocations=[{"executionSuccessful": False, "exitCodeDescription": "no licence"}]
            )
        },
        prints("sarif"),
        "no licence",
        "remedy: ",
    ),
    "no reference for a relative condition": (
        {"report": COBERTURA.format("0.5")},
        prints("cobertura", expect={"coverage.line": ">= -0.5pp"}),
        "there is no reference for coverage.line",
        "write one in gates/baseline.yaml under `metrics:`",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_ends_with_3_and_says_why(judge: Judge, case: str) -> None:
    """What keeps a check from measuring is an error that names cause and remedy."""
    files, check, cause, remedy = CASES[case]
    outcome = judge(files, check)
    assert outcome.exit == 3, outcome.said
    assert cause in outcome.stdout
    assert remedy in outcome.stdout
    assert outcome.stdout.endswith("Deployment blocked\n")
    assert outcome.result["verdict"]["verdict"] == "error"


PATTERN: Mapping[str, tuple[str | bytes | Path, str]] = {
    "binary.bin": (b"a\0b", "NUL"),
    "utf-16.txt": ("forbidden".encode("utf-16"), "UTF-16"),
    "latin-1.txt": (b"caf\xe9", "UTF-8"),
    "link": (Path("good.txt"), "is a symbolic link"),
    "link-out": (Path("/etc/passwd"), "is a symbolic link"),
    "large.txt": (b"a" * (16 * 2**20 + 1), "is larger than 16 MiB"),
    "lfs.dat": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
}


def test_selected_and_not_examined(place: Any) -> None:
    """A file that a pattern selects and cannot examine is an error that names it."""
    check = {"type": "pattern", "files": ["**/*", "!gates/"], "with": {"forbid": "forbidden"}}
    other = place.base / "other"
    other.mkdir()
    place.git("init", "--quiet", folder=other)
    place.git("commit", "--quiet", "--allow-empty", "--message=x", folder=other)
    place.write({"good.txt": "good\n", **{name: content for name, (content, _) in PATTERN.items()}})
    Path(os.fsdecode(os.fsencode(place.folder) + b"/name-\xff")).write_text("x")
    checks = [{**check, "check": f"c{n}", "files": [name]} for n, name in enumerate(PATTERN)]
    place.gate(
        *checks,
        {**check, "check": "submodule", "files": ["[s]ub"]},
        {**check, "check": "name", "files": ["name-*"]},
        {**check, "check": "all"},
        {**check, "check": "allowed", "with": {"forbid": "zzz", "may-skip": ["*"]}},
    )
    place.git("init", "--quiet")
    place.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=all")
    outcome = place.run()
    assert outcome.exit == 3, outcome.said
    assert 'leave them out of `files:` with "!PATH", or allow `with: {may-' in outcome.stdout
    reasons = {c: outcome.observed(c)["failure"]["reason"] for c in ("submodule", "name", "all")}
    assert "sub is a submodule" in reasons["submodule"]
    assert "has a name that is no text" in reasons["name"]
    assert reasons["all"].startswith("9 selected files could not be examined")
    for n, (name, (_, why)) in enumerate(PATTERN.items()):
        reason = outcome.observed(f"c{n}")["failure"]["reason"]
        assert reason.startswith("1 selected files could not be examined")
        assert name in reason
        assert why in reason
    assert outcome.verdict("allowed") == "pass"


def test_tracked_files_are_selected_whatever_gitignore_says(judge: Judge) -> None:
    """A tracked file that .gitignore names is examined."""
    check = {"type": "pattern", "files": ["*.txt"], "with": {"forbid": "forbidden"}}
    outcome = judge({".gitignore": "*.txt\n", "a.txt": "forbidden\n"}, check)
    assert outcome.exit == 1
    assert "a.txt:1:1: " in outcome.stdout


@pytest.mark.parametrize("through", ["file", "link", "link out"])
def test_judged_repository_does_not_stand_in_for_a_tool(place: Any, through: str) -> None:
    """A tool on PATH that is a tracked file of the judged repository is not run."""
    script = "#!/bin/sh\ntouch ran\n"
    place.write({"bin/real": script})
    links = {"link": Path("real"), "link out": Path("/bin/true")}
    place.write({"bin/ruff": links.get(through, script)})
    place.write({"a.py": ""})
    place.gate("ruff")
    place.commit()
    path = f"{place.folder}/bin:{place.env['PATH']}"
    outcome = place.run(env={"PATH": path})
    assert outcome.exit == 3
    assert "a tracked file of the judged repository" in outcome.stdout
    assert "name it by path (./bin/r" in outcome.stdout
    assert not (place.folder / "ran").exists()


def test_relative_entries_of_path_are_not_searched(place: Any) -> None:
    """An untracked tool in the current folder is not found through `.` on PATH."""
    place.gate({"command": ["ours"]})
    place.commit()
    place.write({"ours": "#!/bin/sh\n"})
    outcome = place.run(env={"PATH": f".::{place.env['PATH']}"})
    assert outcome.exit == 3
    assert "the tool ours is not found on PATH" in outcome.stdout


def test_tracked_tool_named_by_path_runs(judge: Judge) -> None:
    """The same tool runs where the check names it by path."""
    outcome = judge({"bin/mine": "#!/bin/sh\necho hi\n"}, {"command": ["bin/mine"]})
    assert outcome.exit == 0, outcome.said


def bearing(word: str) -> list[str]:
    """The living processes whose environment holds a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_hanging_check_is_ended_with_all_that_it_started(judge: Judge) -> None:
    """A time-out is an error; grandchildren die with it, also one in a session of its own."""
    mark = uuid4().hex
    script = "sleep 600 & setsid sleep 600 & (trap '' TERM; setsid setsid sleep 600 &) ; wait"
    outcome = judge({}, shell(script, timeout="300ms", env={"MARK": mark}))
    assert outcome.exit == 3
    assert "sh did not end within 0.3 s and was ended with all it had started" in outcome.stdout
    assert "raise `timeout:`" in outcome.stdout
    deadline = time.monotonic() + 2
    while bearing(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert bearing(mark) == []


@pytest.mark.parametrize("name", ["deploy", "advisory"])
def test_gate_all_skipped_at_deploy(place: Any, name: str) -> None:
    """At stage deploy a gate of which nothing ran is an error; an advisory one only warns."""
    off = {"command": ["true"], "enabled": False, "reason": "the scanner is being replaced"}
    place.gate({"command": ["true"]}, name="quality")
    place.gate({**off, "check": "scan"}, name="security", advisory=name == "advisory")
    place.commit()
    outcome = place.run("--stage", "deploy")
    assert outcome.exit == (3 if name == "deploy" else 0), outcome.said
    assert "nothing of this gate was measured before a deployment" in outcome.stdout
    assert "disabled: the scanner is being replaced" in outcome.stdout


def test_nothing_due(place: Any) -> None:
    """A run at whose stage nothing is due says what opens when."""
    place.gate({"command": ["true"]}, stage="ci")
    place.gate({"command": ["true"], "check": "late"}, name="late", stage="deploy")
    place.commit()
    outcome = place.run("--stage", "push")
    assert outcome.exit == 3
    assert "nothing is due at stage push: gate opens at ci, late opens at deploy" in outcome.stdout
    assert "run with --stage ci" in outcome.stdout


def test_everything_disabled(judge: Judge) -> None:
    """A run of disabled checks only is no pass."""
    outcome = judge({}, {"command": ["true"], "enabled": False, "reason": "later"})
    assert outcome.exit == 3
    assert "every check is disabled; enable one" in outcome.stdout


def test_change_without_files_of_its_kind_passes_and_says_so(place: Any) -> None:
    """A narrowed run that holds no file for any check passes, and says that it measured nothing."""
    place.gate("ruff")
    place.write({"a.py": ""})
    place.commit()
    place.write({"README.md": "hello\n"})
    outcome = place.run("--changed-since", "HEAD")
    assert outcome.exit == 0, outcome.said
    assert "nothing was measured: the change holds no file" in outcome.stdout
    assert "Passed: " not in outcome.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("form", ["junit", "json", "terminal"])
def test_full_device_as_report(judge: Judge, form: str) -> None:
    """A report that cannot be written ends the run with 3, whatever the verdict."""
    outcome = judge({}, {"command": ["true"]}, arguments=["--report", f"{form}:/dev/full"])
    assert outcome.exit == 3
    assert "/dev/full could not be written: No space left on device" in outcome.stderr
    assert "; make room" in outcome.stderr
    assert outcome.result["verdict"]["verdict"] == "pass"


def test_full_standard_output(place: Any) -> None:
    """A verdict that nobody could read is no pass."""
    place.gate({"command": ["true"]})
    place.commit()
    outcome = place.run(before=["sh", "-c", 'exec "$@" > /dev/full', "sh"])
    assert outcome.exit == 3
    assert "No space left on device" in outcome.stderr


def mounted(script: str) -> Sequence[str]:
    """A command prefix that mounts in a name space of its own, then runs what follows."""
    return ["unshare", "--mount", "sh", "-c", f'{script} && exec "$@"', "sh"]


def may_mount() -> bool:
    """Whether a tiny file system can be mounted here."""
    words = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    if not shutil.which("unshare"):
        return False
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="mounting is not allowed here")
@pytest.mark.parametrize("full", ["state", "temporary"])
def test_file_system_fills_up(place: Any, full: str) -> None:
    """A full disk under the record, or under the checks' own files, is never a pass."""
    script = "head -c 300000 /dev/zero > $OUT/large"
    place.gate(shell(script, check="evidence"), {"command": ["true"], "check": "small"})
    place.commit()
    tiny = place.folder / ".gatekeeper" if full == "state" else place.base / "tiny"
    tiny.mkdir()
    mount = mounted(f"mount -t tmpfs -o size=128k none '{tiny}'")
    outcome = place.run(before=mount, env={"TMPDIR": str(tiny if full == "temporary" else "/tmp")})
    assert outcome.exit in (1, 3), outcome.said
    assert "No space left on device" in outcome.said
    assert outcome.said.count("room") or "exited with" in outcome.stdout
    if full == "state":
        assert outcome.exit == 3


BY = {"command": ["sh", "-c", "sleep 0.1; echo changed >> tracked.txt"], "check": "guilty"}


def test_check_that_changes_tracked_files(judge: Judge) -> None:
    """A check during which a tracked file changed measured something else."""
    outcome = judge({"tracked.txt": "a\n"}, BY)
    assert outcome.exit == 3
    assert "tracked files changed while it ran: tracked.txt" in outcome.stdout
    assert "let the command only report (no --fix)" in outcome.stdout


def test_ruff_that_fixes(judge: Judge) -> None:
    """`ruff --fix` leaves nothing to find, and is no pass."""
    check = {"uses": "ruff", "with": {"args": ["--fix"]}}
    outcome = judge({"a.py": "import os\n"}, check)
    assert outcome.exit == 3, outcome.said
    assert "tracked files changed while it ran: a.py" in outcome.stdout


def test_file_that_was_already_changed(place: Any) -> None:
    """What differs from the commit before the run is compared by content."""
    place.write({"tracked.txt": "a\n", "other.txt": "a\n"})
    place.gate(BY)
    place.commit()
    place.write({"tracked.txt": "b\n", "other.txt": "b\n"})
    outcome = place.run()
    assert outcome.exit == 3
    assert "tracked files changed while it ran: tracked.txt;" in f"{outcome.stdout};".replace(
        "\n", ";"
    )


def test_each_that_ran_is_blamed(judge: Judge) -> None:
    """Where several checks ran while a file changed, each of them is an error; no other is."""
    outcome = judge(
        {"tracked.txt": "a\n"},
        BY,
        {"command": ["sleep", "0.4"], "check": "beside"},
        {"command": ["sleep", "0.1"], "check": "later", "exclusive": True},
        arguments=["--jobs", "2"],
    )
    assert outcome.exit == 3
    verdicts = {c: outcome.verdict(c) for c in ("guilty", "beside", "later")}
    assert verdicts == {"guilty": "error", "beside": "error", "later": "pass"}


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("rm tracked.txt", "tracked.txt"),
        ("ln -sf other tracked.txt", "tracked.txt"),
        ("git commit -qm x --allow-empty", ".git/HEAD"),
        ("echo b > tracked.txt; git commit -qam x", ".git/HEAD"),
        ("echo b > tracked.txt; touch -d '2001-01-01' tracked.txt", "tracked.txt"),
        ("echo b > tracked.txt; git update-index --assume-unchanged tracked.txt", "tracked.txt"),
        ("git update-index --skip-worktree tracked.txt; echo b > tracked.txt", "tracked.txt"),
        ("git rm -q --cached tracked.txt; echo b > tracked.txt", "tracked.txt"),
        (": > new.txt; git add new.txt; echo b > tracked.txt", "new.txt, tracked.txt"),
        ("echo b > 'with space.txt'", "with space.txt"),
        ("chmod +x tracked.txt", "tracked.txt"),
    ],
)
def test_ways_to_change_tracked_files(judge: Judge, script: str, named: str) -> None:
    """Removing, replacing, committing and hiding a change are seen."""
    outcome = judge({"tracked.txt": "a\n", "with space.txt": "a\n"}, shell(script))
    assert outcome.exit == 3, outcome.said
    assert f"tracked files changed while it ran: {named}" in outcome.stdout


def test_later_advisory_check_hides_no_change(judge: Judge) -> None:
    """A check that changed a file is no pass because an advisory one changed it again."""
    outcome = judge(
        {"tracked.txt": "a\n"},
        {**BY, "exclusive": True},
        {**BY, "check": "again", "advisory": True, "exclusive": True},
    )
    assert outcome.exit == 3, outcome.said
    assert outcome.verdict("guilty") == "error"


@pytest.mark.parametrize("script", ["rm -rf .git", "echo x > .git/index"])
def test_check_that_breaks_the_repository(judge: Judge, script: str) -> None:
    """Where git cannot tell any more what changed, nothing that ran counts; the record is kept."""
    outcome = judge({}, shell(script))
    assert outcome.exit == 3, outcome.said
    assert "what it changed cannot be told: git status failed" in outcome.stdout
    assert "repair the repository" in outcome.stdout


def test_untracked_and_ignored_files_may_change(judge: Judge) -> None:
    """Caches and other files that git does not track are no one's business."""
    outcome = judge({".gitignore": "cache/\n"}, shell("mkdir cache; echo 1 > cache/a; echo 1 > b"))
    assert outcome.exit == 0, outcome.said


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (["quality"], "Passed at push; 1 of 1 named gates judged; no deployment verdict"),
        (["quality", "--stage", "deploy"], "Passed at deploy; 1 of 1 named gates judged; no depl"),
        (["--stage", "push"], "Passed at push; 1 of 2 gates judged; open: security; no deployment"),
        (["--stage", "ci"], "Passed at ci; 2 of 2 gates judged; no deployment verdict"),
        (["--stage", "deploy", "--changed-since", "HEAD"], "no deployment verdict"),
    ],
)
def test_only_a_run_of_everything_approves(place: Any, arguments: Sequence[str], last: str) -> None:
    """Named gates, an earlier stage and a narrowed run never say `Deployment approved`."""
    place.gate({"command": ["true"]}, name="quality")
    place.gate({"command": ["true"], "check": "scan"}, name="security", stage="ci")
    place.commit()
    outcome = place.run(*arguments)
    assert outcome.exit == 0, outcome.said
    assert last in outcome.stdout.splitlines()[-1]
    assert "approved" not in outcome.said
    assert not outcome.result["verdict"].get("approved")


@pytest.mark.parametrize("dirty", [False, True])
def test_approval_names_what_is_approved(place: Any, dirty: bool) -> None:
    """At stage deploy, with every gate passed, service, version and commit are approved."""
    place.write({"gatekeeper.toml": '[services]\napi = "services/api"\n', "services/api/a.txt": ""})
    place.gate({"command": ["true"]})
    place.commit()
    if dirty:
        place.write({"services/api/a.txt": "changed\n"})
    commit = place.git("rev-parse", "HEAD")
    outcome = place.run("--stage", "deploy", "--service", "api", "--version", "1.2.3")
    assert outcome.exit == 0, outcome.said
    last = outcome.stdout.splitlines()[-1]
    approved = f"Deployment approved: service api, version 1.2.3, commit {commit}"
    assert last == approved + (" (warning: tracked files differ from it)" if dirty else "")
    assert outcome.result["subject"].get("dirty", False) is dirty
