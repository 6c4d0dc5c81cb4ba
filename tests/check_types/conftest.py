"""A small real-file context: what a check type needs, over files in a temporary folder."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

import pytest

from gatekeeper import conditions, metrics, selection
from gatekeeper.config.policy import (
    CheckPolicy,
    Expectation,
    GatePolicy,
    Incident,
    Origin,
    Policy,
    Signoff,
)
from gatekeeper.interfaces import CheckContext, Completed
from gatekeeper.model import Measurement, Position

T = TypeVar("T")
PLACE = Position("gates/gate.yaml", 7, 5)
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Ended:
    """A process that ended."""

    exit: int
    outcome: Literal["clean", "findings"]
    tail: str


@dataclass
class Context:
    """A context over real files; `skipped` is what could not be examined, with the reason."""

    root: Path
    check: CheckPolicy
    policy: Policy
    now: datetime = NOW
    completed: Completed | None = None
    report: Measurement | None = None
    narrowed_to: Sequence[str] | None = None
    skipped: dict[str, str] = field(default_factory=dict)
    before: Mapping[str, str] | None = None

    @property
    def tracked(self) -> Sequence[str]:
        found = (path for path in self.root.rglob("*") if path.is_symlink() or path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    @property
    def files(self) -> Sequence[str]:
        candidates = self.tracked if self.narrowed_to is None else self.narrowed_to
        return selection.matching(self.check.files, candidates)

    @property
    def out(self) -> Path:
        raise NotImplementedError

    def open(self, path: str) -> BinaryIO | None:
        if (self.root / path).is_symlink():
            self.skip(path, "is a symbolic link")
            return None
        return (self.root / path).open("rb")

    def skip(self, path: str, reason: str) -> None:
        self.skipped[path] = reason

    def digest(self, paths: Sequence[str]) -> str:
        whole = hashlib.sha256()
        for path in sorted(paths):
            content = hashlib.sha256((self.root / path).read_bytes()).hexdigest()
            whole.update(f"{path}\0{content}\n".encode())
        return f"sha256:{whole.hexdigest()}"

    def base(self, *paths: str) -> Mapping[str, bytes] | None:
        if self.before is None:
            return None
        below = tuple(f"{path}/" for path in paths)
        return {p: t.encode() for p, t in self.before.items() if f"{p}/".startswith(below)}

    def recall(self, data: bytes, read: Callable[[bytes], T], form: type[T]) -> T:  # noqa: ARG002
        return read(data)

    def run(self) -> Completed:
        assert self.completed is not None
        return self.completed

    def read(self) -> Measurement:
        assert self.report is not None
        return self.report


def _guard(id_: str, **spec: Any) -> CheckPolicy:
    """A registered check; `origin` are full ids of action items."""
    failed = metrics.TABLE["tests.failed"]
    return CheckPolicy(
        id=id_,
        title=id_,
        gate="gate",
        type="pattern",
        digest="",
        measures=("tests.failed",),
        expect=(Expectation("tests.failed", (conditions.parse("== 0", failed),)),),
        registered=True,
        origin=tuple(Origin(item) for item in spec.pop("origin", ())),
        position=Position(f"checks/{id_}.yaml", 1, 1),
        **spec,
    )


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., Context]:
    """Make a context: files by path (bytes, text, or a link as a Path), and keys of the check."""

    def make(
        content: Mapping[str, str | bytes | Path],
        /,
        *,
        ended: tuple[int, Literal["clean", "findings"], str] | None = None,
        report: Measurement | None = None,
        signoffs: tuple[Signoff, ...] = (),
        incidents: tuple[Incident, ...] = (),
        guards: Mapping[str, Mapping[str, Any]] | None = None,
        before: Mapping[str, str] | None = None,
        **keys: Any,
    ) -> Context:
        for name, data in content.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, Path):
                path.symlink_to(data)
            else:
                path.write_bytes(data.encode() if isinstance(data, str) else data)
        check = CheckPolicy(
            id="subject",
            title="The check under test",
            gate="gate",
            type="type",
            digest="",
            position=PLACE,
            **keys,
        )
        checks = {id_: _guard(id_, **spec) for id_, spec in (guards or {}).items()}
        gate = GatePolicy(
            "gate",
            "Gate",
            "push",
            advisory=False,
            requirements=(),
            checks=tuple(checks),
            position=PLACE,
        )
        policy = Policy("", (gate,), {check.id: check, **checks}, signoffs, incidents)
        made = Context(
            tmp_path,
            check,
            policy,
            completed=Ended(*ended) if ended else None,
            report=report,
            before=before,
        )
        typed: CheckContext = made  # mypy: the context has all that the protocol asks for
        assert typed is made
        return made

    return make
