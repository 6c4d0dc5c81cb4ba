"""The first draft of a guard for an action item: what suits its words and its report's kind. Pure.

A draft guards nothing: it is switched off until somebody has filled it in, or it looks for what
does not exist yet. What it proposes is a start, and its author's to change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Any

from gatekeeper.learning.kinds import PERFORMANCE, READINESS
from gatekeeper.learning.postmortem import ActionItem, PostMortem

QUALITY = "code-quality"
FILL_IN = "FILL-IN"
_WHO_AND_WHEN = re.compile(r"[\s(\[]*\b(?:owner|due|deadline)\s*:.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A check as plain data, what is to be done to it, and its `proof:` section as YAML lines."""

    content: Mapping[str, Any]
    fill_in: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a form is made for: the name of the check, the item's text, the repository's files."""

    id: str
    text: str
    files: Sequence[str]

    @property
    def sentence(self) -> str:
        """What is to be done, without who and by when."""
        return _WHO_AND_WHEN.sub("", self.text).rstrip(" .;,") or self.text

    @property
    def function(self) -> str:
        """The name of a test function."""
        return f"test_{self.id.replace('-', '_')}"

    def folder(self, default: str) -> str:
        """Where most test files stand."""
        named = (path for path in self.files if re.fullmatch(r"test_.*\.py", basename(path)))
        found = Counter(dirname(path) for path in named if path.startswith(default))
        return found.most_common(1)[0][0] if found else default


@dataclass(frozen=True, slots=True)
class _Form:
    """A kind of guard: the words that ask for it, its gate, its keys, what is to be filled in.

    `asleep`: it is written switched off, because what it names may pass without having been meant.
    """

    name: str
    words: str
    gate: str
    keys: Callable[[_Subject], Mapping[str, Any]]
    fill_in: str
    asleep: bool = True


def _test(subject: _Subject) -> Mapping[str, Any]:
    place = f"{subject.folder('tests')}/{subject.function}.py::{subject.function}"
    return {"uses": "pytest", "with": {"tests": [place]}}


def _benchmark(subject: _Subject) -> Mapping[str, Any]:
    metric = f"benchmark.{subject.function}.median"
    return {
        "uses": "pytest-benchmark",
        "with": {"tests": [f"{subject.folder('benchmarks')}/{subject.function}.py"]},
        "measures": [metric],
        "expect": {metric: "< 1s"},
    }


def _command(subject: _Subject) -> Mapping[str, Any]:  # noqa: ARG001  all forms are called alike
    return {"command": [FILL_IN]}


def _forbid(subject: _Subject) -> Mapping[str, Any]:
    given = {"forbid": FILL_IN, "message": subject.sentence}
    return {"type": "pattern", "files": [f"{FILL_IN}/**"], "with": given}


def _require(subject: _Subject) -> Mapping[str, Any]:
    given = {"require": FILL_IN, "message": subject.sentence}
    return {"type": "pattern", "files": [f"{FILL_IN}/**"], "with": given}


def _document(subject: _Subject) -> Mapping[str, Any]:
    return {"type": "document", "files": [f"docs/{subject.id}.md"]}


def _signoff(subject: _Subject) -> Mapping[str, Any]:
    return {"type": "signoff", "with": {"question": f"Has this been done: {subject.sentence}?"}}


_WRITE_TEST = "write the test that `tests:` names, or name the one that there is"
# The first form whose words stand in an item is taken; the last one takes what is left.
_FORMS = (
    _Form(
        "test",
        r"(?:regression|unit|integration|contract|automated|e2e|end-to-end)[ -]tests?"
        r"|(?:add|write|have|need)\w* (?:an? |more |missing )?tests?(?! plan)",
        QUALITY,
        _test,
        _WRITE_TEST,
    ),
    _Form(
        "signoff",
        r"drill|exercise|rehears\w*|game ?days?|table-?top|approv\w*|sign-?offs?",
        READINESS,
        _signoff,
        "put the question so that a person can answer it, and record the approval in "
        "gates/signoffs/",
        asleep=False,
    ),
    _Form(
        "document",
        r"run-?books?|play-?books?|document\w*|docs?|readme|wiki|guides?|guidelines?|checklists?"
        r"|write (?:down|up)",
        READINESS,
        _document,
        "write the document that `files:` names, or name the one that there is; under `with:` say "
        "which `sections:` and `keys:` it must have",
        asleep=False,
    ),
    _Form(
        "benchmark",
        r"benchmark\w*|latenc(?:y|ies)|slow(?:er|down|ness)|performance|throughput|load[ -]tests?"
        r"|response times?|speed\w*",
        PERFORMANCE,
        _benchmark,
        "write the benchmark that `tests:` names, and set the limit under `expect:`",
    ),
    _Form(
        "alert",
        r"alert\w*|alarm\w*|dashboards?|monitor\w*|pager\w*|notif\w+",
        PERFORMANCE,
        _require,
        "name the files of your alerts or dashboards under `files:`, and what must stand in them "
        "under `require:`, such as the metric",
    ),
    _Form(
        "pattern",
        r"forbid\w*|never|ban(?:ned)?|prohibit\w*|disallow\w*|must not|no longer|deny|hard-?coded"
        r"|lint\w*|deprecat\w*",
        QUALITY,
        _forbid,
        "say where under `files:`, and what must not stand there under `forbid:`",
    ),
    _Form("rest", "", QUALITY, _test, _WRITE_TEST),
)
_BY_NAME = {form.name: form for form in _FORMS}
_NO_PYTHON = _Form(
    "command",
    "",
    QUALITY,
    _command,
    "write the command that fails where the bug is there; with `reads:` say which report it writes",
)


def draft(
    id_: str,
    report: PostMortem,
    item: ActionItem,
    gates: Collection[str],
    files: Iterable[str],
    *,
    gate: str = "",
    uses: Mapping[str, str] | None = None,
) -> Draft:
    """Draft a guard.

    `gates` are those there are, at least one; `gate` and `uses` (`{"uses": "ruff"}`, `{"type":
    "pattern"}`) are what its author wants, instead of what suits the item.
    """
    subject = _Subject(id_, " ".join(item.text.split()), tuple(files))
    form = _form(subject, report)
    keys = form.keys(subject)
    fill_in, asleep = form.fill_in, form.asleep
    if uses and not uses.items() <= keys.items():
        form, keys = _wanted(uses, subject)
        fill_in, asleep = form.fill_in, form.asleep
    chosen = gate or _gate(form, report, gates)
    reason = "a draft: it is not filled in yet"
    content = {
        "check": id_,
        "title": subject.sentence or id_,
        "gate": chosen,
        **keys,
        **({"enabled": False, "reason": reason} if asleep else {}),
        **({"owner": item.owner} if item.owner else {}),
        "origin": [{"item": f"{report.id}#{item.id}", "text": subject.text}],
    }
    if asleep:
        fill_in += "; then take out `enabled:` and `reason:`"
    return Draft(content, fill_in, _proof(form))


def _form(subject: _Subject, report: PostMortem) -> _Form:
    """The form that suits an item's words, else its report's kind."""
    last = "benchmark" if report.kind == "performance-regression" else "rest"
    spoken = (form for form in _FORMS if form.words and _says(form.words, subject.text))
    found = next(spoken, _BY_NAME[last])
    if found.keys in (_test, _benchmark) and not any(p.endswith(".py") for p in subject.files):
        return _NO_PYTHON
    return found


def _says(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE) is not None


def _wanted(uses: Mapping[str, str], subject: _Subject) -> tuple[_Form, Mapping[str, Any]]:
    """The form for a tool or check type that is asked for; its keys alone where none has it."""
    for form in reversed(_FORMS):  # the plainest first
        keys = form.keys(subject)
        if uses.items() <= keys.items():
            return form, keys
    bare = _Form("wanted", "", QUALITY, lambda _: uses, "say under `with:` what it looks at")
    return bare, uses


def _gate(form: _Form, report: PostMortem, gates: Collection[str]) -> str:
    """The gate that suits a guard, among those there are."""
    wanted = [form.gate, *gates]
    if report.kind == "deployment-failure":
        wanted.insert(0, READINESS)
    elif report.kind == "performance-regression" and form.gate == QUALITY:
        wanted.insert(0, PERFORMANCE)
    return next(gate for gate in wanted if gate in gates)


def _proof(form: _Form) -> tuple[str, ...]:
    """How the guard could be proven, as YAML to fill in; nothing where a person answers."""
    if form.keys in (_forbid, _require):
        return (
            "proof:",
            '  rejects: ["a text that it must find fault with"]',
            '  accepts: ["a text that it must find no fault with"]',
        )
    if form.keys in (_document, _signoff):
        return ()
    return ("proof: {fixed-by: COMMIT}   # the commit that fixed the bug, or a list of them",)
