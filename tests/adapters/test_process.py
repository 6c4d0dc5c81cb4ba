"""Real processes, from the well-behaved to the hostile: each ends, and nothing is left behind."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.adapters import child, orphans, process
from gatekeeper.adapters.process import Finished, Supervisor, capture
from gatekeeper.errors import NotMeasured

linux = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
Run = Callable[..., Finished]


@pytest.fixture(autouse=True)
def _safety() -> Iterator[None]:
    """No test hangs: after 20 seconds it fails."""

    def give_up(*_: object) -> None:
        raise TimeoutError("the safety time-out of the test")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def mark() -> Iterator[str]:
    """A word in the environment of all that a test starts; nothing that bears it is left."""
    word = uuid4().hex
    yield word
    assert bearing(word) == []


def bearing(word: str) -> list[str]:
    """The living processes whose environment holds a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word.encode() in (folder / "environ").read_bytes():
                found.append(f"{folder.name} {(folder / 'cmdline').read_bytes()!r}")
    return found


@pytest.fixture
def supervisor(mark: str) -> Iterator[Supervisor]:
    with Supervisor(grace=0.3) as held:
        yield held
        assert held.sweep() == ()
    with contextlib.suppress(ChildProcessError):  # no zombie either
        assert os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


@pytest.fixture
def run(supervisor: Supervisor, mark: str, tmp_path: Path) -> Run:
    """Run a command in the test's folder, with PATH and the mark as its environment."""

    def call(*argv: str, timeout: float = 15, **options: object) -> Finished:
        env = {"PATH": os.environ["PATH"], "MARK": mark}
        given: dict[str, object] = {"cwd": tmp_path, "env": env, "owner": "test"} | options
        return supervisor.run(argv, timeout=timeout, **given)  # type: ignore[arg-type]

    return call


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-ISc", code


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until something holds; the safety time-out bounds it."""
    while not condition():
        time.sleep(0.01)


# ---------------------------------------------------------------------------- how it ended


@pytest.mark.parametrize("code", [0, 1, 3, 125, 127, 255])
def test_exit_code(run: Run, code: int) -> None:
    """An exit code arrives as it is."""
    done = run("sh", "-c", f"exit {code}")
    assert (done.exit, done.signal, done.timed_out, done.flooded, done.stopped) == (
        code,
        None,
        False,
        False,
        False,
    )
    assert done.survivors == done.leftovers == ()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_signal(run: Run, number: signal.Signals) -> None:
    """A process that a signal ended has no exit code."""
    done = run("sh", "-c", f"kill -{number.value} $$")
    assert (done.exit, done.signal, done.timed_out) == (None, number, False)


def test_output_order(run: Run) -> None:
    """Both streams stand in the output in the order in which they were written."""
    assert run("sh", "-c", "echo a; echo b >&2; echo c").output == "a\nb\nc\n"


def test_standard_output_to_file(run: Run, tmp_path: Path) -> None:
    """A report on standard output reaches its file whole; complaints are not lost among it."""
    report = tmp_path / "report"
    done = run("sh", "-c", "echo oops >&2; yes | head -c 1000000", stdout=report)
    assert report.read_bytes() == b"y\n" * 500_000
    assert done.output.endswith("y\noops\n")
    assert len(done.output) < 70_000


def test_odd_bytes(run: Run) -> None:
    """Output that is no text is still output."""
    assert run("printf", r"\377a\000b").output == "\ufffda\0b"


def test_head_and_tail(run: Run) -> None:
    """Of long output the first and the last lines are kept, and the number of bytes between."""
    lines = run("seq", "100000").output.splitlines()
    gap = next(line for line in lines if line.startswith("[..."))
    kept = sum(len(line) + 1 for line in lines if line != gap)
    assert (lines[0], lines[-1]) == ("1", "100000")
    assert gap == f"[... {588_895 - kept} bytes left out ...]"
    assert kept <= 64 * 1024


@given(st.lists(st.binary(max_size=60_000), max_size=8))
def test_output_in_pieces(pieces: list[bytes]) -> None:
    """How output is cut into pieces does not change what is kept of it."""
    several, one = child.Output(), child.Output()
    for piece in pieces:
        several.add(piece)
    one.add(b"".join(pieces))
    assert several.text() == one.text()


def test_standard_input_is_empty(run: Run) -> None:
    """A program that asks a question gets end of file."""
    assert run("cat").exit == 0


def test_environment_is_exact(run: Run) -> None:
    """A process sees the variables that it was given and the token, and nothing else."""
    path = os.environ["PATH"]
    names = run("env", env={"PATH": path, "ONE": "1"}).output
    assert {line.partition("=")[0] for line in names.splitlines()} == {
        "PATH",
        "ONE",
        "GATEKEEPER_OWNER",
    }
    assert ":test\n" in names


def test_descriptors_are_exact(run: Run) -> None:
    """No descriptor but the three standard ones is inherited."""
    code = "import os; print([n for n in range(3, 64) if os.path.exists(f'/dev/fd/{n}')])"
    held = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(held, True)
    try:
        listed = run(*python(code)).output
    finally:
        os.close(held)
    assert listed == "[]\n"


# ---------------------------------------------------------------------- what cannot start


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("no-such-tool",), "no-such-tool could not be started: not found on PATH"),
        (("./no-such-tool",), "./no-such-tool could not be started: not found; install it"),
        (("./plain",), "may not be executed; make the file executable"),
        (("./text",), "nor a script that names its interpreter"),
        (("./lost",), "the interpreter that the first line of"),
        (("true", "x" * 5_000_000), "too long for one command line; narrow `files:`"),
        (("true", "a\0b"), "embedded null byte; correct `command:`"),
    ],
)
def test_cannot_start(run: Run, tmp_path: Path, argv: tuple[str, ...], words: str) -> None:
    """What does not start is not measured, and the message says why and what to do."""
    for name, mode, text in [
        ("plain", 0o644, "#!/bin/sh\n"),
        ("text", 0o755, "words\n"),
        ("lost", 0o755, "#!/no/such/shell\n"),
    ]:
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    with pytest.raises(NotMeasured) as caught:
        run(*argv)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 2000


def test_missing_folder(run: Run, tmp_path: Path) -> None:
    """A missing working directory is not mistaken for a missing program."""
    with pytest.raises(NotMeasured, match=r"true could not be started in .*gone: there is no such"):
        run("true", cwd=tmp_path / "gone")


def test_no_room_for_a_process(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system starts no more processes, the message names the way out."""

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(NotMeasured, match=r"no room for another process; run fewer checks at once"):
        run("true")


