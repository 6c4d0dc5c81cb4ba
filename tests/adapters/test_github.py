"""adapters.github against a server that answers as GitHub documents."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.adapters import github as api
from gatekeeper.adapters import http
from gatekeeper.errors import NotMeasured

SHA = "01" * 20
TOKEN = f"ghs_{'made' * 9}"  # a form that is redacted
MARKER = "<!-- gatekeeper:/ci -->"
# https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
READ_ONLY = {
    "message": "Resource not accessible by integration",
    "documentation_url": "https://docs.github.com/rest/issues/comments#create-an-issue-comment",
    "status": "403",
}


@pytest.fixture
def repository(github: Any) -> Iterator[api.Repository]:
    clock = http.Clock(now=lambda: 0.0, sleep=lambda _: None)
    with http.Client(github.url, TOKEN, api.HEADERS, clock) as client:
        yield api.Repository(client, "octo/shop")


def comment(repository: api.Repository, body: str = f"{MARKER}\nnew") -> None:
    """Publish a comment on pull request 5."""
    api.comment(repository, 5, MARKER, body)


def run(annotations: int = 0) -> api.CheckRun:
    """A check run with numbered annotations."""
    places = (
        api.Annotation("a.py", line, line, "failure", f"message {line}", "lint")
        for line in range(1, annotations + 1)
    )
    return api.CheckRun("gatekeeper (ci)", SHA, "id", "failure", "Failed", "Why", tuple(places))


def bodies(github: Any) -> list[str]:
    return [comment["body"] for comment in github.comments]


def test_the_first_comment_is_created(github: Any, repository: Any) -> None:
    """With the documented headers of the API."""
    comment(repository)
    assert bodies(github) == [f"{MARKER}\nnew"]
    assert github.requests[-1] == "POST /repos/octo/shop/issues/5/comments"
    assert github.headers[-1]["accept"] == "application/vnd.github+json"
    assert github.headers[-1]["x-github-api-version"] == "2022-11-28"


def test_a_comment_is_updated_in_place(github: Any, repository: Any) -> None:
    """Only ours: what others say, and our comment of another service, stay as they are."""
    github.say("hello", "ada")
    github.say("<!-- gatekeeper:api/ci -->\nother")
    github.say(f"{MARKER}\nold")
    comment(repository)
    assert bodies(github) == ["hello", "<!-- gatekeeper:api/ci -->\nother", f"{MARKER}\nnew"]


def test_a_forged_marker_is_neither_overwritten_nor_in_the_way(
    github: Any, repository: Any
) -> None:
    """Whoever wrote the comment could edit it after us."""
    github.say(f"{MARKER}\nDeployment approved", "mallory")
    github.comments.append({"id": 2, "body": MARKER, "user": None})
    github.comments.append({"id": 3, "body": None, "user": {"login": github.login}})
    comment(repository)
    comment(repository, f"{MARKER}\nnewer")
    assert bodies(github)[0] == f"{MARKER}\nDeployment approved"
    assert bodies(github)[3:] == [f"{MARKER}\nnewer"]


def test_a_quoted_marker_is_no_marker(github: Any, repository: Any) -> None:
    """Another comment of the same account may hold what somebody made it say."""
    github.say(f"somebody wrote: {MARKER}")
    comment(repository)
    assert bodies(github) == [f"somebody wrote: {MARKER}", f"{MARKER}\nnew"]


def test_all_pages_are_looked_through(github: Any, repository: Any) -> None:
    """The address of the next page is worked out, not taken from the server."""
    for number in range(120):
        github.say(f"{number}", "ada")
    github.say(f"{MARKER}\nold")
    comment(repository)
    assert bodies(github)[-1] == f"{MARKER}\nnew"
    assert sum(asked.startswith("GET") for asked in github.requests) == 3
    assert not any("elsewhere" in asked for asked in github.requests)


def test_pages_without_end_end(github: Any, repository: Any) -> None:
    """Pages that always have a next one are a server's mistake, or worse."""
    more = {"Link": '<x>; rel="next"'}
    github.fail("GET", 200, [], headers=more, times=1000)
    comment(repository)
    assert sum(asked.startswith("GET") for asked in github.requests) == 50


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("status", [0, 502])
def test_a_comment_whose_answer_was_lost_is_there_once(
    github: Any, repository: Any, status: int, *, stored: bool
) -> None:
    """It is looked again whether it was stored."""
    github.fail("POST .*comments", status, stored=stored)
    comment(repository)
    assert bodies(github) == [f"{MARKER}\nnew"]


