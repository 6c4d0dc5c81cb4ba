"""One check -> one observation, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import plugins, tools
from gatekeeper.adapters.process import Supervisor
from gatekeeper.checkout import find
from gatekeeper.config.policy import CheckPolicy, Policy, Reads
from gatekeeper.interfaces import CheckType
from gatekeeper.model import Item, Measurement, Observation
from gatekeeper.result import PlannedCheck
from gatekeeper.run.observe import Bench, observe

Observe = Callable[..., Observation]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor of real processes."""
    with Supervisor(grace=0.2) as started:
        yield started


@pytest.fixture
def run(tmp_path: Path, supervisor: Supervisor) -> Observe:
    """Observe a check in a folder with two files."""

    def observed(*, prefix: str = "", **keys: Any) -> Observation:
        folder, out = tmp_path / "folder", tmp_path / "out"
        for place in (folder, out):
            place.mkdir(exist_ok=True)
        (folder / "a.py").write_text("import os\n")
        keys = {"id": "it", "title": "", "gate": "g", "type": "command", "digest": "d", **keys}
        check = CheckPolicy(**keys)
        bench = Bench(
            policy=Policy("", (), {check.id: check}),
            checkout=replace(find(folder), prefix=prefix),
            supervisor=supervisor,
            memory=tools.Memory(tmp_path / "tools.json", {}),
            caller={"PATH": "/usr/bin:/bin"},
            now=datetime.now(UTC),
            begin=time.monotonic(),
            out=out,
            kept=folder / ".gatekeeper/runs/now",
        )
        return observe(PlannedCheck("it", "g", "d", "run"), bench)

    return observed


def shell(script: str) -> tuple[str, ...]:
    """A command that runs a script."""
    return ("sh", "-c", script)


def test_measured(run: Observe) -> None:
    """Digest, process, tool and evidence are told; the evidence lies where it says."""
    script = "echo said; echo 'Success: no issues found in 3 source files' > $OUT/r"
    seen = run(command=shell(script), reads=(Reads("mypy", "${out}/r"),), version=("sh", "-c", ":"))
    assert seen.failure is None
    assert seen.measurement is not None
    assert seen.measurement.work == {"files": 3}
    assert [e.path for e in seen.measurement.evidence] == ["runs/now/it/r"]
    assert (seen.digest, seen.exit, seen.output, seen.argv[1]) == ("d", 0, "said\n", "-c")
    assert Path(seen.tool).name == "sh"
    assert seen.tool_digest.startswith("sha256:")
    assert seen.wall > 0


def test_failure_names_places_that_outlive_the_run(run: Observe, tmp_path: Path) -> None:
    """The broken report is kept, and the message says where."""
    seen = run(command=shell("echo '<' > $OUT/r"), reads=(Reads("junit", "${out}/r"),))
    assert seen.measurement is None
    assert seen.failure is not None
    assert seen.failure.reason.startswith(".gatekeeper/runs/now/it/r: ")
    assert (tmp_path / "folder/.gatekeeper/runs/now/it/r").read_text() == "<\n"


def test_output_folder_that_became_a_link(run: Observe, tmp_path: Path) -> None:
    """What lies behind a link is no evidence, and is left alone."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    seen = run(command=shell(f"rmdir $OUT; ln -s '{precious}' $OUT"))
    assert seen.measurement is not None
    assert seen.measurement.evidence == ()
    assert (precious / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("printed", "examined"),
    [
        ("a.py", True),
        ("{folder}/a.py", True),
        ("./a.py\\nother.txt", True),
        ("ruff.toml", False),
        ("warning: no files", False),
        ("/etc/passwd.py", False),
        ("", False),
    ],
)
def test_lists(run: Observe, tmp_path: Path, printed: str, examined: bool) -> None:
    """Only listed files of the kind that the check examines are work."""
    names = printed.format(folder=tmp_path / "folder")
    seen = run(
        command=("echo", "[]"),
        files=("**/*.py",),
        reads=(Reads("ruff", stdout=True),),
        lists=shell(f"printf '{names}\\n'; echo warning.py >&2"),
    )
    assert (seen.measurement is not None) is examined, seen.failure
    if seen.measurement:
        assert seen.measurement.work == {"files": 1}
    elif seen.failure:
        assert "reports success but examined nothing" in seen.failure.reason


def test_lists_that_fails(run: Observe) -> None:
    """What cannot tell the files proves nothing."""
    reads = (Reads("ruff", stdout=True),)
    seen = run(command=("echo", "[]"), reads=reads, lists=shell("echo bad option; exit 2"))
    assert seen.failure is not None
    assert "`lists:` could not tell which files were examined" in seen.failure.reason
    assert seen.failure.remedy == "bad option"


def test_defect_of_a_check_type(
    run: Observe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect of a plug-in is the error of its check, with a log."""

    def measure(params: object, ctx: object) -> Measurement:
        raise ZeroDivisionError("oops")

    kind = CheckType(api=1, measure=measure, params=type(run(command=("true",))), needs=())
    plugin = plugins.Plugin("check-type", "broken", "x", "1", kind)
    monkeypatch.setattr(plugins, "load", lambda *_: plugin)
    monkeypatch.setattr("gatekeeper.codec.decode", lambda *_: None)
    seen = run(id="it", command=("true",))
    assert seen.failure is not None
    assert "the check type command failed: ZeroDivisionError: oops" in seen.failure.reason
    log = tmp_path / "folder/.gatekeeper/runs/now/it.log"
    assert "ZeroDivisionError" in log.read_text()
    assert "it.log" in seen.failure.remedy


def test_items_are_shown_without_secrets_and_not_without_end(
    run: Observe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their text is that of the judged repository; places are relative to the repository."""
    secret = f"ghp_{'x' * 36}"
    first = Item(f"PM {secret}", f"{secret} {'long ' * 1000}", "unguarded", "a.md", 1)
    items = (first, *(Item("PM-2", "", "guarded"),) * 10_000)
    kind = CheckType(1, lambda *_: Measurement(items=items, work={"items": 1}), object)
    plugin = plugins.Plugin("check-type", "command", "gatekeeper", "1", kind)
    monkeypatch.setattr(plugins, "load", lambda *_: plugin)
    monkeypatch.setattr("gatekeeper.codec.decode", lambda *_: None)
    seen = run(prefix="services/api/").measurement
    assert seen is not None
    first, second = seen.items[:2]
    assert (first.id, first.path, first.line) == ("PM [redacted]", "services/api/a.md", 1)
    assert first.title.startswith("[redacted] long")
    assert len(first.title) == 2000
    assert second.path is None
    assert len(seen.items) == 10_000
    assert seen.notes == ("1 more of 10001 items are not listed",)


def test_type_that_does_not_load(run: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in that cannot be imported is the error of the checks that use it."""
    plugin = plugins.Plugin("check-type", "x", "x", "1", None, "x cannot be imported: no y")
    monkeypatch.setattr(plugins, "load", lambda *_: plugin)
    seen = run(command=("true",))
    assert seen.failure is not None
    assert "does not load: x cannot be imported: no y" in seen.failure.reason


def test_no_room_for_its_folder(run: Observe, tmp_path: Path) -> None:
    """A check whose folder cannot be made fails alone."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/it").write_text("in the way")
    seen = run(command=("true",))
    assert seen.failure is not None
    assert "could not be made: File exists" in seen.failure.reason
