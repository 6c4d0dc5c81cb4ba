"""gatekeeper validate: the configuration, without running anything."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

import click

from gatekeeper import checkout, workflows
from gatekeeper.cli import complete, say
from gatekeeper.config.load import load
from gatekeeper.errors import ConfigurationError, NotMeasured, Problem
from gatekeeper.resolve import resolve


@click.command(epilog="Example: gatekeeper validate")
@click.option(
    "--service",
    metavar="NAME",
    shell_complete=complete.services,
    help="Check one of the services that the settings name.",
)
def command(service: str | None) -> None:
    """Check the files under gates/ and checks/; every mistake is shown with its place.

    GitHub workflows are looked at too: what lets a deployment pass although the gates did not.
    """
    place = checkout.find(Path.cwd(), service)
    policy = resolve(load(place.config))
    mistakes = []
    for problem, certain in _disarmed(place):
        if certain:
            mistakes.append(problem)
        else:
            say(f"warning: {problem}")
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    gates, checks = _number(policy.gates, "gate"), _number(policy.checks, "check")
    registered = sum(check.registered for check in policy.checks.values())
    click.echo(f"Valid: {gates}, {checks}, {registered} of them registered")
    click.echo(f"Policy {policy.digest}")


def _number(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def _disarmed(place: checkout.Checkout) -> list[tuple[Problem, bool]]:
    """What disarms the gate in the workflows at the top of the repository; whether for certain."""
    paths = place.snapshot.files if place.repository else place.files
    found: list[tuple[Problem, bool]] = []
    texts = {}
    for path in paths:
        if not (workflows.is_workflow(path) or path in workflows.ACTIONS):
            continue
        try:
            with checkout.open_inside(place.top, path) as file:
                texts[path] = file.read()
        except NotMeasured as error:
            message = f"this workflow was not examined: it {error.reason}"
            found.append((Problem(path, 0, 0, message, error.remedy), False))
    return found + [(remark.problem, remark.certain) for remark in workflows.examine(texts)]
