"""The verdict as annotations of GitHub Actions: `::error file=a.py,line=3::message`.

GitHub shows the first ten errors, ten warnings and ten notices of a step, fifty annotations of a
job, and cuts a message after 4,096 characters; so what is worst stands first, each kind ends at its
limit, and a notice at the end counts what was left out.

Annotated are the shortfalls that do not pass, worst first; what does not block is a warning.

Sources: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands,
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations and, for the
escapes and the length, ActionCommand.cs and ExecutionContext.cs of https://github.com/actions/runner
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.result import Result
from gatekeeper.shortfalls import Shortfall, shortfalls

# Annotations of a kind in a step; characters of a message; lines of a finding; a title.
MOST = 10
_LONGEST = 4096
_LINES = 10
_TITLE = 200


def render(result: Result) -> Iterator[str]:
    """Yield a command per line, as many as a step may show."""
    found = shortfalls(result)
    shown = told(found)
    for shortfall in shown:
        yield _command(_level(shortfall), shortfall)
    counts = Counter(_level(each) for each in found if each.verdict != "pass")
    counts.subtract(map(_level, shown))
    left = [f"{n} more {level}{'s' * (n > 1)}" for level, n in sorted(counts.items()) if n]
    if left:
        yield f"::notice title=gatekeeper::{' and '.join(left)} in the report\n"


def told(found: Iterable[Shortfall]) -> list[Shortfall]:
    """Those of the shortfalls that a step shows: the first errors, then the first warnings."""
    some = [each for each in found if each.verdict != "pass"]
    kinds = ([each for each in some if _level(each) == level] for level in ("error", "warning"))
    return [each for kind in kinds for each in kind[:MOST]]


def _level(shortfall: Shortfall) -> str:
    return "error" if shortfall.verdict in wording.BAD else "warning"


def _command(level: str, shortfall: Shortfall) -> str:
    said = shortfall.message[:_LONGEST].strip().splitlines()[:_LINES] or [shortfall.title]
    place = (shortfall.path, shortfall.line, shortfall.column)
    return command(level, shortfall.rule, (*said, *shortfall.advice), *place)


def command(
    level: str, title: str, lines: Iterable[str], path: str, line: int | None, column: int | None
) -> str:
    """The command, in one line; nothing in it can begin another one."""
    known = {"file": path, "line": line, "col": column, "title": wording.flat(title, _TITLE)}
    properties = ",".join(f"{key}={_property(str(known[key]))}" for key in known if known[key])
    text = "\n".join(escape.line(wording.flat(said)) for said in lines)
    return f"::{level} {properties}::{_data(text[:_LONGEST].strip() or 'no message')}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape.line(text[:_LONGEST])).replace(":", "%3A").replace(",", "%2C")


PLUGIN = Report(api=1, render=render)
