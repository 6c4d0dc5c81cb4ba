"""Shell scripts of workflow steps: do they run the gates, and does their verdict still count?

This reads the commands of a script and the operators between them, not the shell's whole grammar;
what it cannot take apart it says so of. How GitHub starts the shells:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)+)
    | (?P<comment>\#[^\n]*)
    | (?P<operator>\|\||&&|\|&|;;|&>>?|[<>]+[&|]?|[|&;()\n])
    | (?P<word>(?:[^\s|&;()<>'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)""",
    re.VERBOSE | re.DOTALL,
)
_EXPRESSION = re.compile(r"\$\{\{.{0,1000}?\}\}", re.DOTALL)
_QUOTES = re.compile(r"\\(.)|['\"]", re.DOTALL)
_CALL = re.compile(r"\bgatekeeper['\"]?[ \t]+run\b")
_PARTIAL = re.compile(
    rf"{_CALL.pattern}(?:[ \t]+\w|(?:\\\n|[^\n|&;]){{0,500}}\s--(?:changed-since|only|failed)\b)"
)
_ENDS = frozenset({"|", "|&", "||", "&&", "&", ";", ";;", "(", ")", "\n"})
_LIST_ENDS = frozenset({";", ";;", "\n"})
_PRINTS = frozenset({"echo", "printf", "cat", ":"})
_ASKS = frozenset({"if", "elif", "while", "until"})
_CLOSERS = frozenset({"}", "fi", "done", "esac"})
# Words that end a script, or a list of commands, as failed.
_FAILS = re.compile(r"(?:^|[ ])(?:(?:exit|return) (?:[1-9]|\$)|false$)", re.MULTILINE)
_MAX_CALLS = 20  # of the gates in one script, each looked at with all that follows
_STORES = re.compile(r"\w+=\$\?")


@dataclass(frozen=True, slots=True)
class Shell:
    """What a shell does by itself: `stops` at the first failure; heeds each part of a `pipe`."""

    stops: bool
    pipe: bool


@dataclass(frozen=True, slots=True)
class _Command:
    """The words of a command, and the operators before and after it."""

    words: tuple[str, ...]
    before: str
    after: str

    @property
    def judges(self) -> bool:
        """Whether it runs the gates."""
        pairs = zip(self.words, self.words[1:], strict=False)
        called = any(a.rpartition("/")[2] == "gatekeeper" and b == "run" for a, b in pairs)
        return called and self.words[0] not in _PRINTS


def shell(name: str, *, windows: bool = False) -> Shell:
    """The shell that GitHub starts for `shell: NAME`; "" is its default."""
    known = {
        "": Shell(stops=not windows, pipe=windows),
        "bash": Shell(stops=True, pipe=True),
        "sh": Shell(stops=True, pipe=False),
    }
    if name in known:
        return known[name]
    words = name.split() or [name]
    if words[0].startswith(("pwsh", "powershell")):
        return Shell(stops=False, pipe=True)
    flags = "".join(word for word in words[1:] if re.fullmatch("-[a-zA-Z]+", word))
    return Shell(stops="e" in flags, pipe="pipefail" in words)


def judges(text: str) -> bool:
    """Whether a script runs the gates; where it cannot be taken apart, whether it seems to."""
    if not _CALL.search(text):
        return False
    commands = _commands(text)
    return commands is None or any(command.judges for command in commands)


def stage(text: str) -> str:
    """The stage at which a script judges, "" where it does not say so in plain words."""
    if "--stage" not in text:
        return "ci"  # what gatekeeper takes where the variable CI is set
    found = re.search(r"--stage[= ]['\"]?(push|ci|deploy)\b", text)
    return found[1] if found else ""


def partial(text: str) -> bool:
    """Whether a script names gates, checks or a base, and so judges a part only."""
    return bool(_PARTIAL.search(text))


def flaws(text: str, started: Shell) -> tuple[str, ...] | None:
    """How a script passes where the gates fail; None: it cannot be taken apart."""
    commands = _commands(text)
    if commands is None or sum(command.judges for command in commands) > _MAX_CALLS:
        return None
    return tuple(_flaws(commands, started))


