"""A GitHub workflow as far as it decides what is deployed: jobs, what they need, their steps.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax. What has another
form than described there is read as absent: GitHub refuses such a workflow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatekeeper.adapters.jsonfile import mapping, sequence
from gatekeeper.config.yamlfile import Document, KeyPath
from gatekeeper.model import STAGES
from gatekeeper.workflows import script

_REUSABLE = "deploy-gate.yml"
# Not what only tells of a deployment: `publish-test-results`, `notify-deploy-failure`.
_NAMED = re.compile(
    r"(?:^|[^a-z])(?:deploy|release|publish)(?!.{0,40}(?:result|report|note|draft|failure|status))",
    re.IGNORECASE,
)
_DEPLOYS = re.compile(r"deploy|gh-action-pypi-publish|action-gh-release", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job; `path` leads to it in the document, `tolerates` is `continue-on-error`."""

    path: KeyPath
    id: str
    uses: str
    run: str
    shell: script.Shell
    condition: str
    tolerates: str
    options: Mapping[str, Any]
    own: bool

    @property
    def judges(self) -> bool:
        """Whether it runs the gates: by the action, or in its script."""
        return is_action(self.uses, own=self.own) or script.judges(self.run)

    @property
    def stage(self) -> str:
        """The stage that it judges at, "" where the workflow does not tell."""
        if self.run:
            return script.stage(self.run)
        named = text(self.options.get("stage", "ci"))
        return named if named in STAGES else ""

    @property
    def partial(self) -> bool:
        """Whether it judges some gates, checks or changed files only, which approves nothing."""
        gates = text(self.options.get("gates"))
        named = bool(gates and "${{" not in gates)  # else perhaps each in a job of its own
        return script.partial(self.run) or named or bool(text(self.options.get("base")))


@dataclass(frozen=True)
class Job:
    """A job; `environment` is whether it deploys to one, `uses` the workflow that it calls.

    One with a `matrix` is several jobs, and has the outputs of whichever ends last.
    """

    path: KeyPath
    id: str
    name: str
    needs: tuple[str, ...]
    condition: str
    tolerates: str
    environment: bool
    matrix: bool
    uses: str
    steps: tuple[Step, ...]

    @cached_property
    def gates(self) -> tuple[Step, ...]:
        """The steps that run the gates."""
        return tuple(step for step in self.steps if step.judges)

    @property
    def calls_gate(self) -> bool:
        """Whether it calls gatekeeper's reusable workflow, which judges before it deploys."""
        return self.uses.partition("@")[0].rpartition("/")[2] == _REUSABLE

    @property
    def judges(self) -> bool:
        """Whether the gates are run in it."""
        return bool(self.gates) or self.calls_gate

    @property
    def deploys(self) -> bool:
        """Whether it deploys, by its environment, its name, or the actions that it uses."""
        named = _NAMED.search(self.id) or _NAMED.search(self.name)
        return bool(self.environment or named) or any(deploys(step) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow; `triggers` are the events that start it."""

    document: Document
    triggers: frozenset[str]
    jobs: Mapping[str, Job]

    @property
    def all(self) -> Collection[Job]:
        """Its jobs."""
        return self.jobs.values()

    @property
    def calls(self) -> frozenset[str]:
        """The files of this repository that its jobs call as workflows."""
        return frozenset(filter(None, map(called, self.all)))


def workflow(document: Document, *, own: bool) -> Workflow:
    """A workflow out of its file; `own`: the action at the repository's top is gatekeeper's."""
    top = mapping(document.value)
    events = top.get("on")
    triggers = [events] if isinstance(events, str) else mapping(events) or sequence(events)
    shell = _default_shell(top, "")
    jobs = {
        name: _job(name, mapping(value), shell, own=own)
        for name, value in mapping(top.get("jobs")).items()
    }
    return Workflow(document, frozenset(e for e in triggers if isinstance(e, str)), jobs)


def is_action(uses: str, *, own: bool) -> bool:
    """Whether `uses:` names the action: OWNER/gatekeeper@..., or the top of its own repository."""
    place = uses.partition("@")[0].rstrip("/")
    return place.rpartition("/")[2] == "gatekeeper" or (own and place in (".", "$"))


def deploys(step: Step) -> bool:
    """Whether a step uses an action that deploys or publishes."""
    return bool(_DEPLOYS.search(step.uses.partition("@")[0]))


def text(value: object) -> str:
    """A scalar as it is written; "" for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _job(name: str, job: Mapping[str, Any], shell: str, *, own: bool) -> Job:
    needs = job.get("needs")
    shell = _default_shell(job, shell)
    windows = "windows" in str(job.get("runs-on", "")).lower()
    path = ("jobs", name)
    steps = [
        _step((*path, "steps", n), mapping(step), shell, windows=windows, own=own)
        for n, step in enumerate(sequence(job.get("steps")))
    ]
    return Job(
        path=path,
        id=name,
        name=text(job.get("name")),
        needs=tuple(text(one) for one in ([needs] if isinstance(needs, str) else sequence(needs))),
        condition=text(job.get("if")),
        tolerates=text(job.get("continue-on-error")),
        environment=bool(job.get("environment")),
        matrix=bool(mapping(job.get("strategy")).get("matrix")),
        uses=text(job.get("uses")),
        steps=tuple(steps),
    )


def _step(path: KeyPath, step: Mapping[str, Any], shell: str, *, windows: bool, own: bool) -> Step:
    return Step(
        path=path,
        id=text(step.get("id")),
        uses=text(step.get("uses")),
        run=text(step.get("run")),
        shell=script.shell(text(step.get("shell")) or shell, windows=windows),
        condition=text(step.get("if")),
        tolerates=text(step.get("continue-on-error")),
        options=mapping(step.get("with")),
        own=own,
    )


def _default_shell(level: Mapping[str, Any], outer: str) -> str:
    run = mapping(mapping(level.get("defaults")).get("run"))
    return text(run.get("shell")) or outer


def called(job: Job) -> str:
    """The file of this repository that a job calls as a workflow, "" where it calls none."""
    place = job.uses.removeprefix("$/").removeprefix("./")
    return place if place != job.uses else ""


def ancestors(jobs: Mapping[str, Job], name: str) -> Sequence[str]:
    """The jobs that a job needs, and those that they need."""
    found: dict[str, None] = {}
    waiting = list(jobs[name].needs)
    while waiting:
        one = waiting.pop()
        if one in jobs and one not in found:
            found[one] = None
            waiting += jobs[one].needs
    return tuple(found)
