"""gatekeeper publish: a stored result, shown on GitHub.

Publishing never changes a verdict. What cannot be published is told, in a line on standard error (a
warning of the workflow in Actions) and in the step summary, and the exit code stays 0: the run has
already blocked by its own exit code, and the pull request of a fork, whose token may only read,
must not be red for that. Only a wrong RESULT, option or variable is exit 2.

RESULT is believed as it is: who may write the file may write the verdict.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper import escape
from gatekeeper.cli import say
from gatekeeper.cli.actions import COMMIT, REPOSITORY
from gatekeeper.cli.actions import source as address
from gatekeeper.errors import NotMeasured, UsageError
from gatekeeper.history import records
from gatekeeper.result import Result

if TYPE_CHECKING:
    from gatekeeper.adapters.github import PullRequest, Repository


@click.command(
    epilog="The token is that of the variable GITHUB_TOKEN, or GH_TOKEN; its job needs "
    "`permissions: pull-requests: write, checks: write`. What cannot be published is told, and "
    "changes no exit code.\n\n"
    "Example: gatekeeper publish .gatekeeper/runs/RUN/result.json"
)
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--comment/--no-comment", default=True, help="One comment on the pull request, kept up to date."
)
@click.option("--check/--no-check", default=True, help="A check run with annotations.")
@click.option(
    "--repository",
    envvar="GITHUB_REPOSITORY",
    metavar="OWNER/NAME",
    help="[env: GITHUB_REPOSITORY]",
)
@click.option(
    "--pull-request",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="[default: that of the event in GITHUB_EVENT_PATH]",
)
@click.option(
    "--commit",
    metavar="SHA",
    help="Where the check run is shown.  [default: the head of the pull request, else what RESULT "
    "judged]",
)
def command(
    result: Path,
    comment: bool,
    check: bool,
    repository: str | None,
    pull_request: int | None,
    commit: str | None,
) -> None:
    """Show the stored RESULT on GitHub: one comment, updated in place, and a check run."""
    stored = records.read(result)
    if repository is None or not REPOSITORY.fullmatch(repository):
        raise UsageError("name the repository: --repository OWNER/NAME, or GITHUB_REPOSITORY")
    try:
        number, head = _place(stored, pull_request, commit)
        token = _token()
    except NotMeasured as error:
        _tell("warning", f"nothing is published: {error}")
        return
    if comment and number is None:
        _tell(
            "notice", "no comment is published: this is no pull request; --pull-request names one"
        )

    from gatekeeper.adapters import github, http

    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    with http.Client(api, token, github.HEADERS) as client:
        place = github.Repository(client, repository)
        _publish(stored, place, head, number if comment else None, check=check)


def _token() -> str:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        if token := os.environ.get(name, "").strip():
            return token
    raise NotMeasured("there is no token", "set the variable GITHUB_TOKEN to one")


def _place(result: Result, number: int | None, commit: str | None) -> tuple[int | None, str]:
    """The pull request and the commit: from the options, else the event, else the result."""
    event = _event(number)
    judged = result.subject.commit or ""
    if event and not commit:
        _agree(event, judged)
    head = commit or (event.head if event else judged)
    if not COMMIT.fullmatch(head):
        raise UsageError(f"{head!r:.80} is no whole name of a commit: name one with --commit")
    return number or (event.number if event else None), head


def _event(number: int | None) -> PullRequest | None:
    """The pull request of the workflow's event, where it is the one that is asked for."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        return None
    from gatekeeper.adapters import github

    event = github.pull_request(Path(path))
    return event if event and number in (None, event.number) else None


def _agree(event: PullRequest, judged: str) -> None:
    """UsageError where a result is not of this pull request: its pass must not be shown there.

    A workflow of a pull request checks out its merge into the base, which is GITHUB_SHA there.
    """
    merged = os.environ.get("GITHUB_REF") == f"refs/pull/{event.number}/merge"
    merge = os.environ.get("GITHUB_SHA") if merged else None
    if judged not in (event.head, merge):
        raise UsageError(
            f"RESULT judges {judged or 'no commit'}, but pull request {event.number} is at "
            f"{event.head}: publish the result of this run, or say --commit"
        )


def _publish(
    result: Result, place: Repository, head: str, number: int | None, *, check: bool
) -> None:
    """Publish each part on its own, and say what became of it."""
    from gatekeeper import publish
    from gatekeeper.adapters import github

    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    source = address(server, place.name, result.subject.commit)
    target = publish.Target(head, source, annotated=_actions())
    parts: dict[str, Callable[[], None]] = {}
    if number is not None:
        body, marker = publish.comment(result, target), publish.marker(result)
        parts["comment"] = lambda: github.comment(place, number, marker, body)
    if check:
        run = publish.check_run(result, target)
        parts["check run"] = lambda: github.check_run(place, run)
    lost: dict[str, list[str]] = {}
    for part, write in parts.items():
        try:
            write()
        except NotMeasured as error:
            lost.setdefault(str(error), []).append(part)
        else:
            click.echo(f"published: {part}")
    for why, those in lost.items():
        _tell("warning", f"no {' and no '.join(those)} is published: {why}")


def _actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _tell(level: str, text: str) -> None:
    """Say in one line what is not published, and keep it in the step summary."""
    line = escape.line(f"{text}; the verdict stays as it is")
    if _actions():
        click.echo(f"::{level} title=gatekeeper publish::{line.replace('%', '%25')}")
    else:
        say(line)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(summary, "a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(f"\n{escape.markdown(line)}\n")
        except OSError as error:
            say(f"{summary} could not be written: {error.strerror}")
