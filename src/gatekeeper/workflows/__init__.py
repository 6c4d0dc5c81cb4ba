"""What disarms the gate in a repository's GitHub workflows. Pure: texts in, remarks out.

An *error* is what lets a deployment or a pull request pass although the gates did not:

* `continue-on-error: true` at the step or the job that runs the gates;
* a script in which their failure is lost: `|| true`, a pipe without pipefail, `set +e`, `&`, ...;
* a job with an `environment:` that does not need the job of the gates in its workflow, or whose
  `if:` replaces the default `success()` and does not test that job (of one with a matrix, the
  result: it has the outputs of whichever part ends last);
* a step that deploys although the gates in its job failed;
* the gates run on a pull request's head under `pull_request_target`, where its code gets a token
  that can write.

A *warning* is what may do so and cannot be told from the file alone: a job that deploys by its name
or its actions only, or in a workflow without a gate; an expression; a step of the gate that can be
skipped; a step that deploys before the gates in its job; a gate that judges at an earlier stage
than `deploy`, or a part only; and every file or script that could
not be examined, with the reason.

When a job runs: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
#status-check-functions. Without `always()`, `cancelled()` or `failure()` in its `if:`, it runs only
where all jobs of the chain that it needs have succeeded; one that was skipped has not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from gatekeeper.config import yamlfile
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.workflows import jobs, script
from gatekeeper.workflows.jobs import Job, Step, Workflow

ACTIONS = ("action.yml", "action.yaml")
_MAX_JOBS = 500
_SHOWN = 200  # characters of a source line
_FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_STATUS = re.compile(r"\b(?:always|cancelled|failure)\s*\(", re.IGNORECASE)
_DEPLOYS = re.compile(r"\bdeploy", re.IGNORECASE)
_TEST = re.compile(
    r"needs(?:\.([\w-]+)|\['([\w-]+)'\])\."
    r"(?:result\s*==\s*'success'|(?P<output>outputs)\.[\w-]+\s*==\s*'(?:true|pass)')"
)
_MUST = re.compile(rf"[\s(]*{_TEST.pattern}[\s)]*")
_TOKEN = re.compile(r"'[^']*'|[()]|&&|\|\||\$\{\{|\}\}")
_ALWAYS_JUDGES = frozenset({"", "true", "always()", "success()", "!cancelled()"})
_SUCCEEDED = re.compile(r"[\s(]*github\.event\.workflow_run\.conclusion\s*==\s*'success'[\s)]*")
_PRIVILEGED = frozenset({"pull_request_target", "workflow_run"})
_HEAD = re.compile(
    r"pull_request\.(?:head|merge_commit)|github\.head_ref|workflow_run\.head_|refs/pull/"
)
_FETCHES = re.compile(
    rf"gh pr checkout|git (?:fetch|checkout|pull)\b.{{0,200}}(?:pull/|{_HEAD.pattern})"
)
_OWN = re.compile(r"^name: gatekeeper$", re.MULTILINE)
# How a gate falls short of what a deployment needs, and the hint.
_TOO_LITTLE: tuple[tuple[Callable[[Step], bool], str, str], ...] = (
    (
        lambda step: step.stage in ("push", "ci"),
        "does not judge at stage deploy",
        "say `--stage deploy` (the action: `stage: deploy`): some checks are due only then",
    ),
    (
        lambda step: step.partial,
        "judges a part only, and so approves nothing",
        "name no gates, checks or base: only every gate over every file approves",
    ),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What weakens the gate, and where; `certain`: an error, otherwise a warning."""

    problem: Problem
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    """Files with workflows: those in which the gates are run, and those that only others call.

    Of the latter, `deploying` are those that deploy, and leave the gate to their callers.
    """

    judging: frozenset[str]
    called: frozenset[str]
    deploying: frozenset[str]

    def judges(self, job: Job) -> bool:
        """Whether the gates are run in a job, or in the workflow that it calls."""
        return job.judges or jobs.called(job) in self.judging

    def deploys(self, job: Job) -> bool:
        """Whether a job deploys, or the workflow that it calls."""
        return job.deploys or jobs.called(job) in self.deploying


