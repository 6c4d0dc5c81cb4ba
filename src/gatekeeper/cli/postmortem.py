"""gatekeeper postmortem: read, list and lint the reports on incidents, begin one, see what guards.

The subcommands are imported when they are asked for: each brings much along.
"""

from __future__ import annotations

import click


class _Group(click.Group):
    """The coverage, and the commands on reports themselves."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them."""
        return ["new", "lint", "list", "show", "coverage"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import what is asked for."""
        if cmd_name == "coverage":
            from gatekeeper.cli import coverage

            return coverage.command
        from gatekeeper.cli import postmortems

        return postmortems.COMMANDS.get(cmd_name)


@click.group(cls=_Group, epilog="Example: gatekeeper postmortem lint")
def command() -> None:
    """Read, list and lint post-mortems, begin one, and see which of them nothing guards."""