@linux
@pytest.mark.parametrize("words", ["x", "x" * 100_000])
def test_full_file_system(run: Run, words: str) -> None:
    """A report that could not be stored whole is not measured."""
    with pytest.raises(NotMeasured, match=r"could not be stored.*No space left"):
        run("echo", words, stdout=Path("/dev/full"))


def test_report_behind_a_link(run: Run, tmp_path: Path) -> None:
    """A symbolic link in the place of the report is refused, and its target untouched."""
    (tmp_path / "target").write_text("precious")
    (tmp_path / "report").symlink_to("target")
    with pytest.raises(NotMeasured, match=r"could not be stored in .*report"):
        run("true", stdout=tmp_path / "report")
    assert (tmp_path / "target").read_text() == "precious"


# ------------------------------------------------------------------ what does not end itself

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=1)"
DAEMON = """
import os, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(60)
"""


@pytest.mark.parametrize(
    "command",
    [
        "sleep 60",
        "sleep 60 & sleep 60 & wait",
        "trap '' TERM; while :; do sleep 60; done",
        pytest.param("setsid sleep 60 & wait", marks=linux),
        pytest.param("setsid sh -c 'setsid sleep 60 & sleep 60 & wait' & wait", marks=linux),
        pytest.param("trap '' TERM; setsid sh -c 'sleep 60 & wait' & while :; do sleep 60; done"),
        pytest.param(f'"$1" -ISc "{DAEMON}"; sleep 60', marks=linux),
        pytest.param(f'setsid "$1" -ISc "{DEAF}; time.sleep(60)" & sleep 60', marks=linux),
        pytest.param("set -m; for i in 1 2 3 4 5; do sleep 60 & done; wait", marks=linux),
    ],
)
def test_time_out(run: Run, command: str) -> None:
    """After the time-out nothing is left: no grandchild, in whatever session, daemon or deaf."""
    done = run("sh", "-c", command, "sh", sys.executable, timeout=0.3)
    assert done.timed_out
    assert done.exit is None
    assert done.survivors == ()