def is_workflow(path: str) -> bool:
    """Whether GitHub takes a file, relative to the repository's top, for a workflow."""
    return bool(_FILE.fullmatch(path))


def examine(files: Mapping[str, bytes]) -> tuple[Remark, ...]:
    """What disarms the gate in the workflows among `files`, by path from the repository's top.

    Of other files only `action.yml` at the top is looked at: whether it is gatekeeper's own.
    """
    own = any(_OWN.search(files.get(name, b"").decode("utf-8", "replace")) for name in ACTIONS)
    remarks: list[Remark] = []
    workflows: dict[str, Workflow] = {}
    for file in filter(is_workflow, files):
        try:
            document = yamlfile.parse(file, files[file])
            workflow = jobs.workflow(document, own=own)
            if len(workflow.jobs) > _MAX_JOBS:
                message = f"it has more than {_MAX_JOBS} jobs"
                raise ConfigurationError((yamlfile.problem(document, ("jobs",), message),))
        except ConfigurationError as error:
            remarks.append(_unread(error.problems[0]))
        else:
            workflows[file] = workflow
    known = _known(workflows)
    for workflow in workflows.values():
        remarks += _remarks(known, workflow)
    return tuple(sorted(set(remarks), key=_place))


def _remarks(known: _Known, workflow: Workflow) -> Iterator[Remark]:
    guarded = _guarded(known, workflow)
    for job in workflow.all:
        yield from _gate(workflow, job)
        if workflow.document.file not in known.called and known.deploys(job):
            yield from _deployment(known, workflow, job, guarded)
        if workflow.triggers & _PRIVILEGED:
            yield from _heads(known, workflow, job)


def _place(remark: Remark) -> tuple[str, int, int, str]:
    problem = remark.problem
    return problem.file, problem.line, problem.column, problem.message


def _unread(problem: Problem) -> Remark:
    message = f"this workflow was not examined: {problem.message}"
    hint = problem.hint or "whether it disarms the gate is unknown; look at it"
    place = (problem.file, problem.line, problem.column)
    return Remark(Problem(*place, message, hint, problem.source), certain=False)


def _known(workflows: Mapping[str, Workflow]) -> _Known:
    only = {file: one for file, one in workflows.items() if one.triggers == {"workflow_call"}}
    called = frozenset(only).intersection(chain(*(one.calls for one in workflows.values())))
    return _Known(
        judging=_reaching(workflows, lambda job: job.judges),
        called=called,
        deploying=called & _reaching(only, lambda job: job.deploys),
    )


def _reaching(workflows: Mapping[str, Workflow], does: Callable[[Job], bool]) -> frozenset[str]:
    """The workflows with a job that does something, and those that call such a workflow."""
    found = {file for file, one in workflows.items() if any(map(does, one.all))}
    while more := {file for file, one in workflows.items() if one.calls & found} - found:
        found |= more
    return frozenset(found)


def _gate(workflow: Workflow, job: Job) -> Iterator[Remark]:
    """What is wrong where the gates are run."""
    document = workflow.document
    if job.judges and job.tolerates not in ("", "false"):
        path = (*job.path, "continue-on-error")
        yield _tolerated(workflow, path, job.tolerates, f"the job `{job.id}`")
    for step in job.gates:
        if step.tolerates not in ("", "false"):
            path = (*step.path, "continue-on-error")
            asked = step.id and any(f"steps.{step.id}." in later.condition for later in job.steps)
            tolerates = "" if asked else step.tolerates
            yield _tolerated(workflow, path, tolerates, "the step that runs the gates")
        if _bare(step.condition) not in _ALWAYS_JUDGES:
            message = "the gates are not run where this `if:` does not hold, and the job passes"
            hint = "move the `if:` to the job: one that was skipped stops the jobs that need it"
            path = (*step.path, "if")
            yield Remark(yamlfile.problem(document, path, message, hint, key=True), certain=False)
        yield from _script(workflow, step)


