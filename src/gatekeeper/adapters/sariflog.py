"""SARIF 2.1.0 logs, streamed: of each run what tells about its findings, in bounded memory.

Sections are those of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Nothing is
judged here but whether a run happened: one that lacks `results` (3.14.23), failed, notes an error
of its own, or keeps parts of itself in other files, is not measured.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, position, sequence, text
from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

# Results of a log, and artifacts of a run.
MOST = 1_000_000
_NO_FINDING = frozenset({"pass", "notapplicable", "informational"})
# How semgrep and others name, as a mere warning, that files were not examined.
_UNEXAMINED = re.compile(r"syntax|lexical|pars(e|ing)|time-?out|out of memory", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}")
_REMEDY = "look at what the tool printed"
_MEND = "mend what it names, or tell the tool to leave it out"

# How a result names its rule: id, index, and the index or name of the component that has it.
Reference = tuple[str, int | None, int | str | None]
# Of an artifactLocation: uri, uriBaseId, and its index among the artifacts.
Place = tuple[str, str, int | None]


class Result(NamedTuple):
    """A result that is a finding; `level` and `score` (its security-severity) None if absent."""

    rule: Reference
    level: str | None
    score: Any
    message: str | Mapping[str, Any]
    place: Place
    line: int | None
    column: int | None


class _Notification(NamedTuple):
    """What a tool says about its run (3.58): level, id, and all its words on one line."""

    level: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A reportingDescriptor; `score` is its security-severity, None without; tags in lower case."""

    id: str = ""
    level: str = ""
    score: Any = None
    tags: Sequence[str] = ()
    url: str = ""
    summary: str = ""
    messages: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Component:
    """The driver or an extension of a tool."""

    name: str
    rules: Sequence[Rule]
    by_id: Mapping[str, Rule]
    messages: Mapping[str, Any]


def _named(owners: Sequence[_Component], name: str) -> Rule | None:
    while name:
        for owner in owners:
            if name in owner.by_id:
                return owner.by_id[name]
        name = name.rpartition("/")[0]
    return None


@dataclass(slots=True)
class Run:
    """One run.

    `targets` is the number of artifacts with the role analysisTarget; `unexamined` what the tool
    warns that it could not parse or finish; `notes` counts warnings and results that are no
    findings, by what they are; `overrides` are levels that the invocation sets, by rule id.
    """

    results: list[Result] | None = None
    components: Sequence[_Component] = ()
    bases: Mapping[str, Any] = field(default_factory=dict)
    artifacts: list[Place] = field(default_factory=list)
    targets: int = 0
    overrides: Mapping[str, str] = field(default_factory=dict)
    unexamined: str = ""
    notes: Counter[str] = field(default_factory=Counter)

    def rules(self) -> Iterator[Rule]:
        """All rules of the tool."""
        return (rule for component in self.components for rule in component.rules)

    def find(self, reference: Reference) -> Rule | None:
        """The rule of a result (3.27.5, 3.27.7, 3.52): by index, else by id."""
        name, index, component = reference
        owners = self._owners(component)
        indexed = None
        if index is not None and owners:
            indexed = next(iter(owners[0].rules[index : index + 1]), None)
        # a/b/c is part of the rule a/b, or a (3.5.4)
        if indexed and (not name or f"{name}/".startswith(f"{indexed.id}/")):
            return indexed
        return _named(owners, name) or indexed

    def _owners(self, component: int | str | None) -> Sequence[_Component]:
        if isinstance(component, int):
            return self.components[component + 1 : component + 2]
        if component:
            return [owner for owner in self.components if owner.name == component]
        return self.components

    def words(self, message: str | Mapping[str, Any], rule: Rule) -> str:
        """A message in words: its own, those its id stands for, or else the rule's summary."""
        words = message if isinstance(message, str) else self._look_up(message, rule)
        return words or rule.summary or "no message"

    def _look_up(self, message: Mapping[str, Any], rule: Rule) -> str:
        tables = (rule.messages, *(component.messages for component in self.components))
        name = text(message["id"], 300)
        templates = (text(mapping(table.get(name)).get("text")) for table in tables)
        return _fill(next(filter(None, templates), ""), message)


def runs(path: Path) -> Generator[Run, None, None]:
    """Yield the runs of a log; raises NotMeasured, at the end too, if it proves no whole scan."""
    version: object = None
    scanned = False
    with jsonfile.stream(path) as document:
        for key in document.members():
            if key == "version":
                version = document.value()
            elif key == "runs" and document.peek() == "[":
                for _ in document.elements():
                    scanned = True
                    yield _run(path, document)
            elif key == "inlineExternalProperties":
                _refuse_external(path, document.value())
            else:
                document.skip()
    _require_version(path, version)
    if not scanned:
        raise NotMeasured(f"{path}: the SARIF log holds no run: nothing was scanned", _REMEDY)


