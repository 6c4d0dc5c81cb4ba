"""gatekeeper hook: judge what is pushed, before it is pushed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.adapters import prepush
from gatekeeper.adapters.prepush import Reference
from gatekeeper.cli import say
from gatekeeper.errors import Exit, GatekeeperError, NotMeasured, UsageError

if TYPE_CHECKING:
    from gatekeeper.adapters import git


@click.group(epilog="Example: gatekeeper hook install")
def command() -> None:
    """Judge each push before it leaves: install the hook, remove it, or be it."""


@command.command(epilog="Example: gatekeeper hook install")
def install() -> None:
    """Let git judge each push of this repository.

    A hook that exists is kept, and runs first.
    """
    from gatekeeper import hookfile

    for line in hookfile.install(_repository()):
        click.echo(line)


@command.command(epilog="Example: gatekeeper hook uninstall")
def uninstall() -> None:
    """Remove the hook, and put back the one that was there before."""
    from gatekeeper import hookfile

    for line in hookfile.uninstall(_repository()):
        click.echo(line)


@command.command("pre-push", epilog="Example: PRE_COMMIT=1 gatekeeper hook pre-push origin")
@click.argument("remote", default="")
@click.argument("url", default="")
def pre_push(remote: str, url: str) -> int:  # noqa: ARG001  git gives it
    """Judge what is pushed: git, pre-commit and prek call this.

    Standard input holds git's lines LOCAL-REF LOCAL-OID REMOTE-REF REMOTE-OID; where it is empty,
    the variables of pre-commit and prek count (PRE_COMMIT_TO_REF and others).
    """
    try:
        references, remote = _told(remote)
        if not references:
            return Exit.PASSED
        from gatekeeper.cli import pushing  # a push that only deletes needs none of it

        return pushing.push(references, remote)
    except GatekeeperError as error:
        say(f"{error}\nthe push is blocked; to push without being judged: git push --no-verify")
        return error.exit


def _told(remote: str) -> tuple[Sequence[Reference], str]:
    """What is pushed, but for what is only deleted, and where to."""
    given = sys.stdin.buffer.read(prepush.CAP + 1) if _given() else b""
    if given:
        return [one for one in prepush.parse(given) if one.oid], remote
    references, remote = prepush.told(os.environ, remote)
    if not references and not _given():
        raise NotMeasured(
            "nobody tells what is pushed: standard input is closed, a terminal or /dev/null",
            "let whatever calls this hook pass on the standard input that git gives it",
        )
    return references, remote


def _given() -> bool:
    """Whether standard input may come from git, which gives an empty one for nothing to push."""
    return sys.stdin is not None and not stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)


def _repository() -> git.Repository:
    """The repository one stands in."""
    from gatekeeper.adapters import git

    found = git.find(Path.cwd())
    if found is None:
        raise UsageError(
            f"{Path.cwd()} is in no git repository, and hooks are git's: run `git init`"
        )
    return found
