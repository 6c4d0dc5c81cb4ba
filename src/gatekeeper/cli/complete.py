"""What a shell may complete: the names of this repository and of gatekeeper itself.

Each function has click's form of a completer. Where the configuration is broken, or there is none,
its names are not known and nothing is completed: a shell is no place for messages. Nothing is
imported before a shell asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from gatekeeper.cli.here import Here

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def starting(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    """The names that begin so, each once."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in dict.fromkeys(names) if name.startswith(incomplete)]


def completer(names: Callable[[Here], Iterable[str]]) -> Completer:
    """A completer of the names that there are here."""

    def completed(
        ctx: click.Context,  # noqa: ARG001  click's form
        param: click.Parameter,  # noqa: ARG001
        incomplete: str,
    ) -> list[CompletionItem]:
        from gatekeeper.cli.here import look
        from gatekeeper.errors import GatekeeperError

        try:
            return starting(incomplete, names(look()))
        except (GatekeeperError, OSError):
            return []

    return completed


def _readers(_here: Here) -> Iterable[str]:
    from gatekeeper import plugins

    return plugins.names("reader")


def _services(_here: Here) -> Iterable[str]:
    from pathlib import Path

    from gatekeeper import checkout
    from gatekeeper.config.settings import settings

    return settings(checkout.find(Path.cwd()).top).services


gates = completer(lambda here: here.gates())
checks = completer(lambda here: here.checks())
guards = completer(
    lambda here: (c.id for c in here.policy.checks.values() if c.proof) if here.policy else ()
)
readers = completer(_readers)
services = completer(_services)