def test_a_comment_that_never_arrives_is_given_up(github: Any, repository: Any) -> None:
    """After three looks."""
    github.fail("POST .*comments", 502, times=99)
    with pytest.raises(http.Doubtful):
        comment(repository)
    assert sum("POST /repos" in asked for asked in github.requests) == 3


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"message": "Bad credentials", "status": "401"}, "revoked, expired"),
        (403, READ_ONLY, "permissions: pull-requests: write"),
        (404, {"message": "Not Found"}, "may not see it"),
        (301, {"message": "Moved Permanently", "url": "http://elsewhere"}, "has moved"),
        (410, {"message": "This issue was deleted"}, "This issue was deleted"),
        (
            422,
            {"message": "Validation Failed", "errors": [{"code": "custom", "message": "no"}, "x"]},
            "Validation Failed; no; x",
        ),
        (500, b"<html>oops", "no reason given"),
        (500, {"message": ["?"]}, "no reason given"),
        (500, b"[" * 100_000, "no reason given"),
        (400, {"message": "x" * 100_000}, "xxx…"),
    ],
)
def test_a_refusal_says_what_to_do(
    github: Any, repository: Any, status: int, body: Any, said: str
) -> None:
    """In GitHub's words, cut, and with the remedy; it is not tried again."""
    github.fail("POST .*comments", status, body)
    with pytest.raises(api.Refused) as caught:
        comment(repository)
    assert f"127.0.0.1 answers {status}: " in str(caught.value)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 700
    assert github.comments == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        [{"id": "x"}],
        {"message": "?"},
        [{"id": -1, "body": "", "user": None}],
        [{"id": "1/../2", "body": MARKER, "user": {"login": "github-actions[bot]"}}],
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_none_of_githubs_is_refused(
    github: Any, repository: Any, body: Any
) -> None:
    """Nothing is written on the strength of it, and the message does not repeat it."""
    github.fail("GET", 200, body)
    with pytest.raises(NotMeasured, match="has not the documented form"):
        comment(repository)
    assert github.comments == []


@pytest.mark.parametrize("body", [{"errors": [{"type": "FORBIDDEN"}]}, {"data": None}])
def test_without_knowing_whose_the_token_is_nothing_is_written(
    github: Any, repository: Any, body: Any
) -> None:
    """GraphQL answers 200 for errors too."""
    github.fail("graphql", 200, body)
    with pytest.raises(NotMeasured, match="GraphQL"):
        comment(repository)
    assert github.comments == []


@pytest.mark.parametrize("count", [0, 1, 50, 51, 100, 130])
def test_annotations_go_in_batches(github: Any, repository: Any, count: int) -> None:
    """At most 50 in a request, each once and in order."""
    api.check_run(repository, run(count))
    (stored,) = github.runs
    assert [a["start_line"] for a in stored["annotations"]] == list(range(1, count + 1))
    assert {key: stored[key] for key in ("name", "head_sha", "status", "conclusion")} == {
        "name": "gatekeeper (ci)",
        "head_sha": SHA,
        "status": "completed",
        "conclusion": "failure",
    }


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_check_run_whose_answer_was_lost_is_there_once(
    github: Any, repository: Any, method: str, *, stored: bool
) -> None:
    """Whatever had arrived is not sent again: GitHub would show each annotation twice."""
    github.fail(f"{method} .*check-runs", 502, stored=stored)
    api.check_run(repository, run(120))
    (one,) = github.runs
    assert [a["start_line"] for a in one["annotations"]] == list(range(1, 121))


def test_the_same_result_is_published_once(github: Any, repository: Any) -> None:
    """A second time nothing is missing; another result gets a check run of its own."""
    api.check_run(repository, run(60))
    api.check_run(repository, run(60))
    assert [len(one["annotations"]) for one in github.runs] == [60]
    api.check_run(repository, dataclasses.replace(run(), external_id="another"))
    assert len(github.runs) == 2


def test_a_check_run_needs_its_own_permission(github: Any, repository: Any) -> None:
    """The remedy names it."""
    github.fail("POST .*check-runs", 403, READ_ONLY)
    with pytest.raises(api.Refused, match="permissions: checks: write"):
        api.check_run(repository, run())


def test_an_enterprise_server_has_its_api_below_a_path(github: Any) -> None:
    """`/api/v3` for REST and `/api/graphql` beside it."""
    with http.Client(f"{github.url}/api/v3", TOKEN, api.HEADERS) as client:
        comment(api.Repository(client, "octo/shop"))
    assert github.requests[0] == "POST /api/graphql"
    assert github.requests[-1] == "POST /api/v3/repos/octo/shop/issues/5/comments"


def test_the_head_of_a_pull_request_is_not_its_merge(tmp_path: Path) -> None:
    """The event holds both."""
    event = {"pull_request": {"number": 5, "head": {"sha": SHA}, "merge_commit_sha": "a" * 40}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    assert api.pull_request(tmp_path / "event.json") == api.PullRequest(5, SHA)


def test_a_push_has_no_pull_request(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"ref": "refs/heads/main", "after": "x"}')
    assert api.pull_request(tmp_path / "event.json") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"pull_request": []}',
        '{"pull_request": {"number": "../../x", "head": {"sha": "' + SHA + '"}}}',
        '{"pull_request": {"number": 0, "head": {"sha": "' + SHA + '"}}}',
        '{"pull_request": {"number": 1, "head": {"sha": "main"}}}',
        '{"pull_request": {"number": 1, "head": {"sha": "' + SHA + '\\n"}}}',
        '{"pull_request": {"number": 1}}',
    ],
)
def test_a_broken_event_is_told(tmp_path: Path, text: str) -> None:
    """And not taken for one without a pull request."""
    (tmp_path / "event.json").write_text(text)
    with pytest.raises(NotMeasured, match=r"event\.json"):
        api.pull_request(tmp_path / "event.json")


def test_an_event_has_a_greatest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no event is not read whole."""
    monkeypatch.setattr(api, "_EVENT", 100)
    (tmp_path / "event.json").write_text(json.dumps({"a": "x" * 100}))
    with pytest.raises(NotMeasured, match="more than the 100 allowed"):
        api.pull_request(tmp_path / "event.json")
