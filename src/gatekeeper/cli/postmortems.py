"""gatekeeper postmortem new, lint, list, show: begin, mend and read reports on incidents."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from gatekeeper import checkout, codec, escape
from gatekeeper.cache import Cache
from gatekeeper.cli import say
from gatekeeper.cli.read import Located, located
from gatekeeper.cli.table import table
from gatekeeper.config import write
from gatekeeper.config.policy import Incident
from gatekeeper.config.settings import settings
from gatekeeper.errors import Exit, NotMeasured, UsageError, suggest
from gatekeeper.learning import lint as rules
from gatekeeper.learning import shelf, template
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.learning.tree import at
from gatekeeper.model import Finding, Severity

_BAD: frozenset[Severity] = frozenset({"critical", "high", "medium", "unknown"})
_UNREADABLE = rules.RULES[0].name


@dataclass(frozen=True, slots=True)
class Row:
    """A report in the list: `items` are its action items, `open` those that are not done."""

    id: str
    date: str | None
    severity: str | None
    kind: str | None
    items: int
    open: int
    file: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What `postmortem list --json` prints: the reports, and what could not be read."""

    reports: tuple[Row, ...]
    findings: tuple[Located, ...]


@dataclass(frozen=True, slots=True)
class Linted:
    """What `postmortem lint --json` prints: how many reports were read, and what is to be mended.

    `switched_off` are the rules that did not look.
    """

    reports: int
    switched_off: tuple[str, ...]
    findings: tuple[Located, ...]


@click.command(
    "show",
    short_help="Show what is read of a report.",
    epilog="Example: gatekeeper postmortem show PM-2026-003 --json",
)
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print all that was read as JSON.")
def show(file: str, as_json: bool) -> None:
    """Show what is read of a report: FILE is a path, or the id of one of this repository."""
    report = _report(file)
    if rules.is_unreadable(report):
        line, reason = report.problems[0]
        raise NotMeasured(f"{file}:{line}: {reason}", "mend the file, or name another")
    if as_json:
        click.echo(json.dumps(asdict(report), indent=1))
        return
    from gatekeeper.cli.page import page

    for text in page(report):
        click.echo(text)


