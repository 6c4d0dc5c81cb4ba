"""Decisions that an action item needs no check: `no-check: {AI-3: "training: docs/talk.md"}`.

Words are a reason. A standard and a training are documents: one of the repository, dated after the
incident by its front matter (`date`, `reviewed`), else its file name, else its first lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from posixpath import dirname, join, normpath

from gatekeeper.errors import NotMeasured
from gatekeeper.learning import dates
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.learning.tree import Tree

_DOCUMENTED = re.compile(r"(?:standard|training)\s*:\s*(?P<place>.*)", re.IGNORECASE)
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?(?P<target>[^)\s>]+)")
_KEY = re.compile(r"(?:date|reviewed|updated|last[-_ ]reviewed)\s*[:=](?P<day>.*)", re.IGNORECASE)
_FENCES = ("---", "+++")
_FIRST_LINES = 15
_HEAD = 20_000


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a reason holds; `why` is the reason itself, or what is wrong with it."""

    holds: bool
    why: str


def decide(reason: str, report: PostMortem, incident: str, tree: Tree, today: date) -> Decision:
    """Judge the reason why an item of a report needs no check; `incident` is its ISO day, or ""."""
    reason = " ".join(reason.split())
    if not reason:
        return Decision(holds=False, why="`no-check` gives no reason")
    match = _DOCUMENTED.fullmatch(reason)
    if match is None:
        return Decision(holds=True, why=reason)
    path = _document(match["place"], report, tree)
    if path is None:
        wrong = f"`no-check: {reason}` names no document of this repository"
    elif not incident:
        wrong = (
            f"whether {path} came after the incident cannot be told: the post-mortem has no date"
        )
    else:
        wrong = _too_old(path, incident, tree, today)
    return Decision(holds=not wrong, why=wrong or reason)


def _document(place: str, report: PostMortem, tree: Tree) -> str | None:
    """The document that is named: from the top of the repository, or from the report's folder."""
    link = _LINK.search(place)
    target = link["target"] if link else place.strip().strip("`<>").partition(" ")[0]
    target = target.partition("#")[0]
    if not target:
        return None
    candidates = (target.removeprefix("/"), join(dirname(report.file), target))
    return next((path for path in map(normpath, candidates) if path in tree.names), None)


def _too_old(path: str, incident: str, tree: Tree, today: date) -> str:
    """Why a document does not count, "" where it does."""
    try:
        text = tree.content(path)[:_HEAD].decode("utf-8", "replace")
    except NotMeasured as why:
        return f"{path} {why.reason}"
    dated = max(_days(path, text, today), default="")
    if not dated:
        return f"{path} has no date: add `date:` or `reviewed:` to its front matter"
    return "" if dated > incident else f"{path} is of {dated}, not after the incident of {incident}"


def _days(path: str, text: str, today: date) -> list[str]:
    """The days that date a document, from the first place that has any; never a future one."""
    lines = text.lstrip("\N{BYTE ORDER MARK}").splitlines()
    keyed = (match["day"] for line in _front_matter(lines) if (match := _KEY.match(line)))
    for texts in (keyed, [path], lines[:_FIRST_LINES]):
        if found := [day for day in _found(texts) if day <= today.isoformat()]:
            return found
    return []


def _front_matter(lines: list[str]) -> list[str]:
    if not lines or (fence := lines[0].strip()) not in _FENCES:
        return []
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == fence), 0)
    return lines[1:end]


def _found(texts: Iterable[str]) -> list[str]:
    return [found.day.isoformat() for text in texts for found in dates.find(text)]
