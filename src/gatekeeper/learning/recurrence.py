"""Signals that a failure has come back. Pure.

* Two reports cite the same ticket. An issue, a pull request or the key of a tracker is a ticket; a
  page, a dashboard, a chat or a status page is none. What more than a tenth of the reports cite
  (and more than eight) belongs to how reports are written, not to what happened.
* Two reports have the same title, dates, ids and words such as "incident report" aside. A title
  that the name of the report's own file gives the lie was copied with another report.
* One report names another: its id, or its file.
* Two incidents have the same cause, at least down to its area, and a service in common.

Each later report gets one finding, which names the earlier ones, their action items and what became
of them. What is later tells the day of the incident, then the name of the file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gatekeeper.config.policy import Incident
from gatekeeper.learning.links import Link, Report
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.model import Finding

# A ticket cited by more reports than these, and this part of all, tells nothing.
_GENERIC, _GENERIC_PART = 8, 0.1
_TRACKED = re.compile(
    r"https?://[^/\s]+/(?P<where>[^?#\s]*?)(?:/-)?"
    r"/(?:issues|pull|pulls|merge_requests|tickets|work_items)/(?P<number>\d+)(?![\w.])"
)
_BUG = re.compile(r"(?:https?://\S+/show_bug\.cgi\?id=|bug\s#?)(?P<number>\d+)", re.IGNORECASE)
# The key of a tracker in an address (/browse/OPS-12), or alone; a lone one of a single digit is
# rather an item of a list.
_KEY = re.compile(r"(?:https?://\S*/(?:browse|issue|t)/)?(?P<key>[A-Z][A-Z0-9]{1,9}-\d{2,9})(?!\w)")
_NUMBER = re.compile(r"#\d{2,9}|[\w.-]+/[\w.-]+#\d+")
# Written like the key of a ticket, and none.
_NO_KEY = re.compile(
    r"(?:UTF|SHA|ISO|RFC|CVE|CWE|AES|RSA|TLS|SSL|HTTP|IPV|ECMA|UTC|GMT|PM|INC|AI|SEV|COVID)-"
)
_DATED = re.compile(
    r"\d{1,4}([-./])\d{1,2}\1\d{1,4}|\d{1,2}:\d{2}(?::\d{2})?"
    r"|[A-Z]{2,}-\d[\d-]*|#?\b\d+(?:st|nd|rd|th)?\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
# What titles say of any incident.
_PLAIN = re.compile(
    r"""
      incidents? | outage | reports? | retro | retrospective | review | rca | summary | postmortem
    | post | mortem | pm | title | template | root | cause | analysis | date | draft
    | an | and | at | by | due | for | from | in | of | on | or | the | to | with | between
    | [a-z] | utc | gmt | [pmceb][sde]?t | [ce]est | am
    | jan(?:uary)? | feb(?:ruary)? | mar(?:ch)? | apr(?:il)? | may | june? | july? | aug(?:ust)?
    | sept?(?:ember)? | oct(?:ober)? | nov(?:ember)? | dec(?:ember)?
    | (?:mon|tues|wednes|thurs|fri|satur|sun)day | [0-9]+
    | störung | ausfall | vorfall | bericht | rapport | panne | incidente | informe | relatório
    """,
    re.VERBOSE,
)
# Characters that make a title of one word specific, in scripts without spaces.
_LONG_WORD = 4
_DOCUMENTS = (".md", ".markdown", ".html")
_NO_NAME = re.compile(r"[^-_0-9]*")
_TITLE = 300  # characters of a title that are looked at
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Return:
    """Two reports, or incidents, on what seems to be one failure, and why it seems so."""

    earlier: str
    later: str
    signal: str


def findings(
    reports: Mapping[str, PostMortem],
    linked: Mapping[str, Report],
    incidents: Sequence[Incident] = (),
) -> tuple[Finding, ...]:
    """A finding for each report or incident that comes after another of the same failure.

    `linked` are the same reports with the states of their action items, by id.
    """
    seen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in (*among_reports(reports, linked), *among_incidents(incidents, reports.values())):
        signals = seen[one.later][one.earlier]
        if one.signal not in signals:
            signals.append(one.signal)
    places = {incident.id: incident for incident in incidents}
    return tuple(
        _finding(later, earlier, reports, linked, places) for later, earlier in seen.items()
    )


def among_reports(
    reports: Mapping[str, PostMortem], linked: Mapping[str, Report]
) -> Iterator[Return]:
    """What the reports themselves show; of many with one signal, each and the one before it."""
    days = {id_: report.date or "" for id_, report in reports.items()}
    days |= {id_: report.day for id_, report in linked.items()}
    ranked = sorted(reports.values(), key=lambda report: (days[report.id], report.file))
    for signal, ids in _shared(ranked):
        yield from (Return(earlier, later, signal) for earlier, later in pairwise(ids))
    yield from _naming(ranked)


def _naming(ranked: Sequence[PostMortem]) -> Iterator[Return]:
    """The reports, in order, of which one names the other."""
    rank = {report.id: n for n, report in enumerate(ranked)}
    names = _names(ranked)
    for report in ranked:
        for reference in report.references:
            other = names.get(_name(reference), report.id)
            if rank[other] < rank[report.id]:
                yield Return(other, report.id, "it names that report")
            elif other != report.id:
                yield Return(report.id, other, "that report names it")


def _shared(ranked: Sequence[PostMortem]) -> Iterator[tuple[str, Sequence[str]]]:
    """The tickets and titles that several reports have in common, with their ids in order."""
    bearing: dict[str, list[str]] = defaultdict(list)
    for report in ranked:
        for ticket in tickets_of(report.references):
            bearing[f"both cite {ticket}"].append(report.id)
        title = title_of(report.title or "")
        if title and not _is_stale(title, report.file):
            bearing[f"both are titled `{title}`"].append(report.id)
    limit = max(_GENERIC, len(ranked) * _GENERIC_PART)
    yield from ((signal, ids) for signal, ids in bearing.items() if 1 < len(ids) <= limit)


def _is_stale(title: str, file: str) -> bool:
    """Whether the name of the file is about something else: the title came with a copied report."""
    words, named = set(title.split()), set(title_of(_name(file), least=1).split())
    return bool(named) and len(words & named) <= min(len(words), len(named)) / 2


def tickets_of(references: Iterable[str]) -> tuple[str, ...]:
    """The tickets among references, each in one form: `org/repo#12`, `OPS-12`, `#12`."""
    cited = [ticket for reference in references if (ticket := _ticket(reference))]
    # `[#12](https://.../repo/issues/12)`: the address says whose number it is.
    known = {ticket.partition("#")[2] for ticket in cited if not ticket.startswith("#")}
    return tuple(dict.fromkeys(t for t in cited if not (t[0] == "#" and t[1:] in known)))


def _ticket(reference: str) -> str:
    """A reference as a ticket, "" if it is none."""
    if match := _TRACKED.match(reference):
        return f"{match['where']}#{match['number']}"
    if match := _BUG.match(reference):
        return f"bug {match['number']}"
    if match := _KEY.match(reference):
        return "" if _NO_KEY.match(match["key"]) else match["key"]
    return reference if _NUMBER.fullmatch(reference) else ""


def title_of(title: str, least: int = 2) -> str:
    """The words of a title that tell what happened, "" where they are too few to tell it."""
    words = _WORD.findall(_DATED.sub(" ", title[:_TITLE]).casefold())
    kept = [word for word in words if not _PLAIN.fullmatch(word)]
    long_word = len(kept) == 1 and not kept[0].isascii() and len(kept[0]) >= _LONG_WORD
    return " ".join(kept) if len(kept) >= least or long_word else ""


def _names(reports: Iterable[PostMortem]) -> Mapping[str, str]:
    """What a report can be named by, id or stem of its file -> its id; unless two share it."""
    found: dict[str, str] = {}
    shared = set()
    for report in reports:
        for name in {_name(report.id), _name(report.file)}:
            if found.setdefault(name, report.id) != report.id:
                shared.add(name)
    return {name: id_ for name, id_ in found.items() if name and name not in shared}


def _name(reference: str) -> str:
    """The last part of a path or address, without ending and anchor; an id as it is.

    The last word of an address, such as `/status`, names no report: it takes a number or a dash.
    """
    last = reference.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2].casefold()
    for suffix in _DOCUMENTS:
        if last.endswith(suffix):
            return last.removesuffix(suffix)
    return "" if "://" in reference and _NO_NAME.fullmatch(last) else last


def among_incidents(
    incidents: Iterable[Incident], reports: Collection[PostMortem]
) -> Iterator[Return]:
    """Incidents of one cause in one service; each stands for its report where it has one."""
    subject = _subjects(reports)
    bearing: dict[str, list[str]] = defaultdict(list)
    for incident in sorted(incidents, key=lambda one: (one.detected, one.id)):
        for signal in _signals(incident):
            bearing[signal].append(subject(incident))
    for signal, ids in bearing.items():
        for earlier, later in pairwise(ids):
            if earlier != later:
                yield Return(earlier, later, signal)


def _subjects(reports: Collection[PostMortem]) -> Callable[[Incident], str]:
    """What gives the id of an incident's report, whoever names the other, else its own id."""
    named = {report.id.casefold(): report.id for report in reports}
    naming = {report.incident.casefold(): report.id for report in reports if report.incident}

    def subject(incident: Incident) -> str:
        written = named.get(incident.post_mortem.casefold(), incident.id)
        return naming.get(incident.id.casefold(), written)

    return subject


