"""GitHub's REST API, as far as a verdict needs it: one comment, one check run.

Both are found again before they are written, so whatever was interrupted, or done twice, ends in
one comment and one check run.

Our comment is one that begins with our marker *and* was written by whoever the token belongs to:
others can copy the marker, and could edit afterwards what we would have put into their comment. The
tokens of Actions may not ask REST who they are (`GET /user` answers 403), so this one question goes
to GraphQL, which answers it for every kind of token.

https://docs.github.com/rest/issues/comments, https://docs.github.com/rest/checks/runs
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.http import Answer, Client, Doubtful
from gatekeeper.errors import NotMeasured

T = TypeVar("T")
HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
# Together 2,500 comments; GitHub takes no more for one pull request.
_PAGE = 50
_PAGES = 50
# Annotations of one request.
_BATCH = 50
# How often it is looked whether a request with a lost answer was carried out.
_LOOKS = 3
_EVENT = 16 << 20
COMMENT = "pull-requests: write"
CHECK = "checks: write"
Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Conclusion = Literal["success", "neutral", "failure", "cancelled"]
Level = Literal["failure", "warning", "notice"]
Id = Annotated[int, Field(gt=0, lt=2**63)]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, as `owner/name`, and the connection to the GitHub that holds it."""

    client: Client
    name: str

    @property
    def rest(self) -> str:
        """The path of the repository in the REST API."""
        return f"{self.client.path}/repos/{self.name}"

    @property
    def graphql(self) -> str:
        """The path of GraphQL, which in an Enterprise Server is `/api/graphql`."""
        return f"{self.client.path.removesuffix('/v3')}/graphql"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request by its number, and the newest commit of its branch."""

    number: int
    head: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message at lines of a file; at most 64 KiB of message and 255 characters of title."""

    path: str
    start_line: int
    end_line: int
    annotation_level: Level
    message: str
    title: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run that has ended. By `external_id` it is known again."""

    name: str
    head_sha: str
    external_id: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()


class _Head(BaseModel):
    sha: Sha


class _PullRequest(BaseModel):
    number: Id
    head: _Head


class _Event(BaseModel):
    pull_request: _PullRequest | None = None


class _User(BaseModel):
    login: str


class _Comment(BaseModel):
    id: Id
    body: str | None = None
    user: _User | None = None  # a deleted account is null


class _Viewer(BaseModel):
    viewer: _User


class _Asked(BaseModel):
    data: _Viewer


class _Output(BaseModel):
    annotations_count: Annotated[int, Field(ge=0)] = 0


class _Run(BaseModel):
    id: Id
    external_id: str | None = None
    output: _Output = _Output()


class _Runs(BaseModel):
    check_runs: list[_Run]


class _Detail(BaseModel):
    message: str = ""


class _Problem(BaseModel):
    message: str = ""
    errors: list[_Detail | str] = []


_COMMENTS = TypeAdapter(list[_Comment])


class Refused(NotMeasured):
    """GitHub understood the request and does not do it."""


def pull_request(event: Path) -> PullRequest | None:
    """The pull request of the event that a workflow runs for; None where it has none.

    `event` is the file GITHUB_EVENT_PATH; NotMeasured where it is no event.
    """
    try:
        found = _Event.model_validate(jsonfile.load(event, _EVENT)).pull_request
    except ValidationError as error:
        raise NotMeasured(f"{event}: is no event of GitHub: {_first(error)}") from None
    return PullRequest(found.number, found.head.sha) if found else None


def comment(repository: Repository, number: int, marker: str, body: str) -> None:
    """Make a pull request's comment that begins with `marker` read `body`, or write it."""
    author = _viewer(repository)

    def write() -> None:
        for known in _comments(repository, number):
            own = known.user is not None and known.user.login == author
            if own and (known.body or "").startswith(marker):
                path = f"{repository.rest}/issues/comments/{known.id}"
                _ask(repository, COMMENT, "PATCH", path, {"body": body}, repeatable=True)
                return
        path = f"{repository.rest}/issues/{number}/comments"
        _ask(repository, COMMENT, "POST", path, {"body": body})

    _settle(write)


def check_run(repository: Repository, run: CheckRun) -> None:
    """Write a check run with its annotations, or what is still missing of it."""
    _settle(lambda: _complete(repository, run))