def _tolerated(workflow: Workflow, path: yamlfile.KeyPath, value: str, what: str) -> Remark:
    certain = value == "true"
    message = f"{what} {'does' if certain else 'may'} not block, because of continue-on-error"
    hint = "leave it out; steps that must run in any case have `if: ${{ !cancelled() }}`"
    return Remark(yamlfile.problem(workflow.document, path, message, hint, key=True), certain)


def _script(workflow: Workflow, step: Step) -> Iterator[Remark]:
    """How the script of a step loses the gates' failure; placed at its first line with them."""
    if not step.run:
        return
    document, path = workflow.document, (*step.path, "run")
    start = document.positions[path]
    lines = document.lines[start.line - 1 : start.line + step.run.count("\n") + 1]
    found = next((n for n, line in enumerate(lines) if script.judges(line)), 0)
    column = lines[found].index("gatekeeper") + 1 if found else start.column
    flaws = script.flaws(step.run, step.shell)
    for flaw in ("this script cannot be taken apart",) if flaws is None else flaws:
        message = f"the step may pass although the gates fail: {flaw}"
        hint = "give `gatekeeper run` a step of its own, with nothing else in its `run:`"
        problem = Problem(
            document.file, start.line + found, column, message, hint, lines[found][:_SHOWN]
        )
        yield Remark(problem, certain=flaws is not None)


def _deployment(
    known: _Known, workflow: Workflow, job: Job, guarded: Collection[str]
) -> Iterator[Remark]:
    """What is wrong where something is deployed."""
    gates = [one.id for one in workflow.all if known.judges(one)]
    waits = [name for name in jobs.ancestors(workflow.jobs, job.id) if name in gates]
    if known.judges(job):
        yield from _beside(workflow, job)
        yield from _too_little(workflow, job, [job.id])
    elif not waits:
        yield from _ungated(known, workflow, job, gates)
    elif job.id in guarded:
        yield from _too_little(workflow, job, waits)
    else:
        yield _heedless(workflow, job, waits[0])


def _heedless(workflow: Workflow, job: Job, gate: str) -> Remark:
    """A deployment that waits for a gate and does not do as it says."""
    message = f"`{job.id}` deploys even where the gate `{gate}` failed, was skipped or cancelled"
    hint = f"test it: `if: ${{{{ !cancelled() && needs.{gate}.result == 'success' }}}}`"
    problem = yamlfile.problem(workflow.document, (*job.path, "if"), message, hint)
    asked = any(_asked(workflow, job, _TEST.finditer(job.condition)))
    return Remark(problem, certain=job.environment and not asked)


def _ungated(known: _Known, workflow: Workflow, job: Job, gates: Sequence[str]) -> Iterator[Remark]:
    """A deployment that waits for no gate, not even for the success of another workflow's."""
    names = (job.id, *jobs.ancestors(workflow.jobs, job.id))
    musts = chain(*(_musts(workflow.jobs[name].condition) for name in names))
    elsewhere = any(map(_SUCCEEDED.fullmatch, musts))
    if elsewhere and "workflow_run" in workflow.triggers and known.judging:
        return
    message = f"the job `{job.id}` deploys without waiting for a gate"
    hint = "run the gates in a job of this workflow, and let this one need it"
    if gates:
        hint = f"write `needs: {gates[0]}`; what need not be gated stands in another workflow"
    problem = yamlfile.problem(workflow.document, job.path, message, hint, key=True)
    yield Remark(problem, certain=bool(gates and job.environment))


def _guarded(known: _Known, workflow: Workflow) -> set[str]:
    """The jobs that succeed only where a gate passed: by default, or because of their `if:`.

    An `if:` that replaces the default has to test such a job, and to leave no alternative.
    """
    guarded = {job.id for job in workflow.all if known.judges(job)}
    gates = frozenset(guarded)
    tested = {
        job.id: frozenset(_asked(workflow, job, map(_MUST.fullmatch, _musts(job.condition))))
        if _STATUS.search(job.condition)
        else gates  # the default
        for job in workflow.all
        if gates.intersection(jobs.ancestors(workflow.jobs, job.id))
    }
    while more := {name for name, those in tested.items() if those & guarded} - guarded:
        guarded |= more
    return guarded


