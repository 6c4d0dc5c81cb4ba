r"""Make untrusted text harmless where people and machines read it: `\x1b`, `\u202e`.

What Unicode does not call printable is escaped: control characters, with them every ANSI sequence;
what hides or reorders text (bidi controls, zero-width and tag characters, line separators); lone
surrogates and noncharacters, which UTF-8 or XML cannot carry.
"""

from __future__ import annotations

# Words of real languages need the joiners, and French its no-break space.
_KEPT = "\u200c\u200d\u00a0"


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
