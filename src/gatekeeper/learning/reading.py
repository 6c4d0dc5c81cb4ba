"""Read a post-mortem as teams write it: Markdown of any shape to a `PostMortem`.

Whatever the bytes, there is a result: what cannot be read becomes a problem with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from posixpath import basename, splitext

from gatekeeper.adapters import utf8
from gatekeeper.adapters.markdown import FrontMatter
from gatekeeper.learning import (
    contents,
    dates,
    decided,
    items,
    method,
    narrative,
    opening,
    outline,
    parts,
    people,
    references,
    timeline,
)
from gatekeeper.learning.outline import Outline
from gatekeeper.learning.parts import Part, Written
from gatekeeper.learning.postmortem import (
    KINDS,
    ActionItem,
    Cause,
    Decision,
    Kind,
    Participant,
    PostMortem,
)

# Bytes of a report; one that is larger is not read.
CAP = 2 * 2**20
_LISTS = ("contributing_factors", "chain", "decisions", "participants")


@dataclass(slots=True)
class _Stated:
    """What the front matter states; the problems and lines met on the way."""

    front: FrontMatter
    problems: list[tuple[int, str]] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def text(self, key: str, *, strict: bool = True) -> str | None:
        """A value of the front matter; its line is noted; what is no text is a problem or None."""
        value = self.front.values.get(key)
        if value is None:
            return None
        self.lines[key] = line = self.front.lines.get(key, 1)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if strict:
            self.problems.append((line, f"`{key}` in the front matter is no text"))
        return None

    def kind(self) -> Kind | None:
        """The kind of failure; another word is a problem."""
        value = self.text("kind")
        kind = next((known for known in KINDS if known == value), None)
        if value and not kind:
            known = ", ".join(KINDS)
            self.problems.append((self.lines["kind"], f"`{value}` is no kind: known are {known}"))
        return kind

    def no_check(self) -> Mapping[str, str]:
        """Reasons why items have no guard, by item; what is no such mapping is a problem."""
        value = self.front.values.get("no-check")
        if value is None:
            return {}
        self.lines["no_check"] = line = self.front.lines.get("no-check", 1)
        reasons = value if isinstance(value, dict) else {}
        good = {
            id_: text for id_, text in reasons.items() if isinstance(text, str) and text.strip()
        }
        if not isinstance(value, dict) or len(good) < len(reasons):
            self.problems.append((line, "`no-check` is no mapping of items to reasons"))
        return good


def read(data: bytes, file: str, cap: int = CAP) -> PostMortem:
    """The post-mortem in a file; never raises for its content.

    What cannot be read at all (over `cap` bytes, binary, no UTF-8, nested too deep) gives an empty
    report with a problem. Its id is then the stem of the file's name.
    """
    stem = splitext(basename(file))[0]
    if len(data) > cap:
        return _unread(stem, file, f"is over {cap} bytes, so it is not read: split it")
    try:
        text = utf8.decode(data)
        document = outline.read(text)
    except utf8.NotText as why:
        return _unread(stem, file, str(why))
    return _assemble(document, text, file, stem)


def _unread(stem: str, file: str, why: str) -> PostMortem:
    return PostMortem(stem, file, problems=((1, why),))


def _assemble(document: Outline, text: str, file: str, stem: str) -> PostMortem:
    front = document.front_matter
    if front.problem:
        return _unread(stem, file, f"the front matter {front.problem}")
    stated = _Stated(front)
    found = parts.of(document)
    day_first = dates.day_first(text)
    title = opening.title(document)
    year = opening.year(document, title, file, found)
    timelines = narrative.of_role(found, "timeline")
    events = timeline.read(timelines, year, day_first=day_first)
    day = opening.day(opening.Clues(document, found, title, file, year, day_first), events)
    severity = opening.severity(document, found)
    cause = narrative.root_cause(found)
    way, chain, way_line = method.read(found)
    impact, impact_line = narrative.impact(found)
    lessons, lessons_line = narrative.lessons(found)
    report = PostMortem(
        id=stated.text("id") or stem,
        file=file,
        title=_value(title),
        date=_value(day),
        severity=_value(severity),
        kind=stated.kind(),
        incident=stated.text("incident", strict=False),
        participants=people.participants(found, front),
        timeline=events,
        durations=timeline.durations(events),
        root_cause=_value(cause),
        contributing_factors=narrative.contributing_factors(found),
        method=way,
        chain=chain,
        decisions=decided.decisions(found),
        impact=impact,
        lessons=lessons,
        action_items=items.action_items(document, year, day_first=day_first),
        no_check=stated.no_check(),
        references=references.find(text),
        headings=tuple(contents.headings(document)),
    )
    lines = {
        **stated.lines,
        "title": _line(title),
        "date": _line(day),
        "severity": _line(severity),
        "timeline": _line(*timelines),
        "root_cause": _line(cause, *narrative.of_role(found, "root-cause")),
        "method": way_line,
        "impact": impact_line,
        "lessons": lessons_line,
        "action_items": _line(*narrative.of_role(found, "action-items"), *report.action_items),
        **{name: _line(*getattr(report, name)) for name in _LISTS},
    }
    lines = {name: line for name, line in lines.items() if line}
    return replace(report, lines=lines, problems=tuple(stated.problems))


def _value(written: Written | None) -> str | None:
    return written.value if written else None


def _line(*found: Written | Part | Cause | Decision | Participant | ActionItem | None) -> int:
    """The line of the first of several that is there, else 0."""
    return next((one.line for one in found if one), 0)
