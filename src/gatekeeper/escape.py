r"""Make untrusted text harmless where people and machines read it: `\x1b`, `\u202e`.

What Unicode does not call printable is escaped: control characters, with them every ANSI sequence;
what hides or reorders text (bidi controls, zero-width and tag characters, line separators); lone
surrogates and noncharacters, which UTF-8 or XML cannot carry.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Words of real languages need the joiners, and French its no-break space.
_KEPT = "\u200c\u200d\u00a0"
_PLAIN = re.compile(r"[^\W\d_]+(?:(?: |, |-)[^\W\d_]+)*")
_BACKTICKS = re.compile(r"`+")
# RFC 3986 without the characters that no address holds, and the quotes that would end one.
_ADDRESS = re.compile(r"https?://[a-z0-9][!#-;=?-\[\]_a-z~]{0,990}", re.IGNORECASE)
# Only without indentation is it the C code that encodes, ten times as fast.
_JSON = json.JSONEncoder(allow_nan=False)
# GitHub's parser gives up on longer runs than 80.
_MOST_BACKTICKS = 9


def line(text: str) -> str:
    r"""One line that shows what cannot be printed; a newline becomes `\x0a`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _KEPT else _visible(ord(c)) for c in text)


def _visible(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def command(text: str) -> str:
    """One line that a GitHub runner does not take for a workflow command.

    The runner obeys `::name::` at the start of a line, spaces before it ignored, and the older
    `##[name]` anywhere in it (ActionCommand.cs of actions/runner).
    """
    text = text.replace("##[", r"#\x23[")
    body = text.lstrip()
    return text[: len(text) - len(body)] + r"\x3a" + body[1:] if body.startswith("::") else text


def printed(text: str) -> str:
    """One line that controls neither a terminal nor the runner whose log it stands in."""
    return command(line(text))


def link(url: str) -> str:
    """An address that may be followed, for it leads to the web and nowhere else; "" for others."""
    return url if _ADDRESS.fullmatch(url) else ""


def as_json(value: Any) -> str:
    """A JSON value as one line of ASCII, in which a GitHub runner finds no `##[name]`.

    So text that is no valid Unicode survives. Raises ValueError for NaN.
    """
    return _JSON.encode(value).replace("##[", r"#\u0023[")


def markdown(text: str) -> str:
    """One line as GitHub-flavoured Markdown that neither formats, links, mentions nor notifies.

    Plain words stand as they are. All else is a code span, the only place in which GitHub looks for
    no markup, HTML, address, @mention, #123 or commit, and out of which text is copied as it was
    written (https://github.github.com/gfm/#code-spans). In the cell of a table, `|` must not stand.
    """
    text = printed(text)
    if not text or _PLAIN.fullmatch(text):
        return text
    runs = {len(run) for run in _BACKTICKS.findall(text)}
    if max(runs, default=0) > _MOST_BACKTICKS:
        text, runs = text.replace("`", "'"), set()
    fence = "`" * min(set(range(1, _MOST_BACKTICKS + 2)) - runs)
    # One space on each side does not count, unless there is nothing else.
    pad = " " if text.strip() and {text[0], text[-1]} & {*"` "} else ""
    return f"{fence}{pad}{text}{pad}{fence}"