def _require_version(path: Path, version: object) -> None:
    if version != "2.1.0":
        found = f"of version {text(version, 20)!r}" if version else "without a version"
        raise NotMeasured(f"{path}: is no SARIF 2.1.0 log but {found}", "use SARIF 2.1.0")


def _run(path: Path, document: jsonfile.Stream) -> Run:
    run = Run()
    parts: Mapping[str, Callable[[], None]] = {
        "results": lambda: _results(path, document, run),
        "artifacts": lambda: _artifacts(path, document, run),
        "tool": lambda: _tool(mapping(document.value()), run),
        "invocations": lambda: _invocations(path, sequence(document.value()), run),
        "originalUriBaseIds": lambda: _bases(document.value(), run),
        "externalPropertyFileReferences": lambda: _refuse_external(path, document.value()),
    }
    for key in document.members():
        parts.get(key, document.skip)()
    if run.results is None:
        raise NotMeasured(f"{path}: a run without results: its tool did not scan", _REMEDY)
    return run


def _objects(path: Path, document: jsonfile.Stream, what: str) -> Iterator[Mapping[str, Any]]:
    """The objects of an array, which is passed over where it is none."""
    if document.peek() != "[":
        document.skip()
        return
    for index in document.elements():
        raw = document.value()
        if not isinstance(raw, dict):
            raise NotMeasured(f"{path}: {what}[{index}] is no object", _REMEDY)
        yield raw


def _results(path: Path, document: jsonfile.Stream, run: Run) -> None:
    if document.peek() == "[":
        run.results = []
    kept: dict[Any, Any] = {}  # what is equal is kept once
    for raw in _objects(path, document, "results"):
        if reason := _left_out(raw):
            run.notes[reason] += 1
        elif run.results is not None:
            run.results.append(_result(raw, kept))
            _limit(path, run.results, "results")


def _artifacts(path: Path, document: jsonfile.Stream, run: Run) -> None:
    for raw in _objects(path, document, "artifacts"):
        run.artifacts.append(_place(mapping(raw.get("location"))))
        run.targets += "analysisTarget" in sequence(raw.get("roles"))
        _limit(path, run.artifacts, "artifacts")


def _limit(path: Path, values: Sequence[Any], what: str) -> None:
    if len(values) > MOST:
        raise NotMeasured(f"{path}: holds more than {MOST} {what}", "narrow what is examined")


def _left_out(raw: Mapping[str, Any]) -> str:
    """Why a result is no finding; "" where it is one."""
    if raw.get("baselineState") == "absent":
        return "results fixed since the tool's baseline"
    for suppression in sequence(raw.get("suppressions")):
        # `state` is what drafts of 2.1.0 called it.
        status = mapping(suppression).get("status", mapping(suppression).get("state"))
        if status in (None, "accepted") and isinstance(suppression, dict):
            return "results suppressed in the tool"
    kind = raw.get("kind")
    if isinstance(kind, str) and kind.lower() in _NO_FINDING:
        return f"results of kind {kind}"
    return ""


def _result(raw: Mapping[str, Any], kept: dict[Any, Any]) -> Result:
    rule = _reference(raw)
    location = _physical(raw)
    place = _place(mapping(location.get("artifactLocation")))
    region = mapping(location.get("region"))
    level = raw.get("level")
    return Result(
        kept.setdefault(rule, rule),
        None if level is None else text(level, 20) or "?",
        _score(raw),
        _message(raw),
        kept.setdefault(place, place),
        position(region.get("startLine")),
        position(region.get("startColumn")),
    )


def _reference(raw: Mapping[str, Any]) -> Reference:
    """Which rule a result names; `rule` and `toolComponent` are for extensions (3.27.7)."""
    name, index = text(raw.get("ruleId"), 300), _index(raw.get("ruleIndex"))
    if not isinstance(reference := raw.get("rule"), dict):
        return name, index, None
    owner = mapping(reference.get("toolComponent"))
    component = _index(owner.get("index"))
    place = _index(reference.get("index"))
    return (
        name or text(reference.get("id"), 300),
        index if place is None else place,
        text(owner.get("name"), 300) or None if component is None else component,
    )


