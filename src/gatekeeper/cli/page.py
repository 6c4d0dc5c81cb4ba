"""A post-mortem as a page that one reads in a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields

from gatekeeper import escape
from gatekeeper.learning.postmortem import (
    ActionItem,
    Cause,
    Decision,
    Event,
    Impact,
    Participant,
    PostMortem,
)

_WIDEST = 100
_BOXES = {True: "[x]", False: "[ ]", None: "[?]"}


def page(report: PostMortem) -> Iterator[str]:
    """The lines of the page, harmless to a terminal; parts that the report lacks are left out."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    facts = (report.date, report.severity, report.kind, report.incident, report.file)
    yield escape.line(f"{report.id}  {report.title or '(without a title)'}")
    yield escape.line(" · ".join(filter(None, facts)))
    for heading, texts in _sections(report):
        lines = [line for text in texts for line in _wrapped(text, width)]
        if lines:
            yield ""
            yield heading
            yield from lines


def _sections(report: PostMortem) -> Iterator[tuple[str, Iterable[str]]]:
    yield "Participants", map(_participant, report.participants)
    yield "Timeline", map(_event, report.timeline)
    yield "Durations", _durations(report)
    yield "Root cause", filter(None, [report.root_cause])
    yield "Contributing factors", map(_text, report.contributing_factors)
    yield report.method or "Chain of causes", map(_text, report.chain)
    yield "Decisions", map(_text, report.decisions)
    yield "Impact", _impact(report.impact)
    yield "Lessons", report.lessons
    yield "Action items", map(_item, report.action_items)
    yield "Needs no check", (f"{item}: {why}" for item, why in report.no_check.items())
    yield "Could not be read", (f"line {line}: {text}" for line, text in report.problems)


def _text(part: Cause | Decision) -> str:
    return part.text


def _participant(who: Participant) -> str:
    return f"{who.name} ({who.role})" if who.role else who.name


def _durations(report: PostMortem) -> Iterator[str]:
    """Those from the first milestone on."""
    first = next(iter(report.durations), "").partition("..")[0]
    for span, minutes in report.durations.items():
        if span.startswith(f"{first}.."):
            yield f"{span.replace('..', ' to ')}: {minutes} min"


def _impact(impact: Impact) -> Iterator[str]:
    for field in fields(impact):
        if field.name != "duration_minutes" and (value := getattr(impact, field.name)) is not None:
            yield f"{field.name.replace('_', ' ')}: {value}"


def _event(event: Event) -> str:
    return f"{event.at}  {event.text}{f' [{event.milestone}]' if event.milestone else ''}"


def _item(item: ActionItem) -> str:
    told = (
        ("owner", item.owner),
        ("due", item.due),
        ("success", item.success),
        ("cause", item.cause),
        ("refs", ", ".join(item.refs)),
    )
    # What trails in the text is not said twice.
    rest = "; ".join(f"{name} {value}" for name, value in told if value and value not in item.text)
    text = f"{item.text} ({rest})" if rest else item.text
    return f"{_BOXES[item.done]} {item.id} {text}, line {item.line}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text; those of one that has several stand below each other."""
    later = "  " if "\n" in text else "    "
    for line in text.splitlines():
        safe = escape.line(line)
        yield from textwrap.wrap(safe, width, initial_indent="  ", subsequent_indent=later)