def _asked(workflow: Workflow, job: Job, tests: Iterable[re.Match[str] | None]) -> Iterator[str]:
    """The needed jobs whose success is tested; the outputs of a matrix do not tell of it."""
    for test in filter(None, tests):
        name = test[1] or test[2]
        needed = workflow.jobs.get(name) if name in job.needs else None
        if needed and not (test["output"] and needed.matrix):
            yield name


def _musts(condition: str) -> list[str]:
    """The parts of a condition that must all hold; none where one of several is enough.

    A text around an expression makes it a text, which always holds.
    """
    marked = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", condition, re.DOTALL)
    inside = marked[1] if marked else condition
    musts, depth, start = [], 0, 0
    for token in _TOKEN.finditer(inside):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0] in ("${{", "}}") or (depth == 0 and token[0] == "||"):
            return []
        if depth == 0 and token[0] == "&&":
            musts.append(inside[start : token.start()])
            start = token.end()
    return [*musts, inside[start:]]


def _beside(workflow: Workflow, job: Job) -> Iterator[Remark]:
    """Steps that deploy in the job of the gates, before these or although they failed."""
    judged = not job.gates
    for step in job.steps:
        certain = jobs.deploys(step)
        if certain and not judged:
            message = "this step deploys before the gates are run"
            hint = "move it behind them, best into a job of its own that needs this one"
            problem = yamlfile.problem(workflow.document, (*step.path, "uses"), message, hint)
            yield Remark(problem, certain=False)
        elif _STATUS.search(step.condition) and (certain or _DEPLOYS.search(step.run)):
            message = "this step deploys even where the gates in the steps before it failed"
            hint = "leave the `if:` out: a step runs only where all before it succeeded"
            path = (*step.path, "if")
            problem = yamlfile.problem(workflow.document, path, message, hint, key=True)
            yield Remark(problem, certain)
        judged = judged or step.judges


def _too_little(workflow: Workflow, job: Job, gates: Iterable[str]) -> Iterator[Remark]:
    """A deployment for which not all, or nothing, is ever judged at stage deploy."""
    steps = [workflow.jobs[name].gates for name in gates]
    for falls_short, how, hint in _TOO_LITTLE:
        if all(one and all(map(falls_short, one)) for one in steps):
            message = f"`{job.id}` deploys after a gate that {how}"
            problem = yamlfile.problem(workflow.document, steps[0][0].path, message, hint)
            yield Remark(problem, certain=False)


def _heads(known: _Known, workflow: Workflow, job: Job) -> Iterator[Remark]:
    """Checkouts of what a stranger proposes, in a workflow that holds a token and secrets."""
    event = "pull_request_target" if "pull_request_target" in workflow.triggers else "workflow_run"
    for step in job.steps:
        asked = " ".join(jobs.text(step.options.get(key)) for key in ("ref", "repository"))
        checkout = step.uses.startswith("actions/checkout@") and _HEAD.search(asked)
        if checkout or _FETCHES.search(step.run):
            message = (
                f"`{event}` runs with the base's rights, and this checks the proposed code out"
            )
            hint = "use `on: pull_request`; `gatekeeper run` refuses to judge such a checkout"
            path = (*step.path, "with", "ref") if checkout else (*step.path, "run")
            problem = yamlfile.problem(workflow.document, path, message, hint, key=True)
            certain = event == "pull_request_target" and any(map(known.judges, workflow.all))
            yield Remark(problem, certain)


def _bare(condition: str) -> str:
    """A condition without the marks of an expression and without spaces."""
    return re.sub(r"\s+|^\$\{\{|\}\}$", "", condition.strip())
