"""Why a guard turned red when the fix was taken out, and whether that proves anything. Pure.

Phase and frame decide, never the name of an exception. A test that was collected and set up and
failed in its own body saw the bug, unless its own frame asked for something that only the fix
brought: absence shows that new code is new, not that the old code was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gatekeeper.prove.names import Introduced
from gatekeeper.prove.view import Crash, Frame, Test, View

Answer = Literal["proven", "not proven", "not measured"]
_NAMED = 5
_QUOTED = re.compile(r"'([\w.]+)'")
_MISSING = re.compile(
    r"attribute '(\w+)'|cannot import name '(\w+)'|No module named '([\w.]+)'|"
    r"^name '(\w+)' is not|unexpected keyword argument '(\w+)'"
)
_FROM = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_CALLED = re.compile(r"([\w.]+)\(\) (?:takes|missing|got)\b")
# What an assertion asks, where it asks for the existence of something.
_ASKED = re.compile(
    r"(?:has|get)attr\([^'\"]*['\"](\w+)['\"]|"
    r"['\"](\w+)['\"] in (?:dir|vars)\(|['\"](\w+)['\"] in .*\.parameters"
)
# How compilers and interpreters of other languages say that something does not exist.
_UNKNOWN = re.compile(
    r"not defined|undefined|is not a function|not a constructor|cannot find|no such|not found|"
    r"undeclared|unresolved|no method|has no (?:field|member)|does not (?:exist|provide)|"
    r"unknown (?:option|argument)|NoMethodError|NameError|NoSuchMethod",
    re.IGNORECASE,
)
_REMEDIES = {
    "absence": "that shows only that new code is new: let the guard call what existed before the "
    "fix, in the way that went wrong",
    "taken out": "the guard reads a file that the fix added: put it in `proof: {keep: [...]}`",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the fix: what it introduced, and which files are the guard's own.

    `taken_out` are the files that are gone without it, `text` is what the guard's own files say.
    """

    own: Callable[[str], bool]
    introduced: Introduced = field(default_factory=Introduced)
    taken_out: Collection[str] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What a red run is worth. `why` is "" where it is a proof, which `tests` are then.

    `entangled`: it was not the guard that asked for what the fix introduced, but other code, which
    may have come after the fix; then only the state of the fix itself can tell.
    """

    answer: Answer
    why: str = ""
    remedy: str = ""
    tests: tuple[str, ...] = ()
    entangled: bool = False


STILL_GREEN = Reason(
    "not proven",
    "still green",
    "the guard does not see the bug: let it do what went wrong; if it tests a package that is "
    "installed, install that in `proof: {prepare: ...}`, or as editable",
)


def refuse(view: View) -> Reason | None:
    """Why a run, green or red, is no measurement of the worktree at all."""
    if view.ran:
        more = f" and {len(view.ran) - _NAMED} more" if len(view.ran) > _NAMED else ""
        return Reason(
            "not measured",
            f"ran the working copy: {', '.join(view.ran[:_NAMED])}{more} instead of the worktree",
            "let the guard find the code by a path relative to the repository, or build it there "
            "in `proof: {prepare: [...]}`",
        )
    if view.exit is None and view.failure:
        return Reason("not measured", view.failure.reason, view.failure.remedy)
    return None


def green(view: View, where: str) -> Reason | None:
    """Why a run with the fix is not green; None where it is."""
    if refused := refuse(view):
        return refused
    why, remedy = _red(view)
    remedy = remedy or "a guard is proven where it is green: mend it, or what it tests, first"
    return Reason("not measured", f"with the fix, at {where}, {why}", remedy) if why else None


def _red(view: View) -> tuple[str, str]:
    """What is not green in a run, and what to do about it; "" where nothing is."""
    if view.failure:
        return f"it measured nothing: {view.failure.reason}", view.failure.remedy
    if view.verdict not in ("pass", "warn"):
        failed = [name for name in view.tests if _failed(view, name)] or [*view.rules]
        return f"it is red: {', '.join(failed[:_NAMED])}", ""
    idle = view.tests and not any(map(view.passed, view.tests))
    return ("no test passed", "") if idle else ("", "")


def both(seen: Reason, again: Reason) -> Reason:
    """What two red runs prove together: what was red in both."""
    tests = tuple(name for name in seen.tests if name in again.tests)
    return replace(seen, tests=tests) if tests else _by_chance("red", again.why)


def steady(seen: Reason, view: View, where: str) -> Reason:
    """What is left of a proof after one more run with the fix."""
    if seen.answer != "proven":
        return seen
    if wrong := green(view, where):
        return _by_chance("green", wrong.why)
    # Rules are named where there are no tests; a green run has findings of none that counts.
    tests = tuple(name for name in seen.tests if view.passed(name) or not view.tests)
    return replace(seen, tests=tests) if tests else _by_chance("green", "")


def _by_chance(colour: str, why: str) -> Reason:
    return Reason(
        "not measured",
        f"it is {colour} only by chance; run again, {why or 'other tests were'}",
        "let nothing but the code decide: no clock, network, random number or order of tests",
    )


def elsewhere(found: Reason) -> bool:
    """Whether the state of the fix itself may tell more than HEAD."""
    return found.entangled or found == STILL_GREEN


def joined(head: Reason, there: Reason, commit: str) -> Reason:
    """The answer at the fix, where HEAD gave none; it says where the guard does not run there."""
    if there.answer == "proven":
        return there
    if head == STILL_GREEN:
        if there == STILL_GREEN:
            return replace(there, why=f"still green, at HEAD and at {commit}")
        if there.answer == "not measured":
            why = f"still green at HEAD; at {commit} it does not run: {there.why}"
            return replace(head, why=why)
    why = f"{there.why} (at {commit}; at HEAD: {head.why or 'other code asks for the fix'})"
    return replace(there, why=why)


def compare(green: View, red: View, facts: Facts) -> Reason:
    """What it proves that a guard was green with the fix and looks so without it."""
    if refused := refuse(red):
        return refused
    if green.tests:
        return _tests(green, red, facts)
    return _rules(green, red, facts)


def _tests(green: View, red: View, facts: Facts) -> Reason:
    """Judge the tests that passed before."""
    passed = [*filter(green.passed, green.tests)]
    reasons = {name: _test(red.tests[name], facts) for name in passed if _failed(red, name)}
    proving = {name: why for name, why in reasons.items() if why.answer == "proven"}
    if proving:
        only = all(why.entangled for why in proving.values())
        return Reason("proven", tests=tuple(proving), entangled=only)
    found = [_uncollected(crash, facts) for crash in red.uncollected.values()]
    if found := [*found, *reasons.values()]:
        return min(found, key=lambda why: (_weight(why), why.entangled))
    return _unseen(passed, red, facts)


def _unseen(passed: Sequence[str], red: View, facts: Facts) -> Reason:
    """No test failed: they passed, or they did not run."""
    left = [name for name in passed if not red.passed(name)]
    if not left:
        return STILL_GREEN
    if red.crashes:
        return _uncollected(red.crashes[-1], facts)
    said = f": {red.failure.reason}" if red.failure else ""
    did = "was skipped" if left[0] in red.tests else "did not run"
    why = f"a test that passed before {did}: {left[0]}{said}"
    remedy = red.failure.remedy if red.failure else "see why it is left out without the fix"
    return Reason("not measured", why, remedy)


def _uncollected(crash: Crash, facts: Facts) -> Reason:
    """What it means that tests could not be collected because of an exception."""
    return _absent(crash, facts, collecting=True) or Reason(
        "not measured",
        f"a test could not be collected: {_said(crash)}",
        "without the fix the test must still be collected: import what breaks inside of it",
    )


def _failed(red: View, name: str) -> bool:
    return name in red.tests and red.tests[name].outcome == "failed"


def _weight(reason: Reason) -> int:
    """Absence tells more than a file that was taken out, and that more than nothing measured."""
    if reason.answer == "not measured":
        return 2
    return 0 if reason.why.startswith("absence") else 1


def _test(test: Test, facts: Facts) -> Reason:
    """What one test that turned red proves."""
    crash = test.crash
    if crash is None:
        return _told(test, facts)
    if absent := _absent(crash, facts, collecting=False):
        return absent
    if test.phase != "call":
        what = {"setup": "set up", "teardown": "torn down"}.get(test.phase, "collected")
        why = f"a test could not be {what}: {_said(crash)}"
        return Reason("not measured", why, "let the body of the test do what went wrong")
    guilty = _guilty(crash)
    ours = guilty is None or _own(guilty, facts)
    asks = any(facts.introduced.module(n) or n in facts.introduced.names for n in _missing(crash))
    return Reason("proven", entangled=asks and not ours)


def _absent(crash: Crash, facts: Facts, *, collecting: bool) -> Reason | None:
    """Whether an exception, or one that it replaced, only shows that something is not there."""
    guilty = _guilty(crash)
    ours = guilty is None or _own(guilty, facts)
    if file := _taken_out(crash, facts, ours=ours):
        return Reason("not proven", f"{file} was taken out", _REMEDIES["taken out"])
    if ours or collecting:
        if name := next(_introduced(crash, guilty, facts.introduced), ""):
            why = f"absence of {name}"
            return Reason("not proven", why, _REMEDIES["absence"], entangled=not ours)
        if crash.hidden:
            return _absent(crash.hidden, facts, collecting=False)
    return None


def _guilty(crash: Crash) -> Frame | None:
    """The innermost frame of the worktree; libraries only do what they are asked for."""
    return next((frame for frame in crash.frames if not frame.file.startswith(("/", "<"))), None)


def _own(frame: Frame, facts: Facts) -> bool:
    return facts.own(frame.file)


def _taken_out(crash: Crash, facts: Facts, *, ours: bool) -> str:
    """The file that could not be opened because it went with the fix, if the guard named it.

    One that only product code names belongs to the product: without it, that crashes.
    """
    if "OSError" not in crash.kinds or not crash.filename:
        return ""
    for file in facts.taken_out:
        if f"/{crash.filename}".endswith(f"/{file}") or f"/{file}".endswith(f"/{crash.filename}"):
            return file if ours or file.rpartition("/")[2] in facts.text else ""
    return ""


def _introduced(crash: Crash, guilty: Frame | None, known: Introduced) -> Iterator[str]:
    """What was asked for that only the fix brought: a module, name, attribute or parameter."""
    for name in _missing(crash):
        if name in known.names or known.module(name):
            yield name
    for name, module in _FROM.findall(crash.message):
        if known.module(f"{module}.{name}"):
            yield f"{module}.{name}"
    if "TypeError" in crash.kinds:
        yield from _signatures(crash.message, known.members)
    if guilty and "AssertionError" in crash.kinds:
        yield from _asked(guilty.source, known.names)


def _asked(source: str, names: Collection[str]) -> Iterator[str]:
    """What an assertion asks the existence of."""
    for found in _ASKED.findall(source):
        yield from (name for name in found if name in names)


def _missing(crash: Crash) -> list[str]:
    """The names that an exception says are missing."""
    if not {"AttributeError", "NameError", "ImportError", "TypeError"} & {*crash.kinds}:
        return []
    found = [name for names in _MISSING.findall(crash.message) for name in names if name]
    return list(dict.fromkeys(filter(None, [*found, crash.name])))


def _signatures(message: str, members: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Parameters of a function that was called, operators of a type that was used."""
    for called in _CALLED.findall(message):
        for owner in reversed(called.split(".")):
            for name in sorted(members.get(owner, ())):
                yield f"{owner}.{name}"
    for quoted in _QUOTED.findall(message):
        owner = quoted.rpartition(".")[2]
        for name in sorted(members.get(owner, ())):
            if name.startswith("__"):
                yield f"{owner}.{name}"


