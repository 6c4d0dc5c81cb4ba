r"""pattern: forbid or require a regular expression in files.

    - check: no-breakpoints
      type: pattern
      files: ["src/**/*.py"]
      with: {forbid: '^\s*breakpoint\(', message: remove the breakpoint before merging}

`files:` says where. Under `with:` stands one of

* `forbid: REGEX`: each match is a finding at its path, line and column;
* `require: REGEX`: each file without a match is a finding at its first line;

and, where wanted,

* `message:` what to do about it;
* `severity:` `critical high medium low`, by default `high`. What is medium or low counts in
  `lint.warnings`, which blocks only where a condition says so;
* `category:` `lint format types weakness misconfiguration secret licence`, by default `lint`. A
  check of one of the last four names its metric: `measures: [secrets.total]`;
* `may-skip: [GLOB]` files that need not be readable, such as images. Any other file that is no
  UTF-8 text (binary, UTF-16, a link, a Git LFS pointer, too large) is an error.

The expression is RE2 (https://github.com/google/re2/wiki/Syntax): linear time, no look-around, no
backreferences. It sees the whole file; `^` and `$` stand for the ends of lines, `\A` and `\z` for
those of the file; `.` is no line end unless the expression starts with `(?s)`; `(?i)` ignores case.
`$` stands before `\n` only: write `\r?$` where lines may end in `\r\n`. A byte order mark is no
part of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper.adapters import utf8
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.model import Finding, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

# More findings help nobody; leaving some out would make the count a lie.
_MAX_FINDINGS = 10_000


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold; see the manual page above."""

    forbid: str | None = None
    require: str | None = None
    message: str = ""
    severity: Literal["critical", "high", "medium", "low"] = "high"
    category: Literal[
        "lint", "format", "types", "weakness", "misconfiguration", "secret", "licence"
    ] = "lint"
    may_skip: tuple[str, ...] = ()

    def problem(self) -> str:
        """What is wrong with the values, "" if nothing."""
        import re2  # noqa: PLC0415  costs time that most runs need not spend

        if (self.forbid is None) == (self.require is None):
            return "write either `forbid: REGEX` or `require: REGEX`"
        try:
            empty = _compile(self).search("")
        except re2.error as error:
            reason = error.args[0].decode(errors="replace")
            return f"RE2 refuses `{self.regex}`: {reason} (it knows no look-around)"
        except UnicodeEncodeError:
            return "the expression holds half a surrogate pair, which no file can hold"
        if empty:
            return (
                f"`{self.regex}` matches the empty text, and so everything: say what must be there"
            )
        return ""

    @property
    def regex(self) -> str:
        """The expression, whatever it is for."""
        return (self.require if self.forbid is None else self.forbid) or ""


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Search each selected file; the work is the number of files really searched."""
    regex = _compile(params)
    findings: list[Finding] = []
    examined = 0
    for path in ctx.files:
        if (text := _read(path, ctx)) is None:
            continue
        examined += 1
        for line, column in _places(regex, text, required=params.forbid is None):
            findings.append(_finding(params, ctx.check.id, path, line, column))
            if len(findings) > _MAX_FINDINGS:
                raise NotMeasured(
                    f"`{params.regex}` gives over {_MAX_FINDINGS} findings in {examined} files",
                    "narrow the expression, or `files:`",
                )
    return Measurement(findings=tuple(findings), work={"files": examined})


def _compile(params: Params) -> Any:
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return re2.compile(f"(?m){params.regex}", options)


def _read(path: str, ctx: CheckContext) -> str | None:
    stream = ctx.open(path)
    if stream is None:
        return None
    with stream:
        data = stream.read()
    try:
        return utf8.decode(data)
    except utf8.NotText as why:
        ctx.skip(path, str(why))
        return None


def _places(regex: Any, text: str, *, required: bool) -> Iterator[tuple[int, int | None]]:
    """Line and column of each finding; both start at 1, columns are characters."""
    if required:
        if regex.search(text) is None:
            yield 1, None
        return
    line, start, seen = 1, 0, 0
    for match in regex.finditer(text):
        line += text.count("\n", seen, match.start())
        start = text.rfind("\n", seen, match.start()) + 1 or start
        seen = match.start()
        yield line, seen - start + 1


def _finding(params: Params, rule: str, path: str, line: int, column: int | None) -> Finding:
    said = (
        f"nothing matches `{params.require}`: add what the check asks for"
        if params.forbid is None
        else f"`{params.forbid}` matches: remove what the check forbids"
    )
    return Finding(
        rule=rule,
        message=params.message or said,
        severity=params.severity,
        category=params.category,
        path=path,
        line=line,
        column=column,
    )


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=("lint.errors", "lint.warnings"),
    sometimes=(
        "secrets.total",
        "licences.denied",
        *(
            f"vulnerabilities.{s}"
            for s in ("critical", "high", "medium", "low", "unknown", "total")
        ),
    ),
    expect={
        "lint.errors": "== 0",
        "secrets.total": "== 0",
        "licences.denied": "== 0",
        "vulnerabilities.critical": "== 0",
        "vulnerabilities.high": "== 0",
    },
    needs=("files",),
    refuses=("whole", "version", "cwd", "env", "batch"),
)
