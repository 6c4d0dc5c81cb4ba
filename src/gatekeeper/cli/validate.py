"""gatekeeper validate: the configuration, without running anything."""

from __future__ import annotations

from pathlib import Path

import click

from gatekeeper import checkout
from gatekeeper.config.load import load
from gatekeeper.resolve import resolve


@click.command(epilog="Example: gatekeeper validate")
@click.option("--service", metavar="NAME", help="Check one of the services that the settings name.")
def command(service: str | None) -> None:
    """Check the files under gates/ and checks/; every mistake is shown with its place."""
    policy = resolve(load(checkout.find(Path.cwd(), service).config))
    gates, checks = len(policy.gates), len(policy.checks)
    registered = sum(check.registered for check in policy.checks.values())
    click.echo(f"Valid: {gates} gates, {checks} checks, {registered} of them registered")
    click.echo(f"Policy {policy.digest}")
