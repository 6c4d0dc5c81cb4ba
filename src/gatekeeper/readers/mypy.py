"""Mypy's text output, `path:line: error: message  [code]`, also as dmypy prints it.

Understood are columns, the end of errors, error context, `--pretty` (wrapped messages, source
excerpts), colours, and reports without the summary line. An error is a finding of severity high,
a warning medium. A note explains the error before it and joins its message; one that stands alone
(`reveal_type`) is a finding of severity info, which counts nowhere.

Work is the number of source files that the summary says were checked. Without it, and where errors
prevented further checking, it is the number of files that have errors, which mypy must have read.
Fewer error lines than the summary states mean that the output is not whole: not measured. So is an
internal error of mypy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.adapters import printed
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_SEVERITIES: dict[str, Severity] = {"error": "high", "warning": "medium", "note": "info"}
# path[:line[:column[:end line:end column]]]: severity: message
_LINE = re.compile(
    r"(?P<path>(?:[A-Za-z]:(?=[\\/]))?[^:]+)"
    r"(?::(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?(?::\d{1,9}:\d{1,9})?)?"
    r": (?P<severity>error|warning|note): (?P<message>.*)"
)
_CODE = re.compile(r"[a-z][a-z0-9-]*")
_SUMMARY = re.compile(
    r"Success: no issues found in (?P<clean>\d{1,9}) source files?"
    r"|Found (?P<errors>\d{1,9}) errors? in \d{1,9} files? \("
    r"(?:checked (?P<files>\d{1,9}) source files?|(?P<stopped>errors prevented further checking))\)"
)
_REMEDY = "see what mypy printed; it must write text, not `--output json`, and be left to finish"
_MESSAGE = 1_000
_RULE = 200
_ITEMS = 100_000


@dataclass(slots=True)
class _Item:
    """One error, warning or note, while lines are still added to it."""

    path: str
    line: str | None
    column: str | None
    severity: Severity
    message: str
    code: str = ""

    def extend(self, text: str) -> None:
        """Add text, up to a length nobody reads, and take the error code off its end."""
        message = self.message + text
        head, _, code = message.removesuffix("]").rpartition("[")
        if message.endswith("]") and head[-1:] in (" ", "") and _CODE.fullmatch(code):
            message, self.code = head.rstrip(), code
        self.message = message[:_MESSAGE]


@dataclass(slots=True)
class _Output:
    """What the output has said so far."""

    items: list[_Item] = field(default_factory=list)
    summaries: int = 0
    errors: int = 0
    files: int = 0
    stopped: bool = False
    unknown: str = ""

    def sum_up(self, found: re.Match[str]) -> None:
        """Add what a summary line states; the output of several runs has several."""
        self.summaries += 1
        self.errors += int(found["errors"] or 0)
        self.files += int(found["clean"] or found["files"] or 0)
        self.stopped |= found["stopped"] is not None


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read what mypy printed; raises NotMeasured where it says nothing, or broke off."""
    output = _Output()
    for line in printed.lines(path):
        _take(path, output, line)
    errors = [item for item in output.items if item.severity == "high"]
    _require_whole(path, output, len(errors))
    return Measurement(
        findings=tuple(_finding(item, ctx) for item in _joined(output.items)),
        work={"files": output.files or len({item.path for item in errors})},
        notes=("errors prevented mypy from checking further files",) if output.stopped else (),
    )


def _require_whole(path: Path, output: _Output, errors: int) -> None:
    """Raise NotMeasured where mypy said nothing, or more than its error lines show."""
    if not output.summaries and (output.unknown or not errors):
        begins = f"; it begins: {output.unknown[:200]}" if output.unknown else ""
        raise NotMeasured(f"{path}: is no output of mypy{begins}", _REMEDY)
    if errors < output.errors:
        raise NotMeasured(
            f"{path}: mypy found {output.errors} errors, {errors} of them can be read", _REMEDY
        )


def _take(path: Path, output: _Output, line: str) -> None:
    """Take one line of the output into account."""
    if found := _LINE.fullmatch(line):
        output.items.append(_item(path, found))
        if len(output.items) > _ITEMS:
            raise NotMeasured(f"{path}: more than {_ITEMS} messages", _REMEDY)
    elif found := _SUMMARY.fullmatch(line):
        output.sum_up(found)
    elif not output.items:
        output.unknown = output.unknown or line.strip()
    elif not line.startswith(" ") and not output.items[-1].code:
        # --pretty: the rest of a wrapped message; the source excerpt below it is indented.
        output.items[-1].extend(f" {line}")


def _item(path: Path, found: re.Match[str]) -> _Item:
    """The error, warning or note that a line begins."""
    message = found["message"]
    if message.startswith("INTERNAL ERROR") or (found["path"] == "mypy" and not found["line"]):
        raise NotMeasured(f"{path}: mypy could not work: {message[:_MESSAGE]}", _REMEDY)
    severity = _SEVERITIES[found["severity"]]
    item = _Item(found["path"], found["line"], found["column"], severity, "")
    item.extend(message)
    return item


def _joined(items: list[_Item]) -> list[_Item]:
    """The items, each note joined to the error that it explains; without headings of context."""
    joined: list[_Item] = []
    for item in items:
        if item.severity != "info":
            joined.append(item)
        elif joined and (joined[-1].path, joined[-1].line) == (item.path, item.line):
            joined[-1].message = f"{joined[-1].message}\n{item.message}"[:_MESSAGE]
        elif item.line:
            joined.append(item)
    return joined


def _finding(item: _Item, ctx: ReadContext) -> Finding:
    path = ctx.relative(item.path)
    return Finding(
        rule=item.code[:_RULE] or ("note" if item.severity == "info" else "mypy"),
        message=item.message,
        severity=item.severity,
        category="types",
        path=path,
        line=_number(item.line) if path else None,
        column=_number(item.column) if path else None,
    )


def _number(text: str | None) -> int | None:
    """A line or column, from 1."""
    return int(text or 0) or None


PLUGIN = Reader(
    api=1,
    read=read,
    always=("lint.errors", "lint.warnings"),
    expect={"lint.errors": "== 0"},
)
