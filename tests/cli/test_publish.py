"""gatekeeper publish, against a server that answers as GitHub documents."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.adapters import http

TOKEN = f"ghs_{'made' * 9}"  # a form that is redacted
HEAD = "01" * 20
# https://docs.github.com/actions/reference/workflows-and-actions/variables
_KNOWN = ("GITHUB_SHA", "GITHUB_REF", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GH_TOKEN")
_OTHER = ("GITHUB_ACTIONS", "GITHUB_SERVER_URL", "GITHUB_STEP_SUMMARY")
READ_ONLY = {"message": "Resource not accessible by integration", "status": "403"}
LIMIT = {"message": "API rate limit exceeded for installation ID 1."}


class Runner:
    """What a runner of GitHub Actions gives to a step, and the result of an earlier one."""

    def __init__(self, repository: Any, github: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repository, self.github, self._monkeypatch = repository, github, monkeypatch
        self.folder: Path = repository.folder
        for name in (*_KNOWN, *_OTHER):
            monkeypatch.delenv(name, raising=False)
        self.env(
            GITHUB_API_URL=github.url,
            GITHUB_TOKEN=TOKEN,
            GITHUB_REPOSITORY="octo/shop",
            GITHUB_STEP_SUMMARY=str(self.folder.parent / "summary.md"),
        )
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (["add", "."], ["commit", "-qm", "shop"]):
            subprocess.run([*git, *words], cwd=self.folder, check=True)
        asked = ["git", "rev-parse", "HEAD"]
        done = subprocess.run(asked, cwd=self.folder, check=True, capture_output=True, text=True)
        self.commit = done.stdout.strip()
        assert self.run("run", "--stage", "ci", "--report", "json:../result.json").exit == 0

    def env(self, **variables: str) -> None:
        """Set variables of the runner."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def pull_request(self, head: str = HEAD, **more: str) -> None:
        """Run for pull request 5, whose merge into its base is checked out."""
        event = {"pull_request": {"number": 5, "head": {"sha": head}}}
        path = self.folder.parent / "event.json"
        path.write_text(json.dumps(event))
        merge = {"GITHUB_SHA": self.commit, "GITHUB_REF": "refs/pull/5/merge"}
        self.env(**{"GITHUB_EVENT_PATH": str(path), **merge, **more})

    def run(self, *words: str) -> Any:
        """Run a command; whatever it says, the token is not in it."""
        ended = self.repository.run(*words)
        assert TOKEN not in ended.said + self.summary
        return ended

    def publish(self, *words: str) -> Any:
        """Publish the stored result."""
        return self.run("publish", "../result.json", *words)

    @property
    def summary(self) -> str:
        """The step summary."""
        path = self.folder.parent / "summary.md"
        return path.read_text() if path.exists() else ""

    @property
    def posted(self) -> list[str]:
        """What was written, reading left out."""
        return [asked for asked in self.github.requests if not asked.startswith("GET")]


