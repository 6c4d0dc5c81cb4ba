"""gatekeeper incident: record what happened, and list it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from gatekeeper import checkout, codec, escape
from gatekeeper.cli import say
from gatekeeper.cli.table import table
from gatekeeper.config import causes, evidence, folders, load, schema, write
from gatekeeper.config.policy import Incident
from gatekeeper.errors import ConfigurationError, UsageError
from gatekeeper.learning import incidents
from gatekeeper.learning.postmortem import KINDS
from gatekeeper.resolve import incident as resolved

_NUMBERED = re.compile(r"INC-(\d{4})-(\d{1,9})", re.IGNORECASE)
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
# The parts of the impact that are written as they are given.
_IMPACT = ("downtime", "data_loss", "recovery_time", "resource_usage", "users")


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident: the ISO week and the time in which it was detected, and why a report is due.

    `post_mortem` is the id of its report, "" where there is none yet; `due` tells why there should
    be one. Times are ISO 8601 in UTC.
    """

    incident: str
    week: str
    detected: str
    resolved: str
    severity: str
    kind: str
    cause: str
    services: tuple[str, ...]
    regions: tuple[str, ...]
    impact: Mapping[str, str]
    data_loss: bool
    rolled_back: bool
    performance_degraded: bool
    post_mortem: str
    due: tuple[str, ...]
    file: str
    title: str