@click.command(
    "list",
    short_help="List the reports of this repository.",
    epilog="Example: gatekeeper postmortem list",
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def list_(as_json: bool) -> None:
    """List the reports of this repository."""
    found = here(checkout.find(Path.cwd()))
    rows = tuple(_row(report) for report in found.reports.values())
    if as_json:
        listed = Listed(rows, tuple(map(located, found.findings)))
        click.echo(json.dumps(codec.encode(listed), indent=1))
    elif rows:
        for line in table(Row, rows):
            click.echo(line)
    else:
        say("there is no post-mortem yet; `gatekeeper postmortem new` begins one")
    for finding in found.findings:
        say(f"{finding.path}: {finding.message}")


def _row(report: PostMortem) -> Row:
    still = sum(not item.done for item in report.action_items)
    return Row(
        report.id,
        report.date,
        report.severity,
        report.kind,
        len(report.action_items),
        still,
        report.file,
        report.title,
    )


@click.command(
    "lint",
    short_help="Say what is to be mended in reports.",
    epilog="Example: gatekeeper postmortem lint --without no-due-date",
)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option(
    "--without",
    multiple=True,
    metavar="RULE",
    help="Leave a rule out; may be given several times. `gatekeeper explain RULE` tells of one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def lint(files: tuple[str, ...], without: tuple[str, ...], as_json: bool) -> int:
    """Say what is to be mended in reports: each FILE, else all of this repository.

    Exits with 1 where a finding is of severity high or medium, with 3 where a report cannot be
    read; what is low is only shown.
    """
    _refuse_unknown(without)
    reports, findings = _asked(files)
    if not reports and not findings:
        raise NotMeasured("there is no post-mortem to lint", "begin one: gatekeeper postmortem new")
    findings += [f for report in reports for f in rules.lint(report, frozenset(without))]
    examined = len(reports)
    if as_json:
        found = Linted(examined, tuple(without), tuple(map(located, findings)))
        click.echo(json.dumps(codec.encode(found), indent=1))
    else:
        for line in _told(findings, examined):
            click.echo(escape.line(line))
    return _exit(findings)


def _refuse_unknown(names: tuple[str, ...]) -> None:
    """What cannot be read cannot be left out either."""
    known = [rule.name for rule in rules.RULES if rule.name != _UNREADABLE]
    for name in names:
        if name not in known:
            raise UsageError(f"there is no rule `{name}` to leave out; {suggest(name, known)}")


def _asked(files: tuple[str, ...]) -> tuple[list[PostMortem], list[Finding]]:
    """The reports to lint, and what could not be read."""
    if files:
        return [_report(file) for file in files], []
    found = here(checkout.find(Path.cwd()))
    unread = [
        Finding(_UNREADABLE, f.message, f.severity, f.category, f.path, f.line)
        for f in found.findings
    ]
    return [*found.reports.values()], unread


def _told(findings: list[Finding], examined: int) -> Iterator[str]:
    for finding in findings:
        place = f"{finding.path}:{finding.line}"
        yield f"{place}: {finding.severity}: {finding.message} [{finding.rule}]"
    bad = sum(finding.severity in _BAD for finding in findings)
    minor = len(findings) - bad
    reports = "1 post-mortem" if examined == 1 else f"{examined} post-mortems"
    yield f"{reports}: {bad} to mend, {minor} minor"


def _exit(findings: list[Finding]) -> Exit:
    if any(finding.rule == _UNREADABLE for finding in findings):
        return Exit.NOT_MEASURED
    bad = any(finding.severity in _BAD for finding in findings)
    return Exit.FAILED if bad else Exit.PASSED


@click.command(
    "new",
    short_help="Begin a report from the house template.",
    epilog="Example: gatekeeper postmortem new --from INC-2026-007",
)
@click.option("--from", "incident", metavar="INCIDENT", help="Fill in what an incident tells.")
@click.option("--title", default="", help="The title of the report.")
def new(incident: str | None, title: str) -> None:
    """Begin a report from the house template, with the next free id; print where it is."""
    place = checkout.find(Path.cwd())
    root = place.root
    folder = root / settings(root).learning / shelf.FOLDER
    reports = here(place).reports
    record = _unreported(incident, place, reports.values()) if incident else None
    what = template.known(record) if record else template.Known()
    year = int(what.date[:4]) if record else datetime.now(UTC).year
    id_ = record.post_mortem if record else ""
    id_ = id_ or template.next_id(year, [*reports, *_stems(folder)])
    path = folder / f"{id_}.md"
    write.write(path, template.render(id_, replace(what, title=title or what.title)), root=root)
    click.echo(os.path.relpath(path))
    click.echo(f"Fill it in, then: gatekeeper postmortem lint {id_}")


def _stems(folder: Path) -> Iterator[str]:
    """The ids that files stand for which could not be read."""
    if folder.is_dir():
        yield from (Path(name).stem for name in os.listdir(folder))


def _unreported(name: str, place: checkout.Checkout, reports: Iterable[PostMortem]) -> Incident:
    """An incident without a report; UsageError where there is none of that name, or it has one."""
    from gatekeeper.config import load
    from gatekeeper.resolve import incident

    documents = load.load(place.config)
    found = {one.spec.incident: one for one in documents.incidents}
    if name not in found:
        hint = suggest(name, found) or "`gatekeeper incident list` shows them"
        raise UsageError(f"there is no incident `{name}`; {hint}")
    record = incident(found[name])
    for report in reports:
        if report.incident == name or report.id == record.post_mortem:
            raise UsageError(f"the incident {name} has a post-mortem already: {report.file}")
    return record


def here(place: checkout.Checkout) -> shelf.Shelf:
    """The reports of a repository."""
    learning = settings(place.config).learning
    return shelf.load(learning, place.files, at(place).content, Cache().recall)


def _report(name: str) -> PostMortem:
    """The report at a path, else the one of an id; UsageError where there is neither."""
    if os.path.isfile(name):
        return _read(name)
    reports = here(checkout.find(Path.cwd())).reports
    found = {report.id.casefold(): report for report in reports.values()}
    if report := found.get(name.casefold()):
        return report
    hint = suggest(name, [report.id for report in found.values()])
    raise UsageError(
        f"there is no file `{name}` and no post-mortem of that id; {hint}".rstrip("; ")
    )


def _read(path: str) -> PostMortem:
    """The report in a file, wherever it is; over the cap, nothing of it is read."""
    from gatekeeper.learning import reading

    with open(path, "rb") as stream:
        data = stream.read(shelf.CAP + 1)
    if len(data) > shelf.CAP:
        problem = (1, f"it is larger than {shelf.CAP // 2**20} MiB")
        return PostMortem(Path(path).stem, path, problems=(problem,))
    return reading.read(data, path)


COMMANDS: dict[str | None, click.Command] = {one.name: one for one in (new, lint, list_, show)}