def test_time_out_is_no_pass(run: Run) -> None:
    """A process that answers SIGTERM with exit code 0 has no exit code; its last words are kept."""
    done = run("sh", "-c", "trap 'echo bye; exit 0' TERM; sleep 60 & wait", timeout=0.3)
    assert (done.timed_out, done.exit, done.signal, done.output) == (True, None, None, "bye\n")


@pytest.mark.parametrize(
    "command", ["yes", "yes >&2", "trap '' PIPE TERM; while :; do echo y; done"]
)
def test_flood(run: Run, tmp_path: Path, command: str) -> None:
    """A process that writes without end is ended at its cap, and its file does not grow on."""
    done = run("sh", "-c", command, cap=100_000, stdout=tmp_path / "report")
    assert (done.flooded, done.exit) == (True, None)
    assert (tmp_path / "report").stat().st_size <= 300_000


@linux
def test_background_child_holds_the_pipe(run: Run) -> None:
    """What outlives its leader is ended and named, and nobody waits for its end of file."""
    done = run("sh", "-c", "sleep 60 & setsid sleep 60 & echo done")
    assert (done.exit, done.output, done.leftovers) == (0, "done\n", ("sleep", "sleep"))


def test_last_words_of_a_background_child(run: Run) -> None:
    """A child that ends just after its leader, like `tee` behind a shell, is heard."""
    done = run("sh", "-c", "(sleep 0.02; echo late) & echo early")
    assert (done.exit, done.output, done.leftovers) == (0, "early\nlate\n", ())


@linux
def test_fork_bomb(run: Run) -> None:
    """Processes that fork faster than one looks are ended with their group."""
    code = "import os, time\nfor n in range(7): os.fork()\ntime.sleep(60)"
    done = run(*python(code), timeout=1)
    assert (done.timed_out, done.survivors) == (True, ())