def _complete(repository: Repository, run: CheckRun) -> None:
    runs = f"{repository.rest}/check-runs"
    known = _known(repository, run)
    if known is None:
        payload = {
            "name": run.name,
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "status": "completed",
            "conclusion": run.conclusion,
            "output": _output(run, 0),
        }
        answer = _ask(repository, CHECK, "POST", runs, payload)
        known = _parsed(_Run.model_validate_json, answer, "POST check-runs")
        done = _BATCH
    else:
        done = known.output.annotations_count
    # GitHub appends the annotations of each request to those before.
    for start in range(done, len(run.annotations), _BATCH):
        payload = {"output": _output(run, start)}
        _ask(repository, CHECK, "PATCH", f"{runs}/{known.id}", payload)


def _known(repository: Repository, run: CheckRun) -> _Run | None:
    query = f"check_name={quote(run.name, safe='')}&filter=all&per_page=100"
    path = f"{repository.rest}/commits/{run.head_sha}/check-runs?{query}"
    answer = _ask(repository, CHECK, "GET", path, repeatable=True)
    found = _parsed(_Runs.model_validate_json, answer, "GET check-runs")
    return next((r for r in found.check_runs if r.external_id == run.external_id), None)


def _output(run: CheckRun, start: int) -> dict[str, Any]:
    batch = run.annotations[start : start + _BATCH]
    return {
        "title": run.title,
        "summary": run.summary,
        "annotations": [asdict(annotation) for annotation in batch],
    }


def _viewer(repository: Repository) -> str:
    """The login of whoever the token belongs to, such as `github-actions[bot]`."""
    query = {"query": "query { viewer { login } }"}
    answer = _ask(repository, COMMENT, "POST", repository.graphql, query, repeatable=True)
    return _parsed(_Asked.model_validate_json, answer, "GraphQL").data.viewer.login


def _comments(repository: Repository, number: int) -> Iterator[_Comment]:
    for page in range(1, _PAGES + 1):
        path = f"{repository.rest}/issues/{number}/comments?per_page={_PAGE}&page={page}"
        answer = _ask(repository, COMMENT, "GET", path, repeatable=True)
        yield from _parsed(_COMMENTS.validate_json, answer, "GET comments")
        # The next address is worked out here: a server does not choose where the token goes.
        if not re.search(r'rel="?next"?', answer.headers.get("link", "")):
            return


def _settle(write: Callable[[], None]) -> None:
    """Write; where the answer was lost, again: it looks first what is there by then."""
    for _ in range(_LOOKS - 1):
        try:
            return write()
        except Doubtful:
            continue
    return write()


def _ask(
    repository: Repository,
    permission: str,
    method: str,
    path: str,
    payload: Any = None,
    *,
    repeatable: bool = False,
) -> Answer:
    """An answer that grants what was asked; Refused says what is missing."""
    answer = repository.client.send(method, path, payload, repeatable=repeatable)
    if 200 <= answer.status < 300:
        return answer
    said = f"{repository.client.host} answers {answer.status}: {_said(answer)}"
    raise Refused(said, _REMEDIES.get(answer.status, "").format(permission=permission))


_MOVED = "the repository has moved: name it as it is called now"
_REMEDIES = {
    301: _MOVED,
    302: _MOVED,
    307: _MOVED,
    401: "the token is revoked, expired or mistyped: set GITHUB_TOKEN to one that is valid",
    403: "give the job `permissions: {permission}`; where the pull request comes from a fork its "
    "token may only read, and the verdict stands in the step summary",
    404: "there is no such repository, pull request or commit, or the token may not see it",
}


def _said(answer: Answer) -> str:
    """GitHub's own words, as far as it has any."""
    try:
        problem = _Problem.model_validate_json(answer.body)
    except ValidationError:
        return "no reason given"
    details = (d if isinstance(d, str) else d.message for d in problem.errors)
    words = "; ".join(text for text in (problem.message, *details) if text)
    return jsonfile.text(words, 300) or "no reason given"


def _parsed(parse: Callable[[bytes], T], answer: Answer, what: str) -> T:
    try:
        return parse(answer.body)
    except ValidationError as error:
        reason = f"the answer to {what} has not the documented form: {_first(error)}"
        raise NotMeasured(reason, "is the address that of GitHub's API?") from None


def _first(error: ValidationError) -> str:
    """The first mistake, without the value: that may be anything."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]
