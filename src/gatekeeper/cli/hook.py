"""gatekeeper hook: judge what is pushed, before it is pushed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.adapters import prepush
from gatekeeper.adapters.prepush import Reference
from gatekeeper.cli import say
from gatekeeper.errors import Exit, GatekeeperError, UsageError

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


@command.command("pre-push", epilog="Example: gatekeeper hook pre-push origin </dev/null")
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
    told = sys.stdin is not None and not sys.stdin.isatty()
    given = sys.stdin.buffer.read(prepush.CAP + 1) if told else b""
    if not given:
        return prepush.told(os.environ, remote)
    return [one for one in prepush.parse(given) if one.oid], remote


def _repository() -> git.Repository:
    """The repository one stands in."""
    from gatekeeper.adapters import git

    found = git.find(Path.cwd())
    if found is None:
        raise UsageError(f"{Path.cwd()} is in no git repository; hooks are git's")
    return found
