"""gatekeeper completion: what a shell needs to complete commands, options and names."""

from __future__ import annotations

import click

from gatekeeper.cli import COMPLETE
from gatekeeper.errors import Exit


@click.command(epilog="Example: gatekeeper completion bash")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script with which SHELL completes commands, options and names.

    \b
    bash  add to ~/.bashrc:  source <(gatekeeper completion bash)
    zsh   add to ~/.zshrc:   source <(gatekeeper completion zsh)
    fish  run once:          gatekeeper completion fish > ~/.config/fish/completions/gatekeeper.fish

    Gates, checks, metrics, tools, readers and reports are completed where they are arguments; those
    of a repository only while its configuration is sound.
    """  # noqa: D301  click keeps the lines below a backspace as they are
    from click.shell_completion import get_completion_class

    from gatekeeper.cli import gatekeeper

    found = get_completion_class(shell)
    if found is None:
        raise LookupError(shell)
    made = found(gatekeeper, {}, "gatekeeper", COMPLETE)
    # Not `made.source()`, which starts the shell only to tell that it is old.
    click.echo(made.source_template % made.source_vars())


def answer(instruction: str) -> int:
    """Tell the script what it asks for: the words that may stand next."""
    from click.shell_completion import shell_complete

    from gatekeeper.cli import gatekeeper

    code = shell_complete(gatekeeper, {}, "gatekeeper", COMPLETE, instruction)
    return Exit.USAGE if code else Exit.PASSED