@pytest.fixture
def runner(repository: Any, github: Any, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner with a passed result, on which nobody waits."""
    clock = http.Clock(now=lambda: 1_800_000_000.0, sleep=lambda _: None)
    monkeypatch.setattr(http, "Clock", lambda: clock)
    return Runner(repository, github, monkeypatch)


def test_a_pull_request_gets_a_comment_and_a_check_run(runner: Runner) -> None:
    """The check run stands at the head of its branch, not at the merge that was judged."""
    runner.pull_request()
    ended = runner.publish()
    assert (ended.exit, ended.stdout, ended.stderr) == (
        0,
        "published: comment\npublished: check run\n",
        "",
    )
    (comment,), (run,) = runner.github.comments, runner.github.runs
    assert comment["body"].startswith("<!-- gatekeeper:/ci -->")
    assert (run["name"], run["head_sha"], run["conclusion"]) == ("gatekeeper (ci)", HEAD, "success")
    assert runner.commit in run["output"]["summary"]
    assert runner.summary == ""


def test_a_second_result_replaces_the_first_in_the_comment(runner: Runner) -> None:
    """One comment, and a check run for each result."""
    runner.pull_request()
    runner.publish()
    runner.repository.write({"notes.txt": "a\tb\n"})
    runner.run("run", "--stage", "ci", "--report", "json:../result.json")
    assert runner.publish().exit == 0
    (comment,) = runner.github.comments
    assert "notes.txt" in comment["body"]
    assert [run["conclusion"] for run in runner.github.runs] == ["success", "failure"]
    assert runner.github.runs[1]["annotations"][0]["path"] == "notes.txt"


def test_a_push_gets_a_check_run_only(runner: Runner) -> None:
    """At the commit that was judged; that there is no pull request is no fault."""
    runner.env(GITHUB_ACTIONS="true")
    ended = runner.publish()
    assert (ended.exit, runner.github.comments) == (0, [])
    assert runner.github.runs[0]["head_sha"] == runner.commit
    assert "::notice title=gatekeeper publish::no comment is published" in ended.stdout
    assert "no comment is published" in runner.summary


@pytest.mark.parametrize(
    ("option", "comments", "runs"), [("--no-comment", 0, 1), ("--no-check", 1, 0)]
)
def test_either_can_be_left_out(runner: Runner, option: str, comments: int, runs: int) -> None:
    """Then nothing of it is asked, and nothing is said about it."""
    runner.pull_request()
    ended = runner.publish(option)
    assert (ended.exit, ended.stderr) == (0, "")
    assert (len(runner.github.comments), len(runner.github.runs)) == (comments, runs)


def test_options_stand_over_the_environment(runner: Runner) -> None:
    """As in a workflow that publishes what another one has judged."""
    runner.pull_request("a" * 40)
    words = ("--repository", "octo/other", "--pull-request", "7", "--commit", HEAD)
    assert runner.publish(*words).exit == 0
    assert "POST /repos/octo/other/issues/7/comments" in runner.posted
    assert runner.github.runs[0]["head_sha"] == HEAD


def test_the_event_of_another_pull_request_tells_nothing(runner: Runner) -> None:
    """Its head is not that of the one that is named."""
    runner.pull_request()
    assert runner.publish("--pull-request", "7").exit == 0
    assert runner.github.runs[0]["head_sha"] == runner.commit


@pytest.mark.parametrize(
    "more",
    [
        {"GITHUB_REF": "refs/heads/main"},
        {"GITHUB_REF": "refs/pull/6/merge"},
        {"GITHUB_SHA": "b" * 40},
    ],
    ids=["pull_request_target", "another pull request", "an older result"],
)
def test_the_result_of_something_else_is_not_shown_at_a_pull_request(
    runner: Runner, more: dict[str, str]
) -> None:
    """A pass of the base, or of yesterday, must not stand at a head that nobody judged."""
    runner.pull_request(**more)
    ended = runner.publish()
    assert ended.exit == 2
    assert f"RESULT judges {runner.commit}" in ended.stderr
    assert runner.github.requests == []


def test_a_checked_out_head_is_the_head(runner: Runner) -> None:
    """Workflows may check out the branch itself."""
    runner.pull_request(head=runner.commit, GITHUB_SHA="b" * 40)
    assert runner.publish().exit == 0
    assert "shown here" not in runner.github.comments[0]["body"]


@pytest.mark.parametrize(
    ("match", "status", "body", "headers", "said"),
    [
        ("POST /repos", 403, READ_ONLY, {}, "where the pull request comes from a fork"),
        ("", 401, {"message": "Bad credentials"}, {}, "revoked, expired or mistyped"),
        ("", 404, {"message": "Not Found"}, {}, "no such repository"),
        ("", 503, b"", {}, "answers 503"),
        ("", 0, b"", {}, "broke off"),
        ("", 403, LIMIT, {"Retry-After": "600"}, "limits the rate of requests until 2027-"),
        ("", 200, b"<html>a portal</html>", {}, "is the address that of GitHub's API?"),
        ("", 500, {"message": f"your token {TOKEN} is odd"}, {}, "answers 500"),
    ],
    ids=["fork", "revoked", "unseen", "down", "broken", "limit", "portal", "echo"],
)
def test_what_github_refuses_is_told_and_changes_no_exit(
    runner: Runner, match: str, status: int, body: Any, headers: Any, said: str
) -> None:
    """In one line for each cause, in the log and in the summary; nothing is published."""
    runner.pull_request()
    runner.github.fail(match, status, body, headers=headers, times=99)
    ended = runner.publish()
    assert (ended.exit, ended.stdout) == (0, "")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2
    assert "the verdict stays as it is" in ended.stderr
    assert runner.summary.count("is published: ") == len(ended.stderr.splitlines())
    assert runner.github.comments == runner.github.runs == []


def test_one_cause_is_told_once(runner: Runner) -> None:
    """A revoked token stops both parts."""
    runner.pull_request()
    runner.github.fail("", 401, {"message": "Bad credentials"}, times=99)
    assert "no comment and no check run is published" in runner.publish().stderr


def test_one_part_does_not_stop_the_other(runner: Runner) -> None:
    """Each has a permission of its own."""
    runner.pull_request()
    runner.github.fail("POST .*comments", 403, READ_ONLY)
    ended = runner.publish()
    assert ended.stdout == "published: check run\n"
    assert "permissions: pull-requests: write" in ended.stderr


def test_in_actions_it_is_a_warning_that_nobody_can_forge(runner: Runner) -> None:
    """What a server says is data of one command."""
    runner.pull_request(GITHUB_ACTIONS="true")
    evil = {"message": "a%0A::error::b\n::set-output name=x::y\r\x1b[31m"}
    runner.github.fail("", 400, evil, times=99)
    ended = runner.publish()
    (line,) = ended.stdout.splitlines()
    assert line.startswith("::warning title=gatekeeper publish::no comment and no check run")
    assert "a%250A::error::b" in line
    assert "\x1b" not in ended.said + runner.summary
    assert len(runner.summary.strip().splitlines()) == 1


@pytest.mark.parametrize("token", ["", "  \n"])
def test_without_a_token_nothing_is_sent(runner: Runner, token: str) -> None:
    """Said in a line that names the variable."""
    runner.pull_request(GITHUB_TOKEN=token)
    ended = runner.publish()
    assert ended.exit == 0
    assert "there is no token; set the variable GITHUB_TOKEN" in ended.stderr
    assert runner.github.requests == []


def test_the_token_may_have_its_other_name(runner: Runner) -> None:
    """GH_TOKEN, as for GitHub's own command; an end of line after it is none of its own."""
    runner.env(GITHUB_TOKEN="", GH_TOKEN=f"{TOKEN}\n")
    assert runner.publish().exit == 0
    assert runner.github.headers[0]["authorization"] == f"Bearer {TOKEN}"


def test_without_a_network_it_is_told(runner: Runner) -> None:
    """Nobody listens at the address."""
    runner.env(GITHUB_API_URL="http://127.0.0.1:1")
    ended = runner.publish("--no-comment")
    assert ended.exit == 0
    assert "no check run is published: 127.0.0.1 is not reached" in ended.stderr


def test_a_broken_event_is_told(runner: Runner) -> None:
    """It is not taken for an event without a pull request."""
    runner.pull_request()
    (runner.folder.parent / "event.json").write_text("{")
    ended = runner.publish()
    assert ended.exit == 0
    assert "nothing is published" in ended.stderr
    assert runner.github.requests == []


def test_a_summary_that_cannot_be_written_is_told(runner: Runner) -> None:
    """The line is in the log all the same."""
    runner.env(GITHUB_STEP_SUMMARY=str(runner.folder))
    ended = runner.publish()
    assert ended.exit == 0
    assert "no comment is published" in ended.stderr
    assert "could not be written: Is a directory" in ended.stderr


@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        (["--repository", "shop"], {}, "--repository OWNER/NAME"),
        (["--repository", "octo/.."], {}, "--repository OWNER/NAME"),
        (["--repository", "../shop"], {}, "--repository OWNER/NAME"),
        (["--repository", "octo/shop?"], {}, "--repository OWNER/NAME"),
        (["--repository", "octo/shop\n"], {}, "--repository OWNER/NAME"),
        ([], {"GITHUB_REPOSITORY": ""}, "--repository OWNER/NAME"),
        (["--commit", "main"], {}, "--commit"),
        (["--commit", "../" * 14], {}, "--commit"),
        (["--pull-request", "0"], {}, "--pull-request"),
        ([], {"GITHUB_API_URL": "http://api.github.com"}, "https://HOST"),
        ([], {"GITHUB_TOKEN": f"{TOKEN} x"}, "no token has"),
    ],
)
def test_wrong_usage_is_exit_2(
    runner: Runner, words: list[str], env: dict[str, str], said: str
) -> None:
    """And nothing is sent."""
    runner.env(**env)
    ended = runner.publish(*words)
    assert ended.exit == 2
    assert said in ended.stderr
    assert runner.github.requests == []


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema": "gatekeeper/result/9"}'])
def test_what_is_no_result_is_wrong_usage(runner: Runner, content: str) -> None:
    """A wrong file must not look like something that GitHub refused."""
    (runner.folder.parent / "result.json").write_text(content)
    assert runner.publish().exit == 2
    assert runner.github.requests == []


def test_a_run_outside_a_repository_has_no_commit(runner: Runner) -> None:
    """There is nowhere to show it, unless somebody says where."""
    path = runner.folder.parent / "result.json"
    stored = json.loads(path.read_text())
    stored["subject"]["commit"] = None
    path.write_text(json.dumps(stored))
    ended = runner.publish()
    assert ended.exit == 2
    assert "--commit" in ended.stderr
    assert runner.publish("--commit", HEAD).exit == 0
    assert "files without a commit" in runner.github.runs[0]["output"]["summary"]
