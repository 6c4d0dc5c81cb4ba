"""PyYAML's syntax errors in words for the author of the file.

PyYAML says what its scanner expected; a person wants to know what they wrote that YAML reads in
another way, and what to write instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

Mark = tuple[int, int]
"""Line and column, from 1."""

_MAX_EXCERPT = 60
_END = re.compile(r"\s+#|\s+$")
_END_IN_FLOW = re.compile(r"\s*[,\]}]|\s+#|\s+$")
# What PyYAML says (libyaml | pure Python); whether the start of the construct is the place to show,
# rather than where reading failed; the words for people, and what to do.
_SYNTAX = [
    (re.compile(pattern), at_start, message, hint)
    for pattern, at_start, message, hint in (
        (
            "block scalar: (did not find )?expected (a )?(comment|chomping)",
            True,
            "`{char}` starts a block of text in the lines below, yet more follows in this line",
            "{quoting}",
        ),
        ("cannot start any token", False, "`{char}` cannot start plain text", "{quoting}"),
        ("violates indentation", False, "wrong indentation", "use spaces only"),
        (
            "(scanning|parsing) an? (alias|anchor|tag)|tag handle",
            True,
            "`{char}` has a meaning of its own in YAML and cannot start plain text",
            "{quoting}",
        ),
        (
            "mapping values are not allowed",
            False,
            "a key and its `:` cannot stand here",
            "quote text that holds `: `, and let the keys of one mapping start in one column",
        ),
        (
            "could not find expected ':'",
            True,
            "this is neither `key: value` nor an item of a list",
            "write a space after the `:` of a key, and indent text that goes on in the next line",
        ),
        (
            "quoted scalar: found unexpected (end|document)",
            True,
            "the quote that opens here is never closed",
            "",
        ),
        (
            "unknown escape|escape sequence|hexdecimal|invalid Unicode",
            False,
            "this escape does not exist in double quotes",
            "use single quotes for regular expressions and Windows paths",
        ),
        (
            "expected (the )?node content",
            False,
            "a value is missing here",
            "write it, and check that each closing bracket has an opening one",
        ),
        (
            "expected '?<document start>",
            False,
            "this follows the end of the file's value",
            "check the indentation, and that nothing follows a closing quote or bracket",
        ),
        (
            "flow (mapping|sequence)",
            False,
            "a comma or a closing bracket is missing for the bracket in line {line}",
            "quote text that holds one of `, [ ] {{ }}`",
        ),
        (
            "block (mapping|collection|sequence)",
            False,
            "this does not belong to the mapping or list that starts in line {line}",
            "check the indentation, and that nothing follows a closing quote or bracket",
        ),
    )
]


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[Mark, str, str]:
    """The place, the message and the hint for an error of PyYAML's scanner or parser."""
    wording = f"{error.context or ''}: {error.problem or ''}".removeprefix(": ")
    place, start = mark_of(error.problem_mark, lines), mark_of(error.context_mark, lines)
    found = (row for row in _SYNTAX if row[0].search(wording))
    _, at_start, message, hint = next(found, (None, False, "{wording}", ""))
    at_end = not any(lines[place[0] - 1 :])
    mark = start if at_start or at_end else place
    text = excerpt(lines, mark)
    if text.startswith("\t"):
        message, hint = "a tab stands here, where only spaces may indent", "use spaces only"
    fill = {"char": text[:1], "quoting": quoting(text), "line": start[0], "wording": wording}
    return mark, message.format_map(fill), hint.format_map(fill)


def excerpt(lines: Sequence[str], mark: Mark) -> str:
    """The source from a place to the probable end of the text that its author means, shortened."""
    line, column = mark
    source = lines[line - 1] if line <= len(lines) else ""
    end = _END_IN_FLOW if re.search(r"[\[{]", source[: column - 1]) else _END
    return end.split(source[column - 1 :][:_MAX_EXCERPT], maxsplit=1)[0]


def quoting(text: str) -> str:
    """The advice to quote a text, with the text quoted."""
    quote = "'" if "\\" in text or '"' in text else '"'
    quoted = quote + (text.replace("'", "''") if quote == "'" else text) + quote
    if text.startswith((">", "!=")):
        return f"quote the condition: {quoted}"
    return f"quote text that starts with `{text[:1]}`: {quoted}"


def mark_of(mark: Any, lines: Sequence[str]) -> Mark:
    """A place as PyYAML gives it, never beyond the end of the text.

    libyaml ends each text with a line break of its own.
    """
    if mark is None:
        return 1, 1
    if mark.line >= len(lines):
        return len(lines), len(lines[-1]) + 1
    return mark.line + 1, mark.column + 1
