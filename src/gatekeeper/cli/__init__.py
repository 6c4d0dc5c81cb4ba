"""The command line: one module per command; parse, call, write, exit.

This is the only place that prints and that turns errors into exit codes. A command's module is
imported only when it is asked for.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from gatekeeper import __version__
from gatekeeper.errors import Exit, GatekeeperError, suggest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Command -> one line of help; the module has the command's name.
_COMMANDS = {
    "run": "Run the gates and say whether the change may be deployed.",
    "validate": "Check the files under gates/ and checks/ without running anything.",
    "list": "List gates, checks, types, tools, readers, reports or metrics.",
    "explain": "Explain a gate, check, metric, tool, type, reader or report.",
    "init": "Write four sensible gates for this repository.",
    "hook": "Judge each push before it leaves this machine.",
    "postmortem": "Read, list and lint post-mortems, begin one, see what guards them.",
    "incident": "Record what happened, and list it.",
    "check": "Begin a check that guards an action item of a post-mortem.",
    "prove": "Prove that a guard would have caught its bug.",
    "read": "Read a tool's result file and show what it measures.",
    "report": "Show a stored result again, in any form.",
    "publish": "Show a stored result on GitHub: a comment and a check run.",
    "schema": "Print the JSON Schema of a file kind.",
    "completion": "Print the script with which a shell completes names.",
}

# In this variable the script for a shell says what it asks for. It counts only where no word stands
# on the command line, so that no environment makes a command do nothing and call that passed.
COMPLETE = "_GATEKEEPER_COMPLETE"


class _Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order in which a newcomer meets them."""
        return [*_COMMANDS]  # `list` is the module of that command, once it is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"gatekeeper.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the one-line helps without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([*_COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, with their help and without importing them."""
        from click.shell_completion import CompletionItem

        names = [name for name in _COMMANDS if name.startswith(incomplete)]
        found = [CompletionItem(name, help=_COMMANDS[name]) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for an unknown one."""
        unknown = args and args[0] not in _COMMANDS and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:  # else a shell completes a line
            hint = suggest(args[0], _COMMANDS)
            raise click.UsageError(f"unknown command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 passed, 1 measured and bad, 2 usage or configuration, 3 not measured, "
    "4 a defect in gatekeeper, 130 and 143 interrupted.",
)
@click.version_option(__version__, prog_name="gatekeeper", message="%(prog)s %(version)s")
def gatekeeper() -> None:
    """Decide whether a change may be deployed, and make sure that no failure happens twice."""


def main() -> NoReturn:
    """Run a command and end the process with its exit code; no traceback reaches the user."""
    # A command ends soon and leaves hardly a cycle behind: looking for them is wasted time, and
    # the more findings there are, the more of it.
    gc.disable()
    _prepare_streams()
    try:
        code = _invoke(sys.argv[1:])
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  whatever it is, a person is told
        code = _tell(error)
    if lost := _flushed(sys.stdout):
        # What could not be written is no pass; where its reader has left, nobody need be told.
        code = code or Exit.NOT_MEASURED
        if not isinstance(lost, BrokenPipeError):
            say(f"the standard output could not be written: {lost.strerror}")
    _flushed(sys.stderr)
    sys.exit(int(code))


def _invoke(words: list[str]) -> int:
    """Do what is asked for, by a person or by the script for a shell; the exit code."""
    if (asked := os.environ.get(COMPLETE)) and not words:
        from gatekeeper.cli import completion

        return completion.answer(asked)
    # Not `gatekeeper.main()`: where a pipe breaks it exits with 1, which here means "bad".
    with gatekeeper.make_context("gatekeeper", words) as context:
        return gatekeeper.invoke(context) or Exit.PASSED


def _tell(error: Exception) -> int:
    """Say what went wrong; the exit code that means it."""
    match error:
        case GatekeeperError():
            say(str(error))
            if os.environ.get("GITHUB_ACTIONS") == "true":
                from gatekeeper.cli import actions

                actions.refused(error)
            return error.exit
        case click.exceptions.NoArgsIsHelpError():
            say(error.format_message())
            return Exit.USAGE
        case click.UsageError():
            said = " ".join(error.format_message().split()).rstrip(".")
            command = error.ctx.command_path if error.ctx else "gatekeeper"
            say(f"{said[:1].lower()}{said[1:]}\n    see `{command} --help`")
            return Exit.USAGE
        case BrokenPipeError():  # whoever read the output has left
            return Exit.NOT_MEASURED
        case OSError():
            say(f"{error.filename or 'the standard output, or the system'}: {error.strerror}")
            return Exit.NOT_MEASURED
    return _defect(error)


def _prepare_streams() -> None:
    """Make both outputs usable: text that they cannot encode is escaped."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  until the end
    if sys.stdout is None:
        say("the standard output is closed: send it to /dev/null where it is not wanted")
        sys.exit(int(Exit.USAGE))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _flushed(stream: TextIO) -> OSError | None:
    """Write out what is left; why that fails, if it does, and then Python does not try again."""
    try:
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None


def say(text: str) -> None:
    """Print a text for people on standard error, harmless to a terminal and to a runner."""
    from gatekeeper import escape

    # Where nobody can be told, the exit code still tells.
    with suppress(OSError):
        lines = (escape.printed(line) for line in text.splitlines())
        click.echo("\n".join(lines), err=True)


def _defect(error: Exception) -> int:
    """Keep the traceback in a log and name it."""
    import tempfile
    import traceback

    say(f"this is a defect in gatekeeper: {type(error).__name__}: {error}")
    try:
        handle, path = tempfile.mkstemp(prefix="gatekeeper-defect-", suffix=".log")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"gatekeeper {__version__}, Python {sys.version}\n{sys.argv}\n")
            traceback.print_exception(error, file=log)
        say(f"please report it with the log {path}")
    except OSError as problem:
        place = traceback.extract_tb(error.__traceback__)[-1]
        say(f"no log could be written ({problem.strerror}): it is in {place.name}:{place.lineno}")
    return Exit.DEFECT
