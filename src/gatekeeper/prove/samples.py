"""Proof by samples: a guard is red on each text that it must reject, green on each it must accept.

    proof:
      rejects: ["breakpoint()", {file: tests/samples/bad.py}]
      accepts: [{name: src/good.py, text: "print()"}]

A sample is a text, or a mapping with `text:` or `file:` (relative to the judged folder), and with
`name:` where it matters under which name the guard sees it. By default that is the file's own name
if the check's `files:` select it, else one that they do select.

Each sample stands in a fresh repository, with nothing beside it but what the guard itself needs:
what its `config:` selects, what its command and its `with:` name, and what `link:` borrows. All of
that is the same for every sample: only the sample can make the difference between red and green.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gatekeeper import selection
from gatekeeper.adapters import git, gitwork
from gatekeeper.checkout import open_inside
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured
from gatekeeper.prove import guard, reason
from gatekeeper.prove.fix import words
from gatekeeper.prove.guard import Guard, Lab
from gatekeeper.prove.view import View
from gatekeeper.prove.worktree import Tree, borrow

Colour = Literal["red", "green", "not measured"]
_KEYS = frozenset({"text", "file", "name"})
# More samples than anybody writes, and more files than a guard consists of.
_MOST = 200
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guard made of one sample: `sample` says which, such as `rejects[1]`.

    `rules` are the finding rules, or the tests, that were red. `why` and `remedy` tell what is
    wrong where `seen` is not what is `wanted`. `digest` is `sha256:HEX` of the sample's content.
    """

    sample: str
    wanted: Colour
    seen: Colour
    digest: str
    rules: tuple[str, ...] = ()
    why: str = ""
    remedy: str = ""

    @property
    def holds(self) -> bool:
        """Whether the guard is right about it."""
        return self.seen == self.wanted


@dataclass(frozen=True, slots=True)
class _Sample:
    label: str
    wanted: Colour
    name: str
    data: bytes


def measure(judged: Guard, lab: Lab) -> tuple[Outcome, ...]:
    """Run a guard on each of its samples; files are taken from the lab's worktree.

    Raises NotMeasured where there is not at least one sample of each kind, or one is malformed.
    """
    samples = [*_samples(judged.check, lab.tree.path)]
    needed = _needed(judged.check, lab.tree)
    return tuple(_measured(sample, judged, lab, needed) for sample in samples)


def _measured(sample: _Sample, judged: Guard, lab: Lab, needed: Mapping[str, bytes]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="sample-", dir=lab.tree.path.parent) as spare:
        folder = Path(os.path.realpath(spare))
        try:
            (folder / judged.check.cwd).mkdir(parents=True, exist_ok=True)
            for name, data in {**needed, sample.name: sample.data}.items():
                _write(folder / name, data, lab.tree.path / name)
        except OSError as error:
            why = f"{sample.label} of {judged.check.id} cannot be written: {error.strerror}"
            raise NotMeasured(why, "give it another `name:`") from None
        place = gitwork.create(folder, lab.tree.linked)
        tree = Tree(git.Repository(folder, None, None), place, "")
        for path in lab.tree.linked:
            borrow((lab.tree.path / path).resolve(), folder, path)
        seen = guard.run(judged, replace(lab, tree=tree))
    digest = f"sha256:{hashlib.sha256(sample.data).hexdigest()}"
    return _told(Outcome(sample.label, sample.wanted, "not measured", digest), seen)