@linux
def test_survivors_are_named(
    supervisor: Supervisor, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be ended is named, and no exit code is made up for it."""
    with monkeypatch.context() as patched:
        patched.setattr(process, "_signal_group", lambda *_: None)
        patched.setattr(process, "_PATIENCE", 0.1)
        done = run("sleep", "60", timeout=0.1)
    assert (done.exit, done.signal) == (None, None)
    assert len(done.survivors) == 1
    assert done.survivors[0].endswith(" (sleep)")
    assert supervisor.sweep() == ()


# -------------------------------------------------------------------------- several at once


@linux
def test_orphans_of_others_are_left_alone(run: Run, tmp_path: Path) -> None:
    """A check that ends takes its own orphans along, and not those of one that still runs."""
    orphan, ready, go = (tmp_path / name for name in ("orphan", "ready", "go"))
    script = (
        "setsid sh -c 'setsid sh -c \"echo \\$\\$ > orphan; exec sleep 60\" & exit'; "
        "while [ ! -s orphan ]; do sleep 0.02; done; touch ready; "
        "while [ ! -e go ]; do sleep 0.02; done; kill -0 $(cat orphan) && echo alive"
    )
    results: list[Finished] = []
    long = threading.Thread(target=lambda: results.append(run("sh", "-c", script)))
    long.start()
    wait_for(ready.exists)
    done = run("sh", "-c", "setsid sleep 60 & sleep 60 & exit 0")
    assert done.leftovers == ("sleep", "sleep")
    assert run("sleep", "60", timeout=0.1).timed_out
    go.touch()
    long.join()
    assert (results[0].exit, results[0].output, results[0].leftovers) == (0, "alive\n", ("sleep",))
    with pytest.raises(ProcessLookupError):
        os.kill(int(orphan.read_text()), 0)


@linux
def test_sweep(supervisor: Supervisor, run: Run, tmp_path: Path) -> None:
    """What hides its session and token waits for the sweep; our own session is spared."""
    ours = subprocess.Popen(["sleep", "60"])
    script = "env -i setsid sleep 61 & echo $!"
    hidden = int(run("sh", "-c", script).output)
    os.kill(hidden, 0)
    assert supervisor.sweep() == ()
    with pytest.raises(ProcessLookupError):
        os.kill(hidden, 0)
    assert ours.poll() is None
    ours.kill()
    ours.wait()


@linux
def test_gatekeeper_inside_a_check(run: Run) -> None:
    """Orphans of a gatekeeper that a check runs, and that is killed, belong to that check."""
    code = (
        "import os, threading\n"
        "from gatekeeper.adapters.process import Supervisor\n"
        "with Supervisor() as inner:\n"
        "    job = lambda: inner.run(['sleep', '60'], cwd='.', env=dict(os.environ), timeout=60,"
        " owner='inner')\n"
        "    threading.Thread(target=job).start()\n"
        "    import time; time.sleep(0.2); os.kill(os.getpid(), 9)\n"
    )
    done = run(sys.executable, "-c", code)
    assert (done.signal, done.leftovers) == (signal.SIGKILL, ("sleep",))


def test_stop(supervisor: Supervisor, run: Run, tmp_path: Path) -> None:
    """`stop` ends what runs, and what comes later does not start."""
    results: list[Finished] = []
    script = "trap '' TERM; touch ready.$1; sleep 60 & while :; do sleep 60; done"

    def job(number: int) -> None:
        results.append(run("sh", "-c", script, "sh", str(number)))

    jobs = [threading.Thread(target=job, args=(number,)) for number in range(3)]
    for thread in jobs:
        thread.start()
    wait_for(lambda: len(list(tmp_path.glob("ready.*"))) == 3)
    supervisor.stop()
    for thread in jobs:
        thread.join()
    assert [(done.stopped, done.exit) for done in results] == [(True, None)] * 3
    assert run("touch", "late").stopped
    assert not (tmp_path / "late").exists()


SIGNALLED = """
import os, signal, sys, threading
from gatekeeper.adapters.process import Supervisor

def job(n):
    supervisor.run(
        ["sh", "-c", "trap '' TERM; setsid sleep 60 & touch ready.$1; sleep 60; sleep 60", "sh", n],
        cwd=".", env=dict(os.environ), timeout=60, owner=n,
    )

with Supervisor(grace=0.2) as supervisor:
    threads = [threading.Thread(target=job, args=(n,)) for n in "123"]
    for thread in threads:
        thread.start()
    if sys.argv[1] == "main":
        job("4")
    for thread in threads:
        thread.join()
"""


@linux
@pytest.mark.parametrize("where", ["threads", "main"])
def test_ctrl_c(mark: str, tmp_path: Path, where: str) -> None:
    """Ctrl-C in a program that waits for its checks, or runs one itself, leaves nothing behind."""
    started = subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, where],
        cwd=tmp_path,
        env={**os.environ, "MARK": mark},
        stderr=subprocess.PIPE,
    )
    number = 4 if where == "main" else 3
    wait_for(lambda: len(list(tmp_path.glob("ready.*"))) == number)
    started.send_signal(signal.SIGINT)
    _, complaint = started.communicate()
    assert b"KeyboardInterrupt" in complaint
    assert complaint.count(b"Traceback") == 1
    assert started.returncode == -signal.SIGINT


@linux
def test_ignored_sigchld(tmp_path: Path, mark: str) -> None:
    """A parent that ignores SIGCHLD, which is inherited, costs no exit code."""
    code = (
        "from gatekeeper.adapters.process import Supervisor\n"
        "with Supervisor() as s:\n"
        "    print(s.run(['sh', '-c', 'exit 7'], cwd='.', env={'PATH': '/bin:/usr/bin'},"
        " timeout=9, owner='x').exit)\n"
    )
    script = 'trap \'\' CHLD; exec "$1" -c "$2"'
    done = capture(
        ("sh", "-c", script, "sh", sys.executable, code),
        cwd=tmp_path,
        env={**os.environ, "MARK": mark},
        timeout=15,
    )
    assert done.stdout == b"7\n"


# ---------------------------------------------------------------------------- what it cost


def test_cpu_time(run: Run) -> None:
    """CPU time of a process is counted."""
    code = "import time\nwhile time.process_time() < 0.3: pass"
    done = run(*python(code))
    assert 0.3 <= done.cpu < 3
    assert run("true").cpu < 0.2


@linux
def test_cpu_time_of_an_orphan(run: Run, tmp_path: Path) -> None:
    """CPU time of an orphan in a session of its own counts for its check."""
    code = "import time\nwhile time.process_time() < 0.3: pass\nopen('burnt', 'w')\ntime.sleep(60)"
    script = 'setsid "$1" -ISc "$2" & while [ ! -e burnt ]; do sleep 0.02; done'
    done = run("sh", "-c", script, "sh", sys.executable, code)
    assert 0.3 <= done.cpu < 3


def test_peak_memory(run: Run) -> None:
    """Peak memory is measured where it exceeds our own, and 0 where it cannot be told."""
    unit = 1 if sys.platform == "darwin" else 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit + 100 * 2**20
    done = run(*python(f"held = b'x' * {size}"))
    assert size <= done.max_rss < size + 60 * 2**20
    if sys.platform == "linux":
        assert run("true").max_rss == 0


# -------------------------------------------------------------------------- other systems


@pytest.fixture(params=["waitid", "no waitid"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has neither pidfd nor subreaper, such as macOS; before 3.13 without waitid."""

    def refuse(*, on: bool) -> bool:
        raise OSError(errno.ENOSYS, str(on))

    monkeypatch.setattr(orphans, "subreaper", refuse)
    monkeypatch.setattr(child, "pidfd", lambda _: None)
    if request.param == "no waitid":
        monkeypatch.delattr(os, "waitid")


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("command", "timeout", "exit_code", "timed_out"),
    [
        ("exit 3", 15, 3, False),
        ("sleep 60 & sleep 60 & exec >/dev/null 2>&1; exit 0", 15, 0, False),
        ("sleep 60 & sleep 60", 0.2, None, True),
        ("trap '' TERM; sleep 60 & while :; do sleep 60; done", 0.2, None, True),
    ],
)
def test_elsewhere(
    mark: str,
    tmp_path: Path,
    command: str,
    timeout: float,
    exit_code: int | None,
    timed_out: bool,
) -> None:
    """Without a subreaper the process group is what is ended."""
    env = {"PATH": os.environ["PATH"], "MARK": mark}
    with Supervisor(grace=0.2) as held:
        argv = ("sh", "-c", command)
        done = held.run(argv, cwd=tmp_path, env=env, timeout=timeout, owner="test")
    assert (done.exit, done.timed_out) == (exit_code, timed_out)
    wait_for(lambda: not bearing(mark))  # killed is not yet gone: nobody of ours reaps these


# ---------------------------------------------------------------------------------- capture


def test_capture(tmp_path: Path) -> None:
    """A program of ours gives its two streams apart, as bytes."""
    done = capture(("sh", "-c", "echo a; echo b >&2; exit 4"), cwd=tmp_path, env={}, timeout=15)
    assert (done.exit, done.stdout, done.stderr) == (4, b"a\n", b"b\n")


def test_capture_that_hangs(tmp_path: Path) -> None:
    """A program of ours that does not answer is an error that names it."""
    with pytest.raises(NotMeasured, match=r"sleep did not answer within 0.1 s"):
        capture(("sleep", "60"), cwd=tmp_path, env=dict(os.environ), timeout=0.1)
