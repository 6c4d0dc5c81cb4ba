"""gatekeeper prove: which guards are chosen, what is printed and written, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gatekeeper.cli.schema import schema

CHECK = """\
check: {name}
gate: q
type: pattern
files: ["*.py"]
with: {{forbid: "{forbid}"}}
{proof}"""
RECORD = "checks/proofs/no-breakpoint.json"


@pytest.fixture
def guarded(empty: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A repository with a defect, its fix, and a guard that forbids the defect."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    empty.write({"gates/q.yaml": "gate: q\nchecks: []\n", "app.py": "breakpoint()\n"})
    commit(empty)
    empty.write({"app.py": "pass\n"})
    empty.fix = commit(empty)
    add(empty, "no-breakpoint", f"proof: {{fixed-by: {empty.fix}}}\n")
    return empty


def commit(repository: Any) -> str:
    """Commit all that is there; the name of the commit."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for words in (["add", "--all"], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=repository.folder, check=True)
    asked = ["git", "rev-parse", "HEAD"]
    return subprocess.check_output(asked, cwd=repository.folder, text=True).strip()


def add(repository: Any, name: str, proof: str = "", forbid: str = "breakpoint") -> None:
    """Commit one more check."""
    text = CHECK.format(name=name, proof=proof, forbid=forbid)
    repository.write({f"checks/{name}.yaml": text})
    commit(repository)


def test_proven(guarded: Any) -> None:
    """The answer, what is red and on what; a record is written, and then there is no more to do."""
    ended = guarded.run("prove")
    assert ended.exit == 0
    assert ended.stdout.startswith("no-breakpoint: proven\n    red: ")
    assert f"without {guarded.fix[:12]}\n    {RECORD}\n" in ended.stdout
    assert "no-breakpoint: at HEAD, with the fix taken out ..." in ended.stderr
    ended = guarded.run("prove")
    assert (ended.exit, ended.stdout[:16]) == (0, "Nothing to prove")


def test_again(guarded: Any) -> None:
    """What was proven is proven again where it is asked for; an equal record stays as it is."""
    guarded.run("prove")
    place = guarded.folder / RECORD
    before = place.read_bytes(), place.stat().st_mtime_ns
    for words in (["--all"], ["no-breakpoint"], ["--verify"]):
        assert guarded.run("prove", *words).exit == 0
        assert (place.read_bytes(), place.stat().st_mtime_ns) == before


def test_stale(guarded: Any) -> None:
    """A guard that changed is proven anew."""
    guarded.run("prove")
    add(guarded, "no-breakpoint", f"proof: {{fixed-by: {guarded.fix}}}\n", forbid="breakpoin")
    before = (guarded.folder / RECORD).read_bytes()
    assert guarded.run("prove", "--verify").exit == 1
    assert (guarded.folder / RECORD).read_bytes() == before
    assert guarded.run("prove").exit == 0
    assert (guarded.folder / RECORD).read_bytes() != before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tests", ["another"]),
        ("check-digest", "sha256:0"),
        ("fix-digest", "sha256:0"),
        ("files", {"app.py": "sha256:0"}),
        ("fixed-by", []),
        ("green", "0" * 40),
        ("red", "anything"),
        ("method", "samples"),
    ],
)
def test_edited(guarded: Any, key: str, value: Any) -> None:
    """A record edited by hand is told by what it claims, and left alone."""
    guarded.run("prove")
    place = guarded.folder / RECORD
    edited = json.dumps({**json.loads(place.read_bytes()), key: value})
    place.write_text(edited)
    ended = guarded.run("prove", "--verify")
    assert ended.exit == 1
    assert f"{RECORD} does not say what was proven now: " in ended.stdout
    assert key in ended.stdout
    assert place.read_text() == edited


@pytest.mark.parametrize(("text", "exit_"), [(None, 1), ("{}", 3), ("no JSON", 3)])
def test_verify_without_a_sound_record(guarded: Any, text: str | None, exit_: int) -> None:
    """What is not there verifies nothing, and what does not read neither."""
    if text is not None:
        guarded.write({RECORD: text})
    assert guarded.run("prove", "--verify").exit == exit_


