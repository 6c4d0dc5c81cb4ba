"""What a check type is given: real files and real processes, without the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.adapters.process import Finished, Supervisor
from gatekeeper.checkout import find
from gatekeeper.config.policy import CheckPolicy, Policy, Reads
from gatekeeper.errors import NotMeasured
from gatekeeper.run import context
from gatekeeper.run.context import Context

Make = Callable[..., Context]
MYPY = "Success: no issues found in {} source files\n"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor of real processes."""
    with Supervisor(grace=0.2) as started:
        yield started


@pytest.fixture
def make(tmp_path: Path, supervisor: Supervisor) -> Make:
    """Make the context of a check over files."""

    def made(
        content: Mapping[str, str] | None = None, /, *, narrowed_to: Any = None, **keys: Any
    ) -> Context:
        folder = tmp_path / "folder"
        folder.mkdir()
        for name, text in (content or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        out = tmp_path / "out" / "it"
        out.mkdir(parents=True)
        return Context(
            check=CheckPolicy(id="it", title="", gate="g", type="command", digest="", **keys),
            policy=Policy("", (), {}),
            now=datetime.now(UTC),
            checkout=find(folder),
            out=out,
            supervisor=supervisor,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "WHERE": "${out}/x"},
            narrowed_to=narrowed_to,
        )

    return made


@pytest.mark.parametrize(
    ("whole", "narrowed_to", "expected"),
    [
        ((), None, ("-a.py", "b.py")),
        ((".",), None, (".",)),
        ((".",), ["b.py", "c.md"], ("b.py",)),
        ((), [], ()),
    ],
)
def test_arguments(make: Make, whole: Any, narrowed_to: Any, expected: Any) -> None:
    """`${files}` is `whole:` where nothing narrows the run, else the selected files."""
    ctx = make({"-a.py": "", "b.py": ""}, files=("**/*.py",), whole=whole, narrowed_to=narrowed_to)
    assert ctx.arguments() == expected


def test_words_of_a_command(make: Make) -> None:
    """Files become arguments of their own, none an option; `${out}` is filled in everywhere."""
    command = ("sh", "-c", 'echo "$0 $* $OUT $WHERE"', "${out}/r", "--", "${files}")
    ctx = make({"-a b.py": "", "$(x).py": ""}, files=("**/*.py",), command=command)
    ctx.run()
    out = ctx.out
    said = f"{out}/r -- $(x).py ./-a b.py {out} {out}/x\n"
    assert ctx.finished[0].output == said


def test_undeclared_exit_code(make: Make) -> None:
    """Its remedy names how the tool is installed: part of it may be missing."""
    given = make(command=("false",), install="pip install pytest pytest-cov")
    with pytest.raises(NotMeasured, match="which `exit:` does not declare") as caught:
        given.run()
    assert caught.value.remedy.endswith("is missing: pip install pytest pytest-cov")


def test_batches(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command runs as often as its files need, each time with a folder of its own."""
    monkeypatch.setattr(context, "_ARGUMENTS", 30)
    names = {f"{n}{'x' * 8}.py": "" for n in range(5)}
    script = 'echo "Success: no issues found in $# source files" > $OUT/r; ! echo "$*" | grep -q 4x'
    ctx = make(
        names,
        files=("*.py",),
        batch=True,
        command=("sh", "-c", script, "sh", "${files}"),
        reads=(Reads("mypy", "${out}/r"),),
        found=(1,),
    )
    done = ctx.run()
    assert len(ctx.finished) > 1
    assert (done.exit, done.outcome) == (1, "findings")
    assert ctx.read().work == {"files": 5}


def test_batches_that_overwrite_one_report(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the last batch left is not the whole measurement."""
    monkeypatch.setattr(context, "_ARGUMENTS", 30)
    ctx = make(
        {f"{n}{'x' * 8}.py": "" for n in range(5)},
        files=("*.py",),
        batch=True,
        command=("sh", "-c", "echo 'Success: no issues found in 1 source file' > r", "${files}"),
        reads=(Reads("mypy", "r"),),
    )
    ctx.run()
    with pytest.raises(NotMeasured, match=r"3 batches wrote r one over the other"):
        ctx.read()


def test_too_long_for_one_command_line(make: Make) -> None:
    """Without `batch:` it is an error that says so."""
    narrowed = [f"{n}{'x' * 200}.py" for n in range(30_000)]
    ctx = make(files=("*.py",), command=("true", "${files}"), narrowed_to=narrowed)
    with pytest.raises(NotMeasured, match="too long for one command line") as raised:
        ctx.run()
    assert "batch: true" in raised.value.remedy


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "sub/a.py"),
        ("./x/../a.py", "sub/a.py"),
        ("..\\a.py", "a.py"),
        ("../../outside.py", None),
        ("/etc/passwd", None),
        ("{root}/a%20b.py", "a%20b.py"),
        ("file://{root}/a%20b.py", "a b.py"),
        ("file:///etc/passwd", None),
        ("a\0b", None),
    ],
)
def test_relative(make: Make, path: str, expected: str | None) -> None:
    """Paths of a report are seen from the check's folder; what leads out is none."""
    ctx = make({"sub/a.py": ""}, cwd="sub")
    assert ctx.relative(path.format(root=ctx.checkout.root)) == expected


def test_absent_means_clean_only_where_it_says_so(make: Make) -> None:
    """An absent report is clean under exit `clean`, never under `findings`."""
    reads = (Reads("junit", "${out}/r", absent="clean"),)
    ctx = make(command=("sh", "-c", "exit $(cat code)"), reads=reads, found=(1,))
    (ctx.folder / "code").write_text("0")
    ctx.run()
    assert ctx.read().findings == ()
    (ctx.folder / "code").write_text("1")
    ctx.run()
    with pytest.raises(NotMeasured, match=r"left no report at \$\{out\}/r"):
        ctx.read()


@pytest.mark.parametrize(("age", "allowed"), [(0, True), (50, True), (70, False), (-600, False)])
def test_report_of_an_earlier_step(make: Make, age: float, allowed: bool) -> None:
    """It counts while it is young, and not from the future."""
    ctx = make({"r": MYPY.format(2)}, reads=(Reads("mypy", "r"),), max_age=60.0)
    then = ctx.now.timestamp() - age
    os.utime(ctx.folder / "r", (then, then))
    if allowed:
        assert ctx.read().work == {"files": 2}
    else:
        with pytest.raises(NotMeasured, match="`max-age:` allows 60 s"):
            ctx.read()


def test_digest(make: Make) -> None:
    """The order of the paths does not matter; what cannot be opened is noted."""
    ctx = make({"a": "1", "b": "2"})
    assert ctx.digest(["b", "a"]) == ctx.digest(["a", "b"])
    assert ctx.skipped == {}
    assert ctx.digest(["a", "gone"]) == ctx.digest(["a"])
    assert ctx.skipped == {"gone": "cannot be opened: No such file or directory"}


def test_processes_that_cannot_be_ended(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What survives is named; nothing that was stopped counts."""
    ctx = make(command=("true",))
    cases: Sequence[tuple[Mapping[str, Any], str]] = (
        ({"survivors": ("pid 7 (sleep)",)}, "could not be ended: pid 7"),
        ({"stopped": True}, "was stopped"),
        ({"flooded": True}, "wrote without end"),
        ({"signal": 9}, "ended by signal 9"),
    )
    for change, words in cases:
        broken = Finished(("/bin/true",), 0, **change)
        monkeypatch.setattr(ctx, "start", lambda *_, done=broken: done)
        with pytest.raises(NotMeasured, match=words):
            ctx.run()
