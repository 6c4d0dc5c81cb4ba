"""A configuration in a folder and what comes of it; a GitHub on the loopback interface."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gatekeeper.config import load
from gatekeeper.config.policy import Policy
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.resolve import resolve

Files = Mapping[str, str | Path]


@pytest.fixture
def configure(tmp_path: Path) -> Callable[[Files], Policy]:
    """Write files (a Path as content makes a symbolic link) and compile them."""

    def compiled(files: Files) -> Policy:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            else:
                path.write_text(content, "utf-8")
        return resolve(load.load(tmp_path))

    return compiled


@pytest.fixture
def mistakes(configure: Callable[[Files], Policy]) -> Callable[[Files], Sequence[Problem]]:
    """Write files that cannot be compiled; every mistake in them."""

    def found(files: Files) -> Sequence[Problem]:
        with pytest.raises(ConfigurationError) as caught:
            configure(files)
        assert "Traceback" not in str(caught.value)
        return caught.value.problems

    return found


@dataclass
class Fault:
    """What the server answers instead to the next requests whose `METHOD /path` matches.

    Status 0 closes the connection without an answer. `stored`: the request is carried out first.
    """

    match: str
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    stored: bool = False


@dataclass
class GitHub:
    """What the API of GitHub documents of comments and check runs, held in memory.

    https://docs.github.com/rest/issues/comments, https://docs.github.com/rest/checks/runs
    """

    url: str = ""
    login: str = "github-actions[bot]"
    comments: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    page: int = 50

    def fail(self, match: str, status: int, body: Any = None, **more: Any) -> None:
        """Make the next request that matches fail."""
        self.faults.append(Fault(match, status, body, **more))

    def say(self, body: str, login: str | None = None) -> None:
        """Somebody comments."""
        user = {"login": login or self.login}
        self.comments.append({"id": len(self.comments) + 1, "body": body, "user": user})

    def answer(self, asked: str, payload: Any) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and body for `METHOD /path`."""
        self.requests.append(asked)
        for fault in self.faults:
            if fault.times and re.search(fault.match, asked):
                fault.times -= 1
                if fault.stored:
                    self._carry_out(asked, payload)
                return fault.status, fault.headers, fault.body
        return self._carry_out(asked, payload)

    def _carry_out(self, asked: str, payload: Any) -> tuple[int, Mapping[str, str], Any]:
        method, _, address = asked.partition(" ")
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        number = path.rpartition("/")[2]
        if path.endswith("/graphql"):
            return 200, {}, {"data": {"viewer": {"login": self.login}}}
        if method == "GET" and path.endswith("/comments"):
            return self._listed(int(query["page"][0]))
        if method == "GET":
            named = [run for run in self.runs if [run["name"]] == query["check_name"]]
            return 200, {}, {"total_count": len(named), "check_runs": named}
        if "/check-runs" in path:
            return self._check_run(method, number, payload)
        if len(payload["body"]) > 65536:
            return (
                422,
                {},
                _invalid("IssueComment", "Body is too long (maximum is 65536 characters)"),
            )
        if method == "POST":
            self.say(payload["body"])
            return 201, {}, self.comments[-1]
        self.comments[int(number) - 1]["body"] = payload["body"]
        return 200, {}, self.comments[int(number) - 1]

    def _listed(self, page: int) -> tuple[int, Mapping[str, str], Any]:
        end = page * self.page
        link = f'<{self.url}/elsewhere?page={page + 1}>; rel="next", <{self.url}/e>; rel="last"'
        more = {"Link": link} if len(self.comments) > end else {}
        return 200, more, self.comments[end - self.page : end]

    def _check_run(self, method: str, number: str, payload: Any) -> tuple[int, Any, Any]:
        output = payload["output"]
        if len(output["annotations"]) > 50:
            return 422, {}, _invalid("CheckRun", "Only 50 items are allowed")
        if len(output["summary"].encode()) > 65535:
            return 422, {}, _invalid("CheckRun", "summary exceeds a maximum bytesize of 65535")
        if method == "POST":
            run = {**payload, "id": len(self.runs) + 1, "annotations": []}
            self.runs.append(run)
        else:
            run = self.runs[int(number) - 1]
        run["annotations"] += output["annotations"]
        run["output"] = {**output, "annotations_count": len(run["annotations"])}
        return 201 if method == "POST" else 200, {}, run


def _invalid(resource: str, message: str) -> dict[str, Any]:
    error = {"resource": resource, "code": "custom", "message": message}
    return {"message": "Validation Failed", "errors": [error], "status": "422"}


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the GitHub that `server` holds."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        payload = json.loads(self.rfile.read(size)) if size else None
        github: GitHub = self.server.github  # type: ignore[attr-defined]
        github.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, headers, body = github.answer(f"{self.command} {self.path}", payload)
        self.close_connection = status == 0
        if status:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815  the names that http.server calls

    def handle(self) -> None:
        """Answer until the client leaves, which it may do at any time."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A GitHub that answers on the loopback interface."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        found = GitHub(f"http://127.0.0.1:{server.server_port}")
        server.github = found  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