def _physical(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first physical location of a result; an empty one where it has none."""
    for location in sequence(raw.get("locations")):
        if isinstance(location, dict) and (physical := mapping(location.get("physicalLocation"))):
            return physical
    return {}


def _place(location: Mapping[str, Any]) -> Place:
    uri, base = text(location.get("uri"), 4096).strip(), text(location.get("uriBaseId"), 300)
    return uri, base, _index(location.get("index"))


def _index(value: object) -> int | None:
    """An index; None for anything else, such as -1, which is SARIF's word for none."""
    return value if type(value) is int and value >= 0 else None


def _score(owner: Mapping[str, Any]) -> Any:
    """The security-severity of a result or rule, or what Dependency-Check 7 has in its place."""
    if not isinstance(properties := owner.get("properties"), dict):
        return None
    score = properties.get("security-severity", properties.get("cvssv3_baseScore"))
    return None if score == "" else score


def _message(owner: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """The text of a message; the message itself where it has only an id."""
    message = mapping(owner.get("message"))
    template = text(message.get("text")) or text(message.get("markdown"))
    if not template and message.get("id"):
        return message
    return (_fill(template, message) if "arguments" in message else template).strip()


def _fill(template: str, message: Mapping[str, Any]) -> str:
    """Put the message's arguments in the place of {0}, {1}, ... (3.11.5)."""
    arguments = [text(argument, 300) for argument in sequence(message.get("arguments"))]
    if not arguments:
        return template

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        return arguments[int(match[1])] if int(match[1]) < len(arguments) else match[0]

    return text(_PLACEHOLDER.sub(replace, template))


def _tool(tool: Mapping[str, Any], run: Run) -> None:
    parts = (tool.get("driver"), *sequence(tool.get("extensions")))
    run.components = [_component(mapping(part)) for part in parts]


def _component(raw: Mapping[str, Any]) -> _Component:
    rules = [_rule(mapping(rule)) for rule in sequence(raw.get("rules"))]
    return _Component(
        name=text(raw.get("name"), 300),
        rules=rules,
        by_id={rule.id: rule for rule in reversed(rules) if rule.id},  # ids may repeat: the first
        messages=mapping(raw.get("globalMessageStrings")),
    )


def _rule(raw: Mapping[str, Any]) -> Rule:
    tags = sequence(mapping(raw.get("properties")).get("tags"))
    descriptions = (mapping(raw.get(key)) for key in ("shortDescription", "fullDescription"))
    summaries = [text(value.get("text")) for value in descriptions]
    return Rule(
        id=text(raw.get("id"), 300),
        level=text(mapping(raw.get("defaultConfiguration")).get("level"), 20),
        score=_score(raw),
        tags=[text(tag, 200).lower() for tag in tags],
        url=text(raw.get("helpUri")),
        summary=next(filter(None, summaries), text(raw.get("name"))),
        messages=mapping(raw.get("messageStrings")),
    )


def _bases(bases: object, run: Run) -> None:
    run.bases = mapping(bases)


def _invocations(path: Path, invocations: Sequence[Any], run: Run) -> None:
    for invocation in map(mapping, invocations):
        said = [_notification(mapping(note)) for note in _notifications(invocation)]
        _refuse_failure(path, invocation, said)
        run.notes["warnings of the tool about its run"] += sum(n.level == "warning" for n in said)
        unexamined = (note.words for note in said if _UNEXAMINED.search(note.name))
        run.unexamined = run.unexamined or next(unexamined, "")
    if len(invocations) == 1:
        overrides = sequence(mapping(invocations[0]).get("ruleConfigurationOverrides"))
        run.overrides = dict(_override(mapping(override)) for override in overrides)


def _refuse_failure(
    path: Path, invocation: Mapping[str, Any], said: Sequence[_Notification]
) -> None:
    errors = [note.words for note in said if note.level == "error"]
    if errors or invocation.get("executionSuccessful", True) is not True:
        others = (text(invocation.get("exitCodeDescription"), 300), *(note.words for note in said))
        reason = next(filter(None, (*errors, *others)), "it gives no reason")
        raise NotMeasured(f"{path}: the tool says that its run failed: {reason}", _MEND)


def _notifications(invocation: Mapping[str, Any]) -> Iterator[Any]:
    for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        yield from sequence(invocation.get(kind))


def _notification(note: Mapping[str, Any]) -> _Notification:
    name = text(mapping(note.get("descriptor")).get("id"), 100)
    message = _message(note)
    words = " ".join(message.split()) if isinstance(message, str) else ""
    level = text(note.get("level"), 20).lower() or "warning"
    return _Notification(level, name, text(": ".join(filter(None, (name, words))), 300))


def _override(override: Mapping[str, Any]) -> tuple[str, str]:
    configuration = mapping(override.get("configuration"))
    rule = mapping(override.get("descriptor"))
    return text(rule.get("id"), 300), text(configuration.get("level"), 20)


def _refuse_external(path: Path, value: object) -> None:
    """Refuse a log that keeps elsewhere what decides about findings (3.13.5, 3.14.2)."""
    parts = value if isinstance(value, list) else [value]
    held = {key for part in parts for key, content in mapping(part).items() if content}
    if external := sorted(held & {"results", "invocations", "driver", "extensions"}):
        raise NotMeasured(
            f"{path}: the SARIF log keeps its {' and '.join(external)} outside its runs",
            "let the tool write one complete log",
        )