def _told(test: Test, facts: Facts) -> Reason:
    """What a failure of another runner proves, which is known by its text only.

    The name of something new in a complaint that something does not exist is absence, unless the
    text names a file that is not the guard's: then it was that which asked.
    """
    if test.phase != "call":
        return Reason("not measured", f"a test did not get to its body: {_first(test.text)}")
    for line in test.text.splitlines():
        if _UNKNOWN.search(line):
            words = re.findall(r"[^\W\d]\w+", line)
            for file in facts.taken_out:
                if file.rpartition("/")[2] in line:
                    return Reason("not proven", f"{file} was taken out", _REMEDIES["taken out"])
            if name := next((word for word in words if word in facts.introduced.names), ""):
                return Reason("not proven", f"absence of {name}", _REMEDIES["absence"])
    return Reason("proven")


def _rules(green: View, red: View, facts: Facts) -> Reason:
    """What findings prove: a rule that found nothing before, and finds something now."""
    known = [crash.message for crash in green.crashes]
    new_crashes = (crash for crash in red.crashes if crash.message not in known)
    absent = (_absent(crash, facts, collecting=False) for crash in new_crashes)
    if first := next(filter(None, absent), None):
        return first
    return _found(green, red)


def _found(green: View, red: View) -> Reason:
    """What the finding rules prove."""
    new = sorted(rule for rule in red.rules if not green.rules.get(rule))
    if new and red.verdict == "fail":
        return Reason("proven", tests=tuple(new))
    if red.failure:
        return Reason("not measured", red.failure.reason, red.failure.remedy)
    return STILL_GREEN


def _said(crash: Crash) -> str:
    kind = crash.kinds[0] if crash.kinds else "an error"
    return f"{kind}: {_first(crash.message)}".rstrip(": ")


def _first(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:200]