def _write(path: Path, data: bytes, source: Path) -> None:
    """Write a file; what may be executed where it comes from may be here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if os.access(source, os.X_OK):
        path.chmod(0o755)


def _told(outcome: Outcome, seen: View) -> Outcome:
    """The outcome with what a run showed."""
    if refused := reason.refuse(seen):
        return replace(outcome, why=refused.why, remedy=refused.remedy)
    if seen.failure:
        return replace(outcome, why=seen.failure.reason, remedy=seen.failure.remedy)
    if seen.crashes:
        kind = next(iter(seen.crashes[0].kinds), "an exception")
        why = f"the guard itself crashed: {kind}: {seen.crashes[0].message}"
        return replace(outcome, why=why, remedy="let it end with its verdict")
    if seen.verdict not in ("pass", "warn", "fail"):
        why = "what it measured cannot be judged"
        return replace(outcome, why=why, remedy="run the gates: they say what is missing")
    failed = (name for name, test in seen.tests.items() if test.outcome == "failed")
    rules = tuple(sorted({*seen.rules, *failed}))
    outcome = replace(outcome, rules=rules, seen="red" if seen.verdict == "fail" else "green")
    return outcome if outcome.holds else _wrong(outcome)


def _wrong(outcome: Outcome) -> Outcome:
    """The outcome with the reason why it is not as wanted."""
    named = ", ".join(outcome.rules[:_NAMED])
    if outcome.seen == "red":
        why, remedy = f"red on what it must accept: {named or 'its expectation'}", "narrow the rule"
    elif named:
        why = f"green, although it finds {named}: nothing that it measures blocks"
        remedy = "raise the severity, or write an `expect:` for what it counts"
    else:
        why, remedy = "green on what it must reject", "let the rule see what went wrong"
    return replace(outcome, why=why, remedy=remedy)


# ---------------------------------------------------------------------------------- the samples


def _samples(check: CheckPolicy, folder: Path) -> Iterable[_Sample]:
    """All samples of a check."""
    proof = check.proof
    written: dict[str, Sequence[Any]] = {
        "rejects": proof.rejects if proof else (),
        "accepts": proof.accepts if proof else (),
    }
    for key, values in written.items():
        if not 0 < len(values) <= _MOST:
            reason_ = f"the proof of {check.id} has {len(values)} samples in `{key}:`"
            remedy = f"write at least one that the check {key}, and at most {_MOST}"
            raise NotMeasured(reason_, remedy)
        for number, value in enumerate(values, 1):
            yield _sample(check, folder, f"{key}[{number}]", value)


def _sample(check: CheckPolicy, folder: Path, label: str, value: Any) -> _Sample:
    wanted: Colour = "red" if label.startswith("rejects") else "green"
    given = {"text": value} if isinstance(value, str) else value
    if not _well_formed(given):
        remedy = "write a text in quotes, or `{file: PATH}`, or `{name: NAME, text: TEXT}`"
        raise NotMeasured(f"{label} of {check.id} is no sample", remedy)
    if "text" in given:
        data = given["text"].encode("utf-8", "surrogatepass")
        return _Sample(label, wanted, _name(check, label, given.get("name", ""), ""), data)
    file = given["file"]
    try:
        with open_inside(folder, file) as stream:
            data = stream.read()
    except NotMeasured as error:
        reason_ = f"{label} of {check.id}: {file} {error.reason}"
        raise NotMeasured(reason_, "commit the file, then prove it") from None
    return _Sample(label, wanted, _name(check, label, given.get("name", ""), file), data)


def _well_formed(value: Any) -> bool:
    """Whether it is a mapping of texts with either `text` or `file`."""
    if not isinstance(value, Mapping) or not _KEYS.issuperset(value):
        return False
    plain = all(isinstance(each, str) and "\0" not in each for each in value.values())
    return plain and ("text" in value) != ("file" in value)


def _name(check: CheckPolicy, label: str, given: str, file: str) -> str:
    """Under which name the guard sees a sample: one that `files:` select."""
    names = [given] if given else [file, *map(_example, check.files), "sample.txt"]
    for name in map(os.path.normpath, filter(None, names)):
        if _inside(name) and (not check.files or selection.matching(check.files, [name])):
            return name
    reason_ = f"{label} of {check.id} has no name that `files:` select"
    raise NotMeasured(reason_, "write `{name: NAME, text: TEXT}` with such a name")


def _inside(name: str) -> bool:
    parts = name.lower().split("/")
    return not name.startswith("/") and name != "." and parts[0] != ".." and ".git" not in parts


def _example(glob: str) -> str:
    """A path that a glob selects, for the usual globs; "" for one that excludes."""
    plain = "" if glob.startswith("!") else glob.replace("**/", "").replace("**", "sample")
    return plain.replace("*", "sample").replace("?", "x").strip("/")


def _needed(check: CheckPolicy, tree: Tree) -> Mapping[str, bytes]:
    """The files that the guard itself consists of, with their content."""
    tracked = [*gitwork.entries(tree.place)]
    asked = [*check.command, *check.lists, *words(check.given)]
    named = {os.path.normpath(f"{check.cwd}/{word}".lstrip("/")) for word in asked}
    needed = named.intersection(tracked) | set(selection.matching(check.config, tracked))
    found = {}
    for path in sorted(needed)[:_MOST]:
        try:
            with open_inside(tree.path, path) as file:
                found[path] = file.read()
        except NotMeasured as error:
            raise NotMeasured(f"{path}, which the guard needs, {error.reason}") from None
    return found
