"""What `gatekeeper run` does by itself in a step of GitHub Actions; imported only there.

The log gets annotations, and a group with the output of each check that failed. They go where the
terminal's report goes: standard output may hold another report, which must stay what it is. The
step's summary gets the report as Markdown. And the step has these outputs:

| output | value |
|---|---|
| `verdict` | `pass`, `warn`, `fail`, `error` or `skipped` |
| `passed` | `true` where the run passed at its stage, which is exit code 0; else `false` |
| `approved` | `true` where the deployment is approved, at stage deploy; else `false` |
| `failed` | the gates that block: failed or not measured, separated by spaces |
| `conclusion` | the last line of the report |
| `result` | the path of the stored result, empty where none is kept |
| `reports` | the paths of the reports that were written, one per line |

A step that ends before, such as one whose policy is wrong, has no outputs, only annotations at its
mistakes; so ask for `passed` to be `true`, never for it not to be `false`.

A tool cannot forge a command: every line of the log that quotes one passes `escape.command`.
`::stop-commands::` would add nothing, and stop the commands of the rest of the step too, where
gatekeeper is ended in between. Nothing is registered with `::add-mask::`, as it would have to be
printed: secrets were taken out of what tools say when it was read.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from gatekeeper import escape, wording
from gatekeeper.cli import say
from gatekeeper.cli.judging import Judged
from gatekeeper.errors import ConfigurationError, Exit, GatekeeperError, Problem
from gatekeeper.reports import render
from gatekeeper.reports.annotations import MOST, command
from gatekeeper.reports.markdown import within
from gatekeeper.result import Result

# The runner drops the summary of a step whole that is larger.
_SUMMARY = 1 << 20
# A summary that has less room, in bytes, would say nothing.
_LEAST = 1024
_SERVER = re.compile(r"https?://[\w.-]+(?::\d+)?")
# OWNER/NAME; neither is `.` or `..`, as both become parts of an address.
REPOSITORY = re.compile(r"(?!\.\.?/)[A-Za-z0-9._-]{1,100}/(?!\.\.?$)[A-Za-z0-9._-]{1,100}")
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@contextmanager
def step(outcome: Judged, targets: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Tell the runner of an outcome, around the writing of the reports `targets`.

    The outputs come last: a report that could not be written ends the step without them.
    """
    printed = {form for form, path in targets if not path}
    log = sys.stderr if printed - {"terminal"} else sys.stdout
    log.writelines(_groups(outcome.result))
    if "annotations" not in printed:
        log.writelines(render(outcome.result, "annotations"))
    log.flush()
    server, name = (os.environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "REPOSITORY"))
    address = source(server, name, outcome.result.subject.commit)
    _append("GITHUB_STEP_SUMMARY", lambda size: _summary(outcome.result, size, address))
    yield
    outputs = _outputs(outcome, targets)
    _append("GITHUB_OUTPUT", lambda size: "".join(_assignments(outputs, size)))


def refused(error: GatekeeperError) -> None:
    """Tell the runner why nothing was judged: each mistake at its place, and in the summary."""
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    shown = problems[:MOST] or [Problem("", 0, 0, str(error))]
    for one in shown:
        said = filter(None, (one.message, one.hint))
        sys.stderr.write(command("error", "gatekeeper", said, one.file, one.line, one.column))
    lines = [escape.markdown(wording.flat(str(replace(one, source="")))) for one in shown]
    lines += [f"{more} more are in the log"] if (more := len(problems[MOST:])) > 0 else []
    text = "".join(f"\n- {line}" for line in lines)
    _append("GITHUB_STEP_SUMMARY", lambda _size: f"\n## Nothing was judged\n{text}\n")


def _groups(result: Result) -> Iterator[str]:
    """The kept output of each bad check, folded; the report below shows its last lines only."""
    checks = [check for gate in result.verdict.gates for check in gate.checks]
    bad = {check.check for check in checks if check.verdict in wording.BAD}
    for seen in result.observations:
        if seen.check in bad and seen.output.strip():
            yield f"::group::{escape.line(seen.check)}: what it printed\n"
            for text in seen.output.expandtabs().splitlines():
                yield f"{escape.printed(text)}\n"
            yield "::endgroup::\n"


def source(server: str, repository: str, commit: str | None) -> str:
    """The address of the repository's files at a commit; "" where it is not known."""
    parts = ((_SERVER, server), (REPOSITORY, repository), (COMMIT, commit or ""))
    known = all(form.fullmatch(part) for form, part in parts)
    return f"{server}/{repository}/blob/{commit}" if known else ""


def _summary(result: Result, size: int, address: str) -> str:
    """The summary that fits below what others have written in this step."""
    before = "\n\n" if size else ""
    room = _SUMMARY - size - len(before)
    if room < _LEAST:
        raise OSError(0, "it is full")
    return before + within(result, room, address)


def _outputs(outcome: Judged, targets: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    result, passed = outcome.result, outcome.exit == Exit.PASSED
    gates = result.verdict.gates
    failed = [gate.gate for gate in gates if gate.verdict in wording.BAD and not gate.advisory]
    verdict = "error" if result.interrupted else result.verdict.verdict
    return {
        "verdict": verdict,
        "passed": str(passed).lower(),
        "approved": str(passed and result.verdict.approved).lower(),
        "failed": " ".join(failed),
        "conclusion": wording.conclusion(result),
        "result": str(outcome.record or ""),
        "reports": "\n".join(os.path.abspath(path) for _, path in targets if path),
    }


def _assignments(outputs: Mapping[str, str], size: int) -> Iterator[str]:
    """Each output between delimiters that nobody can guess, and so nobody can close."""
    yield "\n" if size else ""  # what others have written may end without
    for name, value in outputs.items():
        delimiter = f"gatekeeper-{secrets.token_hex(16)}"
        yield f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _append(variable: str, compose: Callable[[int], str]) -> None:
    """Append to the file of a variable; a warning where that cannot be, as it changes no verdict.

    `compose` is given the size of the file. The runner has made it, so one that is missing or no
    regular file (a pipe would keep us waiting) is a mistake and not ours to make.
    """
    path = os.environ.get(variable, "")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
        with open(handle, "wb", buffering=0) as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise OSError(0, "it is no regular file")
            data = memoryview(compose(before.st_size).encode("utf-8", "backslashreplace"))
            try:
                while data:
                    data = data[file.write(data) :]
            except OSError:
                os.ftruncate(handle, before.st_size)  # half of it would fail the step
                raise
    except OSError as error:
        say(f"warning: {variable} ({path or 'not set'}) could not be written: {error.strerror}")
