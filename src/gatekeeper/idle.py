"""`idle:`: words in a tool's output that mean it examined nothing.

RE2, because the output is hostile and may be long: linear time, no look-around. `REGEX` must not
occur; `!REGEX` must. A pattern is looked for in all of the output; `^` and `$` are ends of lines.
"""

from __future__ import annotations

from collections.abc import Sequence


def problem(pattern: str) -> str:
    """What is wrong with a pattern, "" if nothing."""
    import re2  # noqa: PLC0415  costs time that most runs need not spend

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(_regex(pattern), options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        return f"RE2 refuses `{pattern}`: {reason} (it knows no look-around)"
    return ""


def said(patterns: Sequence[str], output: str) -> str:
    """Why the output means that nothing was examined, "" where it does not."""
    if not patterns:
        return ""
    import re2  # noqa: PLC0415

    for pattern in patterns:
        match = re2.search(_regex(pattern), output)
        if pattern.startswith("!"):
            if not match:
                return f"its output holds no `{pattern[1:]}`"
        elif match:
            return f"it says `{match[0].strip()}`"
    return ""


def _regex(pattern: str) -> str:
    return f"(?m){pattern.removeprefix('!')}"
