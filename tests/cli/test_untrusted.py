"""What `gatekeeper run` refuses in GitHub Actions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest

HEAD = "1" * 40
Ran = Callable[..., Any]
OWN = {"full_name": "o/r"}


@pytest.fixture
def runner(repository: Any, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run the gates as a runner does for an event; `sha` is the base's commit, HEAD by default."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run([*git, *words], cwd=repository.folder, check=True)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository.folder, check=True, capture_output=True
    ).stdout.decode()[:-1]

    def ran(event: str, payload: Mapping[str, Any] | str, sha: str = commit) -> Any:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        text = text.replace("COMMIT", commit)
        path = repository.folder.parent / "event.json"
        path.write_text(text, "utf-8")
        for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
            (path.parent / name).write_text("")
            monkeypatch.setenv(name, str(path.parent / name))
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_EVENT_NAME", event)
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
        monkeypatch.setenv("GITHUB_SHA", sha)
        return repository.run("run")

    return ran


def request(head: object) -> Mapping[str, Any]:
    """The event of a pull request."""
    return {"pull_request": {"head": {"sha": head}}}


def after(event: str, head: object, repository: object = OWN) -> Mapping[str, Any]:
    """The event of a workflow that runs after another one."""
    run = {"event": event, "head_sha": head, "head_repository": repository}
    return {"workflow_run": run, "repository": OWN}


@pytest.mark.parametrize(
    ("event", "payload", "sha", "says"),
    [
        ("pull_request_target", request("COMMIT"), "COMMIT", "is the head that is proposed"),
        ("pull_request_target", request(HEAD), HEAD, "is not the base's commit 1111"),
        ("pull_request_target", request(HEAD), "", "is not the base's commit (unknown)"),
        ("pull_request_target", "{", "COMMIT", "the event cannot be read"),
        ("pull_request_target", "[" * 100_000, "COMMIT", "the event cannot be read"),
        ("workflow_run", after("pull_request", "COMMIT"), "COMMIT", "is the head that is"),
        ("workflow_run", after("push", "COMMIT", {"full_name": "x/r"}), HEAD, "is the head that"),
        ("workflow_run", {}, HEAD, "is not the base's commit 1111"),
        ("workflow_run", {"workflow_run": [], "repository": 3}, HEAD, "is not the base's commit"),
    ],
)
def test_a_strangers_code_is_refused(
    runner: Ran, event: str, payload: Any, sha: str, says: str
) -> None:
    """Nothing runs, and the message names the reason and the remedy."""
    ended = runner(event, payload) if sha == "COMMIT" else runner(event, payload, sha)
    assert (ended.exit, ended.stdout) == (2, "")
    assert f"not judged under `{event}`: " in ended.stderr
    assert says in ended.stderr
    assert "`on: pull_request`" in ended.stderr


@pytest.mark.parametrize("name", ["notes.txt", "conftest.py"])
def test_files_of_the_head_laid_over_the_base_are_refused(
    runner: Ran, repository: Any, name: str
) -> None:
    """The commit alone does not tell whose files they are, nor do the files of the base."""
    repository.write({name: "theirs\n"})
    ended = runner("pull_request_target", request(HEAD))
    assert ended.exit == 2
    assert f"such as {name}" in ended.stderr


@pytest.mark.parametrize(
    ("event", "payload", "sha"),
    [
        ("pull_request_target", request(HEAD), None),
        ("workflow_run", after("pull_request", HEAD), None),
        ("workflow_run", after("push", "COMMIT"), HEAD),
        ("pull_request", request("COMMIT"), HEAD),
        ("push", {}, HEAD),
    ],
)
def test_the_bases_own_code_and_unprivileged_events_are_judged(
    runner: Ran, event: str, payload: Any, sha: str | None
) -> None:
    """Under the privileged events, that is the base's commit or one that was pushed to it."""
    ended = runner(event, payload, sha) if sha else runner(event, payload)
    assert ended.exit == 0, ended.said
