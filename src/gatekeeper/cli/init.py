"""gatekeeper init: four sensible gates for the repository one stands in."""

from __future__ import annotations

import os
import textwrap
from dataclasses import replace
from pathlib import Path

import click

from gatekeeper import checkout, escape, tools
from gatekeeper.cli import say
from gatekeeper.config import load, schema, write
from gatekeeper.errors import ConfigurationError, NotMeasured, Problem
from gatekeeper.resolve import resolve
from gatekeeper.starter import Proposal, propose

# What is read of a file to see what it is about.
_CAP = 2**20
_WIDTH = 98


@click.command(epilog="Example: gatekeeper init")
def command() -> None:
    """Write four gates that fit this repository; files that exist are left alone.

    The gates are code-quality, performance, security and operational-readiness, with the thresholds
    of a serious deployment policy. What they ask for stands in gates/ and is yours to change.
    """
    place = checkout.find(Path.cwd())
    root = place.config
    documents = load.load(root)
    if documents.problems:
        raise ConfigurationError(documents.problems)
    folder = documents.settings.gates
    written = 0
    for proposal in propose(place.files, lambda path: _text(root, path)):
        file = f"{folder}/{proposal.gate}.yaml"
        text = _yaml(proposal)
        if (root / file).exists():
            click.echo(f"left alone {file}: it exists")
            continue
        grown = _with(documents, file, text)
        if reason := _conflict(documents, grown):
            click.echo(f"left out {file}: {reason}")
            continue
        write.write(root / file, text, root=root)
        documents, written = grown, written + 1
        click.echo(escape.line(f"wrote {file}: {proposal.found}"))
    if written:
        for tool, install in _missing(place, documents).items():
            click.echo(f"not found on PATH: {tool}; install it: {install}")
        click.echo("Read them, change what does not fit, then: gatekeeper run")
    else:
        say("nothing was written; `gatekeeper validate` checks what is there")


def _text(root: Path, path: str) -> str:
    """The text of a file, "" where it cannot be read."""
    try:
        with checkout.open_inside(root, path, _CAP) as stream:
            return stream.read().decode("utf-8", "replace")
    except (NotMeasured, UnicodeEncodeError):
        return ""


def _yaml(proposal: Proposal) -> str:
    """The gate as YAML, with the remarks as comments below the line that names its schema."""
    head, _, body = write.dump(proposal.content, "gate").partition("\n")
    remarks = (f"Written by `gatekeeper init`, which found: {proposal.found}.", *proposal.remarks)
    comments = [
        line
        for remark in remarks
        for line in textwrap.wrap(remark, _WIDTH, initial_indent="# ", subsequent_indent="# ")
    ]
    return "\n".join([head, *comments, body])


def _with(documents: load.Documents, file: str, text: str) -> load.Documents:
    gate = load.read(schema.GateSpec, file, text.encode())
    return replace(documents, gates=(*documents.gates, gate))


def _missing(place: checkout.Checkout, documents: load.Documents) -> dict[str, str]:
    """The tools that are asked for and not found, with the commands that install them."""
    missing: dict[str, str] = {}
    path = os.environ.get("PATH", "")
    for check in resolve(documents).checks.values() if not _problems(documents) else ():
        if check.command and check.install:
            try:
                tools.find(check.command[0], place.root, place.top, (), path)
            except NotMeasured:
                missing[check.command[0]] = check.install
    return missing


def _conflict(before: load.Documents, grown: load.Documents) -> str:
    """Why a gate does not fit in with what is there, "" where it does."""
    known = [(problem.file, problem.message) for problem in _problems(before)]
    new = [p for p in _problems(grown) if (p.file, p.message) not in known]
    return new[0].message if new else ""


def _problems(documents: load.Documents) -> tuple[Problem, ...]:
    try:
        resolve(documents)
    except ConfigurationError as error:
        return error.problems
    return ()