def _signals(incident: Incident) -> Iterator[str]:
    """What an incident has in common with others of its kind; a category alone is no cause."""
    if "/" in incident.cause:
        yield from (f"{incident.cause} in {one.casefold()} again" for one in incident.services)


def _finding(
    later: str,
    earlier: Mapping[str, Sequence[str]],
    reports: Mapping[str, PostMortem],
    linked: Mapping[str, Report],
    incidents: Mapping[str, Incident],
) -> Finding:
    told = [f"{id_} ({', '.join(why)}; {_became(id_, linked)})" for id_, why in earlier.items()]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    message = f"{later} seems to be a failure that came back: see {', '.join(told[:_SHOWN])}{more}"
    path, line = _place(later, reports, incidents)
    return Finding("recurring", message, "high", "incident", path, line)


def _place(
    id_: str, reports: Mapping[str, PostMortem], incidents: Mapping[str, Incident]
) -> tuple[str | None, int | None]:
    """Where a report has its title, or where an incident without one stands."""
    if report := reports.get(id_):
        return report.file, report.lines.get("title", 1)
    at = incidents[id_].position
    return (at.file, at.line) if at else (None, None)


def _became(id_: str, linked: Mapping[str, Report]) -> str:
    """What became of the action items of a report."""
    if id_ not in linked:
        return "it has no post-mortem"
    states = [_state(item) for item in linked[id_].items]
    more = f" and {len(states) - _SHOWN} more" if len(states) > _SHOWN else ""
    return ", ".join(states[:_SHOWN]) + more if states else "it has no action items"


def _state(item: Link) -> str:
    guards = " and ".join(guard.check for guard in item.guards)
    state = f"{item.item.partition('#')[2]} is {item.state}"
    return f"{state} by {guards}" if guards else state