def test_not_proven(guarded: Any) -> None:
    """A guard that does not see the bug; the others are proven all the same."""
    add(guarded, "blind", f"proof: {{fixed-by: {guarded.fix}}}\n", forbid="tabs")
    ended = guarded.run("prove")
    assert ended.exit == 1
    assert "blind: not proven: still green" in ended.stdout
    assert "no-breakpoint: proven" in ended.stdout
    assert [path.name for path in (guarded.folder / "checks/proofs").iterdir()] == [
        "no-breakpoint.json"
    ]


def test_not_measured(guarded: Any) -> None:
    """What could not be measured outranks what is not proven."""
    add(guarded, "blind", f"proof: {{fixed-by: {guarded.fix}}}\n", forbid="tabs")
    add(guarded, "lost", "proof: {fixed-by: 0123456789}\n")
    ended = guarded.run("prove")
    assert ended.exit == 3
    assert "lost: not measured: `fixed-by: 0123456789` is no commit" in ended.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-breakpont"], "unknown check `no-breakpont`; did you mean `no-breakpoint`?"),
        (["plain"], "the check plain does not say how it is proven"),
        (["--every"], "no such option"),
    ],
)
def test_usage(guarded: Any, words: list[str], said: str) -> None:
    """What cannot be asked is said before anything runs."""
    add(guarded, "plain")
    ended = guarded.run("prove", *words)
    assert ended.exit == 2
    assert said in ended.said


def test_nothing_to_ask(empty: Any) -> None:
    """Without a guard, and without a commit, there is nothing to prove."""
    empty.write({"gates/q.yaml": "gate: q\nchecks: [{check: a, command: [ls]}]\n"})
    assert "a proof needs a git repository with a commit" in empty.run("prove").said
    commit(empty)
    ended = empty.run("prove")
    assert (ended.exit, ended.stdout) == (2, "")
    assert "no check has a `proof:`" in ended.stderr


def test_json(guarded: Any) -> None:
    """What is printed and what is written follow their schemas."""
    add(guarded, "lost", "proof: {fixed-by: 0123456789}\n")
    ended = guarded.run("prove", "--json")
    printed = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema("proving")).validate(printed)
    assert {one["check"]: one["answer"] for one in printed["answers"]} == {
        "no-breakpoint": "proven",
        "lost": "not measured",
    }
    record = json.loads((guarded.folder / RECORD).read_bytes())
    jsonschema.Draft202012Validator(schema("proof")).validate(record)


def test_record_behind_a_link(guarded: Any, tmp_path: Path) -> None:
    """No record is written through a link that leads out; such a folder is no registry at all."""
    (tmp_path / "out").mkdir()
    (guarded.folder / "checks/proofs").symlink_to(tmp_path / "out")
    assert guarded.run("prove").exit in (2, 3)
    assert [*(tmp_path / "out").iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_ended(guarded: Any, tmp_path: Path, number: int) -> None:
    """Ended in the middle, it has not touched the working copy; the next proof tidies up."""
    check = (
        "check: hangs\ngate: q\ncommand: [sh, -c, 'echo > {0}; sleep 15']\n"
        "proof: {{fixed-by: {1}}}\n"
    )
    mark = tmp_path / "started"
    guarded.write({"checks/hangs.yaml": check.format(mark, guarded.fix)})
    commit(guarded)
    words = [sys.executable, "-P", "-m", "gatekeeper", "prove", "hangs"]
    before = _state(guarded.folder)
    with subprocess.Popen(words, cwd=guarded.folder, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, number)
        assert process.wait(30) == (143 if number == signal.SIGTERM else -number)
    assert _state(guarded.folder) == before
    assert guarded.run("prove", "no-breakpoint").exit == 0
    assert not (guarded.folder / ".git/worktrees").exists()
    left = [path.name for path in (tmp_path / "tmp").iterdir()]
    assert [name for name in left if name.startswith("gatekeeper-prove-")] == []


def _state(folder: Path) -> dict[str, bytes]:
    """The files of a repository, but for what git keeps of other work trees."""
    files = {path for path in folder.rglob("*") if path.is_file()}
    named = {str(path.relative_to(folder)): path for path in files}
    apart = (".git/worktrees/", ".git/objects/")
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith(apart)}
