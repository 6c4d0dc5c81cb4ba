"""The command line as a whole: exit codes, and outputs that cannot be written."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import __version__, cli

SHOWS = [["--version"], ["--help"], ["list", "metrics"], ["schema", "gate"], ["explain", "3"]]


@pytest.mark.parametrize("words", SHOWS, ids=" ".join)
def test_commands_that_only_show_exit_with_0(folder: Any, words: list[str]) -> None:
    """They need neither a repository nor a configuration."""
    ended = folder.run(*words)
    assert (ended.exit, ended.stderr) == (0, "")
    assert ended.stdout


def test_version(folder: Any) -> None:
    """The real command line names its version."""
    assert folder.start("--version").stdout == f"gatekeeper {__version__}\n"


def test_help_names_every_command(folder: Any) -> None:
    """Each command has its line, in the order in which a newcomer meets them."""
    shown = folder.run("--help").stdout
    places = [re.search(rf"^ +{name} ", shown, re.MULTILINE) for name in cli._COMMANDS]
    starts = [place.start() for place in places if place]
    assert len(starts) == len(places)
    assert starts == sorted(starts)


@pytest.mark.parametrize("name", cli._COMMANDS)
def test_each_command_has_help_of_its_own(folder: Any, name: str) -> None:
    """`--help` of a command exits with 0, and says what the group's one line says."""
    assert folder.run(name, "--help").exit == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validte"], "unknown command `validte`; did you mean `validate`?"),
        (["zzz"], "unknown command `zzz`; known are run, validate"),
        (["run", "--stage", "prod"], "invalid value for '--stage': 'prod' is not one of"),
        (["list"], "missing argument 'KIND'. Choose from: gates, checks, "),
        (["report"], "missing argument 'RESULT'\n    see `gatekeeper report --help`\n"),
        (["check", "new"], "missing argument 'ID'\n    see `gatekeeper check new --help`\n"),
        (["run", "--report", "html:gates"], "gates is a folder; name a file in it"),
        (["run", "--jobs", "0"], "0 is not in the range"),
        (["run", "--report", "junt"], "unknown report `junt`; did you mean `junit`?"),
        (["run", "qualty"], "unknown gate `qualty`; did you mean `quality`?"),
        (["run", "--service", "api"], "unknown service `api`"),
        (["run", "--baseline", "nowhere.json"], "'nowhere.json' does not exist"),
        (["run", "--changed-since", "HEAD"], "needs a git repository with a commit"),
        (["list", "foo"], "'foo' is not one of"),
        (["schema", "gat"], "unknown kind `gat`; did you mean `gate`?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_with_2(repository: Any, words: list[str], said: str) -> None:
    """Nothing runs, and the message names what is wrong and what is nearly right."""
    ended = repository.run(*words)
    assert ended.exit == 2
    assert ended.stdout == ""
    assert said in ended.stderr
    assert not (repository.folder / ".gatekeeper").exists()


def test_without_a_command_the_help_is_shown(folder: Any) -> None:
    """All of it, though nothing was done."""
    ended = folder.run()
    assert ended.exit == 2
    assert ended.stderr == folder.run("--help").stdout


def test_what_the_caller_types_cannot_reach_the_terminal(folder: Any) -> None:
    """Control characters of an unknown name are shown escaped."""
    assert "`\\x1b[31m`" in folder.run("explain", "\x1b[31m").stderr


def test_a_defect_exits_with_4_and_leaves_a_log(
    folder: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The traceback stands in a log that the message names, and nowhere else."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("gatekeeper.metrics.TABLE", None)
    ended = folder.run("list", "metrics")
    assert ended.exit == 4
    assert "Traceback" not in ended.said
    log = re.search(r"report it with the log (\S+)", ended.stderr)
    assert log is not None
    assert "AttributeError" in Path(log[1]).read_text("utf-8")


def test_a_defect_without_room_for_a_log_says_where_it_is(
    folder: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no log can be written, the message names the place in the code."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr("gatekeeper.metrics.TABLE", None)
    ended = folder.run("list", "metrics")
    assert ended.exit == 4
    assert "no log could be written (No such file or directory): it is in _metrics:" in ended.stderr


def test_an_interruption_exits_with_130(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command without a traceback."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gatekeeper.cli.list.rows", interrupted)
    assert folder.run("list", "metrics").exit == 130


@pytest.mark.parametrize(
    ("via", "code", "said"),
    [
        ('"$@" >&-', 2, "the standard output is closed"),
        ('"$@" >/dev/full', 3, "No space left on device"),
        ('"$@" | exec 0<&-; exit "${PIPESTATUS[0]}"', 3, ""),
        ('"$@" 2>&-', 0, ""),
        ('"$@" 2>/dev/full', 0, ""),
    ],
    ids=["closed", "full", "reader gone", "no stderr", "full stderr"],
)
@pytest.mark.parametrize("words", [["list", "metrics"], ["run"]], ids=" ".join)
def test_outputs_that_cannot_be_written(
    repository: Any, words: list[str], via: str, code: int, said: str
) -> None:
    """What could not be written to the standard output is no pass; there is no traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    ended = repository.start(*words, via=via)
    assert ended.exit == code
    assert said in ended.stderr
    assert "Traceback" not in ended.said


def test_wrong_usage_stays_wrong_usage_where_nobody_can_be_told(folder: Any) -> None:
    """A full standard error does not change the exit code."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    assert folder.start("bogus", via='"$@" 2>/dev/full').exit == 2
    assert folder.start("explain", "bogus", via='"$@" 2>/dev/full').exit == 2


def test_text_that_the_output_cannot_encode_is_escaped(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal of another encoding shows escapes instead of a defect."""
    repository.write(
        {"gates/quality.yaml": "gate: q\ntitle: αβγ\nchecks: [{check: a, command: [x]}]\n"}
    )
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    ended = repository.start("explain", "q")
    assert (ended.exit, ended.stderr) == (0, "")
    assert "\\u03b1\\u03b2" in ended.stdout
