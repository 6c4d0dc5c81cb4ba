"""The folder of post-mortems: every report in it, by its id, and what could not be read.

Reports are Markdown files at any depth below `LEARNING/postmortems`; a README.md there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from posixpath import basename, splitext

from gatekeeper.errors import ConfigurationError, NotMeasured, Problem
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.model import Finding

FOLDER = "postmortems"
# Bytes of a report, unless a check says otherwise.
CAP = 2 * 2**20
_SUFFIXES = (".md", ".markdown")
_NOT_IN_ID = ("/", "\\", "..", "#")

Recall = Callable[[bytes, Callable[[bytes], PostMortem], type[PostMortem]], PostMortem]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Reports by id, in the order of their files; `findings` tell what could not be read."""

    reports: Mapping[str, PostMortem] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def files_of(learning: str, files: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that are reports; `learning` is the folder of all that was learned."""
    start = f"{learning}/{FOLDER}/"
    return tuple(path for path in files if path.startswith(start) and _is_report(path))


def _is_report(path: str) -> bool:
    stem, suffix = splitext(basename(path).lower())
    return suffix in _SUFFIXES and stem != "readme"


def load(
    learning: str,
    files: Iterable[str],
    content: Callable[[str], bytes],
    recall: Recall,
    cap: int = CAP,
) -> Shelf:
    """Read every report among the files.

    `content` gives the bytes of a file, at least one more than `cap` where it has as many, or
    raises NotMeasured with what is wrong with it. Raises NotMeasured where the folder is none, and
    ConfigurationError for ids that cannot be told apart or could be taken for a path.
    """
    files = tuple(files)
    if instead := {learning, f"{learning}/{FOLDER}"}.intersection(files):
        reason = f"{min(instead)} is a link, a submodule or a file, no folder of post-mortems"
        raise NotMeasured(reason, "let the setting `learning` name the folder itself")
    reports, findings = [], []
    for path in files_of(learning, files):
        try:
            report = _read(path, content(path), recall, cap)
        except NotMeasured as why:
            findings.append(_unread(path, 1, why.reason))
        else:
            # Problems and nothing else: it is not known what the report promises.
            if report.problems and not (report.headings or report.action_items):
                findings.append(_unread(path, *report.problems[0]))
            else:
                reports.append(report)
    return Shelf(by_id(reports), tuple(findings))


def _read(path: str, data: bytes, recall: Recall, cap: int) -> PostMortem:
    if len(data) > cap:
        raise NotMeasured(f"is over {cap} bytes: split it, or raise `max-size:`")
    return parsed(path, data, recall)


def parsed(path: str, data: bytes, recall: Recall) -> PostMortem:
    """A report, remembered by its content and the name of its file, which tells id and date."""
    name = basename(path).encode("utf-8", "surrogateescape")
    return replace(recall(name + b"\0" + data, _parse, PostMortem), file=path)


def _parse(named: bytes) -> PostMortem:
    from gatekeeper.learning import reading  # noqa: PLC0415  brings markdown-it along

    name, _, data = named.partition(b"\0")
    return reading.read(data, name.decode("utf-8", "replace"), cap=len(data))


def _unread(path: str, line: int, reason: str) -> Finding:
    """What is not read may promise anything: nothing guards it."""
    message = f"the post-mortem cannot be read, so nothing guards it: {reason}"
    return Finding("unguarded", message, "high", "postmortem", path, line)


def by_id(reports: Iterable[PostMortem]) -> Mapping[str, PostMortem]:
    """The reports by id; ConfigurationError names both places of ids that are hard to tell apart.

    Letter case does not tell two ids apart: file systems and people take them for one.
    """
    found: dict[str, PostMortem] = {}
    problems: list[Problem] = []
    for report in reports:
        if not report.id.strip() or any(part in report.id for part in _NOT_IN_ID):
            hint = "give it an `id:` of letters, digits and dashes in its front matter"
            problems.append(_problem(report, f"`{report.id}` cannot be the id of a report", hint))
        elif (other := found.setdefault(report.id.casefold(), report)) is not report:
            text = f"two post-mortems have the id `{other.id}`"
            if other.id != report.id:
                text = f"the ids `{report.id}` and `{other.id}` differ in letter case only"
            hint = "give one of them another `id:` in its front matter"
            problems.append(_problem(report, f"{text}; the other is at {_place(other)}", hint))
    if problems:
        raise ConfigurationError(tuple(problems))
    return {report.id: report for report in found.values()}


def _problem(report: PostMortem, text: str, hint: str) -> Problem:
    return Problem(report.file, report.lines.get("id", 1), 1, text, hint)


def _place(report: PostMortem) -> str:
    return f"{report.file}:{report.lines.get('id', 1)}"
