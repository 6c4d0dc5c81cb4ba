"""One proof in its worktree: green with the fix, red without it, and both of them again."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, TypeGuard

from gatekeeper import selection
from gatekeeper.adapters import git, gitwork
from gatekeeper.config.policy import Proof
from gatekeeper.errors import ConfigurationError, NotMeasured
from gatekeeper.learning import proofs
from gatekeeper.learning.proofs import Record
from gatekeeper.prove import fix, guard, names, reason, samples, undo
from gatekeeper.prove.fix import Fix, Removal
from gatekeeper.prove.guard import Guard, Lab
from gatekeeper.prove.reason import Facts, Reason
from gatekeeper.prove.view import View

# How often a guard that turned red is run again without the fix, and then with it.
RED_AGAIN, GREEN_AGAIN = 2, 1
_SHORT = 12
_CAP = 16 * 2**20
_TEXT = 2**20
_FILES = 500
_NAMED = 3
# A test module, as pytest, Go, JavaScript and others name them.
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test\.\w+|[^/]*\.(?:test|spec)\.\w+)$")


@dataclass(frozen=True, slots=True)
class Claim:
    """A reason, and the states that it is about, for a person."""

    reason: Reason
    green: str = ""
    red: str = ""


@dataclass
class Trial:
    """One proof in its worktree; `found` is the fix, once it is known.

    `head` is the commit that is judged, `told` hears what is done now.
    """

    repository: git.Repository
    head: str
    lab: Lab
    guard: Guard
    proof: Proof
    told: Callable[[str], object]
    found: Fix | None = None

    def claim(self) -> Claim:
        """Prove it in each way that `proof:` names; all of them must hold."""
        ways = []
        if self.proof.fixed_by:
            ways.append(self.fix)
        if self.proof.rejects or self.proof.accepts:
            ways.append(self.samples)
        if not ways:
            raise NotMeasured("its `proof:` is empty", "write `fixed-by:`, or `rejects:`")
        claims = []
        for way in ways:
            claims.append(way())
            if claims[-1].reason.answer != "proven":
                return claims[-1]
        return claims[0]

    # -------------------------------------------------------------------------------- by a fix

    def fix(self) -> Claim:
        """Green with the fix and red without it: at HEAD, else at the fix itself."""
        tree = self.lab.tree
        found = self.found = fix.find(self.repository, self.proof.fixed_by)
        own = self._own(self.guard)
        first = self._at(self.guard, own, "HEAD")
        if found.latest == self.head or not reason.elsewhere(first.reason):
            return first
        kept = self._kept(own)
        tree.move(found.latest)
        where = found.latest[:_SHORT]
        there = self._there()
        if there is None:
            tree.files_from(self.head, kept)
            second = self._at(self.guard, own, where, kept)
        else:
            second = self._at(there, self._own(there), where)
        return replace(second, reason=reason.joined(first.reason, second.reason, where))

    def _there(self) -> Guard | None:
        """The guard of the state that the worktree is in; None where it came later."""
        try:
            return guard.find(self.lab.tree.path, self.guard.check.id)
        except ConfigurationError:  # what it stands in came later too
            return None

    def _at(
        self, judged: Guard, own: Callable[[str], bool], where: str, kept: tuple[str, ...] = ()
    ) -> Claim:
        """Prove it in the state that the worktree is in; `kept` are files brought from HEAD."""
        tree, found = self.lab.tree, self.found
        if found is None:
            raise ValueError("the fix is found first")
        green = self._run(judged, f"at {where}")
        if wrong := reason.green(green, where):
            return Claim(wrong)
        removal = fix.take_out(tree, found, own)
        if removal.reason:
            remedy = "name all commits of the fix in `fixed-by:`, or prove the guard by samples"
            return Claim(Reason("not measured", removal.reason, remedy, entangled=True))
        facts = self._facts(removal, own)
        seen = self._red(judged, green, facts, where)
        if seen.answer == "proven":
            tree.reset()
            tree.files_from(self.head, kept)
            for _ in range(GREEN_AGAIN):
                seen = reason.steady(seen, self._run(judged, f"at {where}, again"), where)
        return Claim(seen, tree.commit, without(tree.commit, found.commits))

    def _red(self, judged: Guard, green: View, facts: Facts, where: str) -> Reason:
        """What it shows without the fix, each time that it is run."""
        where = f"at {where}, with the fix taken out"
        seen = reason.compare(green, self._run(judged, where), facts)
        for _ in range(RED_AGAIN):
            if seen.answer == "proven":
                again = reason.compare(green, self._run(judged, f"{where}, again"), facts)
                seen = reason.both(seen, again)
        return seen

    def _run(self, judged: Guard, where: str) -> View:
        self.told(f"{self.guard.check.id}: {where}")
        return guard.run(judged, self.lab)

    def _facts(self, removal: Removal, own: Callable[[str], bool]) -> Facts:
        """What the removal tells of the fix: the texts of its files with it and without it."""
        touched = [p for p in (*removal.changed, *removal.deleted) if not undo.document(p)]
        found = git.files_at(self.repository, self.lab.tree.commit, touched[:_FILES], _TEXT)
        with_fix = {path: _text(data) for path, data in found.items()}
        now = {path: _text(self._content(path)) for path in removal.changed}
        mine = self._kept(own) if removal.deleted else ()
        said = "\n".join(_text(self._content(path)) for path in mine)
        return Facts(own, names.introduced(with_fix, now), removal.deleted, said)

    # ------------------------------------------------------------------------------ by samples

    def samples(self) -> Claim:
        """Red on each sample that it must reject, green on each that it must accept."""
        self.told(f"{self.guard.check.id}: on its samples")
        outcomes = samples.measure(self.guard, self.lab)
        return _sampled(outcomes)

    # ------------------------------------------------------------------------------ its record

    def record(self, claim: Claim, date: str, duration: float) -> Record:
        """The record of a proof; the digests are of what HEAD holds."""
        self.lab.tree.move(self.head)
        files = {path: digest for path in self._recorded() if (digest := self._digest(path))}
        return Record(
            check=self.guard.check.id,
            method="fixed-by" if self.found else "samples",
            green=claim.green,
            red=claim.red,
            tests=claim.reason.tests,
            check_digest=proofs.check_digest(self.guard.check),
            files=files,
            fixed_by=self.found.commits if self.found else (),
            fix_digest=self.found.digest if self.found else "",
            date=date,
            duration=round(duration, 3),
        )

    def _recorded(self) -> list[str]:
        """The files on which the proof stands: the guard's own, and its samples.

        Not the check file, of which the record has a digest that minds what matters only, nor test
        modules that merely lie beside the guard's: whoever adds a test must not prove all anew.
        """
        check, proof = self.guard.check, self.proof
        registry = check.position.file if check.position else ""
        words = (f"{check.cwd}/{word}".lstrip("/") for word in fix.words(check.given))
        given = {os.path.normpath(word) for word in words}

        def counts(path: str) -> bool:
            above = {path, *map(str, PurePosixPath(path).parents)}
            beside = _TEST.search(path) and given.isdisjoint(above)
            return not beside or bool(selection.matching(proof.keep, [path]))

        own = [path for path in self._kept(self._own(self.guard)) if path != registry]
        shown = [one["file"] for one in (*proof.rejects, *proof.accepts) if _in_file(one)]
        return [*filter(counts, own), *map(os.path.normpath, shown)]

    # -------------------------------------------------------------------------------- its files

    def _own(self, judged: Guard) -> Callable[[str], bool]:
        position = judged.check.position
        file = position.file if position else ""
        tracked = tuple(gitwork.entries(self.lab.tree.place))
        return fix.own_files(judged.check, self.proof.keep, tracked, file)

    def _kept(self, own: Callable[[str], bool]) -> tuple[str, ...]:
        """The tracked files of the worktree that are the guard's own."""
        return tuple(sorted(path for path in gitwork.entries(self.lab.tree.place) if own(path)))

    def _content(self, path: str) -> bytes | None:
        """A regular file of the worktree, up to a cap; None for anything else."""
        place = self.lab.tree.path / path
        if place.is_symlink() or not place.is_file():
            return None
        with place.open("rb") as file:
            return file.read(_CAP)

    def _digest(self, path: str) -> str:
        data = self._content(path)
        return "" if data is None else f"sha256:{hashlib.sha256(data).hexdigest()}"


def _sampled(outcomes: Sequence[samples.Outcome]) -> Claim:
    """What the samples prove together; first counts what could not be told at all."""
    wrong = [one for one in outcomes if not one.holds]
    wrong.sort(key=lambda one: one.seen != "not measured")
    if wrong:
        why = "; ".join(f"{one.sample} {one.why}" for one in wrong[:_NAMED])
        blind = wrong[0].seen == "not measured"
        return Claim(Reason("not measured" if blind else "not proven", why, wrong[0].remedy))
    rules = dict.fromkeys(rule for one in outcomes for rule in one.rules)
    red = [one.wanted for one in outcomes].count("red")
    found = Reason("proven", tests=tuple(rules))
    return Claim(found, f"{len(outcomes) - red} samples", f"{red} samples")


def without(state: str, commits: tuple[str, ...]) -> str:
    """A commit without others, for a person."""
    return f"{state} without {', '.join(commit[:_SHORT] for commit in commits)}"


def _text(data: bytes | None) -> str:
    return "" if data is None or b"\0" in data else data[:_TEXT].decode("utf-8", "replace")


def _in_file(sample: Any) -> TypeGuard[Mapping[str, str]]:
    return isinstance(sample, Mapping) and "file" in sample