def _flaws(commands: Sequence[_Command], started: Shell) -> Iterator[str]:
    stops, pipe = started.stops, started.pipe
    for n, command in enumerate(commands):
        if command.words[:1] == ("set",):
            stops, pipe = _options(command.words[1:], stops=stops, pipe=pipe)
        elif command.judges and (flaw := _flaw(commands, n, Shell(stops, pipe))):
            yield flaw


def _options(words: Sequence[str], *, stops: bool, pipe: bool) -> tuple[bool, bool]:
    """What `set` changes.

    https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html
    """
    for word, following in zip(words, (*words[1:], ""), strict=True):
        on = word.startswith("-")
        if on or word.startswith("+"):
            stops = on if "e" in word or following == "errexit" else stops
            pipe = on if following == "pipefail" else pipe
    return stops, pipe


def _flaw(commands: Sequence[_Command], n: int, shell: Shell) -> str:
    """Why the failure of a command is lost, "" if it is not."""
    command, rest = commands[n], commands[n + 1 :]
    if command.words[0] == "!":
        return "`!` turns its verdict round"
    if command.words[0] in _ASKS:
        asked = f"`{command.words[0]}` takes its failure for an answer"
        return "" if _fails(rest) else f"{asked}, and nothing below fails"
    if command.before == "(" and n and commands[n - 1].words[-1:] == ("$",):
        return "its failure is lost inside `$(...)`"
    return _lost(command.after, rest, shell)


def _lost(operator: str, rest: Sequence[_Command], shell: Shell) -> str:
    """Why a failure is lost by what follows, the operators of one list after the other."""
    while operator not in _LIST_ENDS:
        if operator == "||":
            return "" if _kept(rest) else "`||` lets the step pass where it fails"
        if flaw := _dropped(operator, shell):
            return flaw
        if operator == "&&":
            shell = Shell(stops=False, pipe=shell.pipe)  # the shell stops for the last of a list
        if not rest:
            return ""
        operator, rest = rest[0].after, rest[1:]
    return "" if shell.stops else _overruled(rest)


def _overruled(rest: Sequence[_Command]) -> str:
    """Why a failure at which the shell does not stop is lost, "" if nothing comes after it."""
    after = [command for command in rest if command.words and command.words[0] not in _CLOSERS]
    if not after or _kept(after):
        return ""
    return "the shell goes on where it fails, and another command decides how the step ends"


def _dropped(operator: str, shell: Shell) -> str:
    """Why nobody hears of a failure before an operator, "" if someone does."""
    if operator == "&":
        return "`&` sends it into the background, and nobody waits for its verdict"
    if operator in ("|", "|&") and not shell.pipe:
        return "its failure is lost in the pipe, because the shell runs without pipefail"
    return ""


def _kept(rest: Sequence[_Command]) -> bool:
    """Whether what follows a failure at once fails too, or stores it for an `exit` below."""
    first = next((command for command in rest if command.words), None)
    if first is None:
        return False
    if first.words[0] == "{" or _STORES.fullmatch(first.words[0]):
        return _fails(rest)
    return first.words == ("exit",) or _fails([first])


def _fails(commands: Sequence[_Command]) -> bool:
    return bool(_FAILS.search("\n".join(" ".join(command.words) for command in commands)))


def _commands(text: str) -> tuple[_Command, ...] | None:
    """The commands of a script in their order; None where it cannot be taken apart."""
    text = _EXPRESSION.sub("EXPRESSION", text)
    found: list[_Command] = []
    words: list[str] = []
    before, at = "\n", 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        at = token.end()
        if token["word"]:
            words.append(_QUOTES.sub(lambda quoted: quoted[1] or "", token["word"]))
        elif (end := token["operator"]) in _ENDS and (words or end != "\n"):
            # An empty line ends nothing: a command may go on below its `||`, `&&` or `|`.
            found.append(_Command(tuple(words), before, end))
            words, before = [], end
    if words:
        found.append(_Command(tuple(words), before, "\n"))
    return tuple(found)