@dataclass(frozen=True, slots=True)
class IncidentRows:
    """What `incident list --json` prints: the incidents, in the order of their detection."""

    incidents: tuple[IncidentRow, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """An incident in the list for people."""

    week: str
    incident: str
    severity: str
    kind: str
    post_mortem: str
    title: str


@click.group(epilog="Example: gatekeeper incident new --title 'Orders were lost' --severity P0")
def command() -> None:
    """Record incidents, and list them."""


@command.command("new", epilog="Example: gatekeeper incident new --title 'Orders lost'")
@click.option("--title", required=True, help="What happened, in a line.")
@click.option("--id", "id_", metavar="ID", help="Its id; the next free INC-YEAR-NNN by default.")
@click.option("--detected", metavar="TIME", help="When it was noticed; now by default.")
@click.option("--resolved", metavar="TIME", help="When it was over: 2026-03-04T14:02Z, or a date.")
@click.option("--severity", metavar="S", help="P0 to P5, SEV0 to SEV5, critical, high, ...")
@click.option("--kind", type=click.Choice(KINDS), help="What the rule of the four failures asks.")
@click.option(
    "--cause", metavar="WORD", help="The finest word known: redundancy-gaps, communication, ..."
)
@click.option("--downtime", help="How long it was down.")
@click.option("--data-loss", help="What was lost or corrupted; `none` where nothing was.")
@click.option("--recovery-time", help="How long it took to recover.")
@click.option("--resource-usage", help="What it used up.")
@click.option("--users", help="How many users it struck.")
@click.option("--rolled-back", is_flag=True, help="An emergency rollback ended it.")
@click.option("--performance-degraded", is_flag=True, help="Users felt that it was slow.")
@click.option("--service", "services", multiple=True, help="A service that it struck; repeatable.")
@click.option("--region", "regions", multiple=True, help="A region that it struck; repeatable.")
@click.option(
    "--evidence",
    "proofs",
    multiple=True,
    metavar="KIND:PLACE",
    help="What shows how it went, a file or an address: timeline:chat.txt; repeatable.",
)
@click.option("--post-mortem", metavar="ID", help="Its report, if there is one already.")
def new(id_: str | None, detected: str | None, proofs: tuple[str, ...], **given: Any) -> None:
    """Write the record of an incident; print where it is and what comes next."""
    documents = load.load(checkout.find(Path.cwd()).config)
    root, folder = documents.root, f"{documents.settings.learning}/{folders.INCIDENTS}"
    detected = detected or f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"
    taken = [*(one.spec.incident for one in documents.incidents), *_stems(root / folder)]
    id_ = id_ or _next_id(detected, taken)
    content = {
        "incident": id_,
        "title": given.pop("title"),
        "detected": detected,
        **_content(given),
        **({"evidence": [_evidence(root, one) for one in proofs]} if proofs else {}),
    }
    file = f"{folder}/{id_}.yaml"
    text = write.dump(content, "incident")
    record = resolved(load.read(schema.IncidentSpec, file, text.encode()))
    if id_.casefold() in (name.casefold() for name in taken):
        raise UsageError(f"there is an incident {id_} already; `gatekeeper incident list` shows it")
    write.write(root / file, text, root=root)
    click.echo(os.path.relpath(root / file))
    click.echo(escape.line(_next_step(record)))


def _content(given: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a record out of the options that were given, in the order of its schema."""
    impact = {key.replace("_", "-"): given[key] for key in _IMPACT if given[key]}
    places = {
        "resolved": given["resolved"],
        "severity": given["severity"],
        "kind": given["kind"],
        "cause": _cause(given["cause"]) if given["cause"] else None,
        "impact": impact,
        "rolled-back": given["rolled_back"],
        "performance-degraded": given["performance_degraded"],
        "services": list(given["services"]),
        "regions": list(given["regions"]),
        "post-mortem": given["post_mortem"],
    }
    return {key: value for key, value in places.items() if value}


def _cause(word: str) -> dict[str, str]:
    """`redundancy-gaps`, or a whole path, as category, area and focus."""
    *above, last = word.split("/")
    path = causes.path("", "", last)
    if not path or (above and not path.endswith(word)):
        known = dict.fromkeys(name for level in causes.LEVELS for name in causes.words(level))
        raise UsageError(f"unknown cause `{word}`; known are {', '.join(known)}")
    return dict(zip(causes.LEVELS, path.split("/"), strict=False))


def _evidence(root: Path, given: str) -> dict[str, str]:
    """`timeline:FILE` as a record with the digest of the file, or `timeline:URL`."""
    kind, _, place = given.partition(":")
    if not place:
        raise UsageError(f"`{given}`: write KIND:FILE or KIND:URL, such as timeline:chat.txt")
    if re.match(r"[a-z][a-z0-9+.-]+://", place):
        return {"kind": kind, "url": place}
    file = os.path.relpath(place, os.path.realpath(root)).replace(os.sep, "/")
    text, hint = evidence.flaw(root, file, "")
    if text:
        raise UsageError(f"{text}; {hint}")
    return {"kind": kind, "file": file, "sha256": evidence.digest(root / file)}


def _stems(folder: Path) -> Iterator[str]:
    """The ids that files stand for which could not be read, or which a link hides."""
    if folder.is_dir():
        yield from (Path(name).stem for name in os.listdir(folder))


def _next_id(detected: str, taken: list[str]) -> str:
    """`INC-YEAR-NNN` with the number after the highest one of that year."""
    year = detected[:4]
    found = (_NUMBERED.fullmatch(name) for name in taken)
    last = max((int(match[2]) for match in found if match and match[1] == year), default=0)
    return f"INC-{year}-{last + 1:03}"


def _next_step(record: Incident) -> str:
    if record.post_mortem:
        return f"Its post-mortem is {record.post_mortem}."
    command = f"gatekeeper postmortem new --from {record.id}"
    if reasons := incidents.due(record):
        by = incidents.last_day(record, incidents.DAYS)
        return f"A post-mortem is due by {by}, because {' and '.join(reasons)}: {command}"
    return f"No post-mortem is due; to write one all the same: {command}"


@command.command("list", epilog="Example: gatekeeper incident list --week 2026-W11")
@click.option("--week", metavar="WEEK", help="Only those detected in an ISO week: 2026-W11.")
@click.option("--since", metavar="DATE", help="Only those detected on this day or later.")
@click.option("--severity", metavar="S", help="Only those of this severity.")
@click.option("--kind", type=click.Choice(KINDS), help="Only those of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print all about them as JSON.")
def list_(
    week: str | None, since: str | None, severity: str | None, kind: str | None, as_json: bool
) -> None:
    """List the incidents, in the order of their detection, with their ISO weeks."""
    first, last = _span(week, since)

    def asked(one: Incident) -> bool:
        of_severity = not severity or _plain(one.severity) == _plain(severity)
        return of_severity and kind in (None, one.kind)

    found = [one for one in _recorded() if first <= incidents.day(one.detected) <= last]
    rows = tuple(_rows(list(filter(asked, found))))
    if as_json:
        click.echo(json.dumps(codec.encode(IncidentRows(rows)), indent=1))
        return
    if not rows:
        say("there is no such incident; `gatekeeper incident new` records one")
        return
    for line in table(_Line, [_line(row) for row in rows]):
        click.echo(line)


def _span(week: str | None, since: str | None) -> tuple[date, date]:
    """The first and the last day that are asked for."""
    if week and since:
        raise UsageError("--week and --since exclude each other; leave one of them out")
    if week and not _WEEK.fullmatch(week):
        raise UsageError(f"`{week}` is no ISO week: write --week 2026-W11")
    try:
        if week:
            return date.fromisoformat(f"{week}-1"), date.fromisoformat(f"{week}-7")
        return (date.fromisoformat(since) if since else date.min), date.max
    except ValueError as error:
        raise UsageError(f"{week or since}: {error}; write 2026-W11 or 2026-03-09") from None


def _plain(severity: str) -> str:
    return severity.casefold().replace("-", "")


def _recorded() -> list[Incident]:
    """The incidents by time; the gates may be broken, the incidents may not."""
    documents = load.load(checkout.find(Path.cwd()).config)
    folder = f"{documents.settings.learning}/{folders.INCIDENTS}/"
    if wrong := [problem for problem in documents.problems if problem.file.startswith(folder)]:
        raise ConfigurationError(tuple(wrong))
    return sorted(map(resolved, documents.incidents), key=lambda one: (one.detected, one.id))


def _rows(found: list[Incident]) -> Iterator[IncidentRow]:
    due = {one.id: incidents.due(one) for one in found}
    reports = _reports() if any(due[one.id] and not one.post_mortem for one in found) else {}
    for one in found:
        yield IncidentRow(
            incident=one.id,
            week=incidents.week(one),
            detected=one.detected,
            resolved=one.resolved,
            severity=one.severity,
            kind=one.kind,
            cause=one.cause,
            services=one.services,
            regions=one.regions,
            impact=one.impact,
            data_loss=one.data_loss,
            rolled_back=one.rolled_back,
            performance_degraded=one.performance_degraded,
            post_mortem=one.post_mortem or reports.get(one.id.casefold(), ""),
            due=due[one.id],
            file=one.position.file if one.position else "",
            title=one.title,
        )


def _reports() -> Mapping[str, str]:
    """Incident -> the report that names it; reading reports takes time."""
    from gatekeeper.cli.postmortems import here

    reports = here(checkout.find(Path.cwd())).reports.values()
    return {report.incident.casefold(): report.id for report in reports if report.incident}


def _line(row: IncidentRow) -> _Line:
    report = row.post_mortem or ("due" if row.due else "")
    return _Line(row.week, row.incident, row.severity, row.kind, report, row.title)
