"""adapters.http against a real server on the loopback interface."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatekeeper.adapters import http
from gatekeeper.errors import UsageError

TOKEN = f"ghs_{'made' * 9}"  # a form that is redacted
NOW = 1_800_000_000.0


@dataclass
class Time:
    """A clock that only moves when somebody waits."""

    now: float = NOW
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def clock(self) -> http.Clock:
        return http.Clock(lambda: self.now, self.sleep, lambda: 0.5)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(github: Any, time: Time) -> Iterator[http.Client]:
    with http.Client(github.url, TOKEN, {"accept": "application/json"}, time.clock()) as client:
        yield client


def test_a_request_carries_the_token_and_what_is_asked_for(github: Any, client: Any) -> None:
    """The server sees method, path, token and payload; the caller its status and body."""
    answer = client.send("POST", "/graphql", {"query": "{}"})
    assert (answer.status, b"github-actions" in answer.body) == (200, True)
    assert github.requests == ["POST /graphql"]
    sent = github.headers[0]
    assert sent["authorization"] == f"Bearer {TOKEN}"
    assert sent["accept"] == "application/json"
    assert sent["user-agent"].startswith("gatekeeper/")


@pytest.mark.parametrize("status", [502, 503, 504, 0])
def test_a_lost_answer_is_asked_for_again_where_that_does_no_harm(
    github: Any, client: Any, time: Time, status: int
) -> None:
    """The waits grow: 1, then 2 seconds with a jitter in the middle."""
    github.fail("POST", status, times=2)
    assert client.send("POST", "/graphql", {}, repeatable=True).status == 200
    assert time.waits == [1.0, 2.0]


@pytest.mark.parametrize("status", [502, 503, 504, 0])
def test_a_request_that_may_have_been_carried_out_is_not_sent_again(
    github: Any, client: Any, time: Time, status: int
) -> None:
    """The caller is told that it has to look."""
    github.fail("POST", status)
    with pytest.raises(http.Doubtful):
        client.send("POST", "/graphql", {})
    assert (len(github.requests), time.waits) == (1, [])


def test_a_server_that_stays_broken_is_given_up(github: Any, client: Any, time: Time) -> None:
    """Four attempts, seven seconds."""
    github.fail("POST", 503, times=9)
    with pytest.raises(http.NoAnswer, match="answers 503"):
        client.send("POST", "/graphql", {}, repeatable=True)
    assert (len(github.requests), sum(time.waits)) == (http.ATTEMPTS, 7.0)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 500, 301])
def test_what_the_server_decided_is_not_asked_again(github: Any, client: Any, status: int) -> None:
    """No redirect is followed either: the token stays with the server that it is for."""
    github.fail("POST", status, headers={"Location": "http://127.0.0.1:1/"})
    assert client.send("POST", "/graphql", {}, repeatable=True).status == status
    assert len(github.requests) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, {"Retry-After": "7"}, "", 8.0),
        (403, {"Retry-After": "7"}, "You have exceeded a secondary rate limit", 8.0),
        (
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 30:.0f}"},
            "API rate limit exceeded",
            31.0,
        ),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW - 30:.0f}"}, "", 1.0),
    ],
    ids=["429", "secondary", "reset", "reset is over"],
)
def test_a_rate_limit_is_waited_for(
    github: Any, client: Any, time: Time, status: int, headers: Any, body: str, wait: float
) -> None:
    """As long as the server says and a second more; a refused request was not carried out."""
    github.fail("POST", status, {"message": body}, headers=headers)
    assert client.send("POST", "/graphql", {}).status == 200
    assert time.waits == [wait]


@pytest.mark.parametrize(
    ("headers", "body", "until"),
    [
        ({"Retry-After": "61"}, "", "2027-01-15 08:01:02"),
        ({"Retry-After": "99999999999"}, "", "5195-"),
        ({"Retry-After": "9" * 5000}, "secondary rate limit", "2027-01-15 08:01:01"),
        ({}, "You have exceeded a secondary rate limit", "2027-01-15 08:01:01"),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 3600:.0f}"},
            "",
            "2027-01-15 09:00:01",
        ),
    ],
    ids=["too long", "absurd", "no number", "unsaid", "an hour"],
)
def test_a_rate_limit_beyond_the_budget_is_not_waited_for(
    github: Any, client: Any, time: Time, headers: Any, body: str, until: str
) -> None:
    """The message says when to come back."""
    github.fail("POST", 403, {"message": body}, headers=headers)
    with pytest.raises(http.NoAnswer, match=f"limits the rate of requests until {until}"):
        client.send("POST", "/graphql", {})
    assert time.waits == []


def test_a_403_without_a_limit_is_an_answer(github: Any, client: Any) -> None:
    """A missing permission does not go away by waiting."""
    github.fail("POST", 403, {"message": "Resource not accessible by integration"})
    assert client.send("POST", "/graphql", {}).status == 403


def test_no_request_begins_after_the_budget(client: Any, time: Time) -> None:
    """However many requests there are, they end."""
    time.now += http.BUDGET
    with pytest.raises(http.NoAnswer, match="60 s"):
        client.send("GET", "/", repeatable=True)


def test_an_answer_has_a_greatest_size(
    github: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not read to its end."""
    monkeypatch.setattr(http, "MAX_BODY", 1000)
    github.fail("GET", 200, b" " * 100_000)
    with pytest.raises(http.Doubtful, match="more than 1000 bytes"):
        client.send("GET", "/")


def test_nobody_listens(time: Time) -> None:
    """A server that cannot be reached is tried four times, whatever the request."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            http.Client(url, TOKEN, {}, time.clock()) as client,
            pytest.raises(http.NoAnswer, match="is not reached"),
        ):
            client.send("POST", "/")
    assert time.waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.org",
        "https://user:password@api.github.com",  # pragma: allowlist secret
        "https://api.github.com/?a=b",
        "https://api.github.com/#a",
        "https://",
        "api.github.com",
        "file:///etc/passwd",
        "https://a:99999999",
        "",
    ],
)
def test_a_token_is_sent_to_safe_addresses_only(url: str) -> None:
    """https, or this machine; a password in the address is not shown."""
    with pytest.raises(UsageError, match="has to be https") as caught:
        http.Client(url, TOKEN, {})
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "a\x00", "tökén"])
def test_what_cannot_be_a_token_is_not_sent(token: str) -> None:
    """The library would show it in its error."""
    with pytest.raises(UsageError, match="no token has") as caught:
        http.Client("https://api.github.com", token, {})
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://user:password@proxy",  # pragma: allowlist secret
        "socks5://proxy:1",
    ],
)
def test_a_proxy_that_cannot_be_used_is_said(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="proxy") as caught:
        http.Client("https://api.github.com", TOKEN, {})
    assert "password" not in str(caught.value)


def test_an_unencrypted_token_goes_through_no_proxy(
    github: Any, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the environment names one for all addresses."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with http.Client(github.url, TOKEN, {}, time.clock()) as client:
        assert client.send("POST", "/graphql", {}).status == 200


@pytest.mark.parametrize(
    "use",
    [
        repr,
        lambda client: client.send("GET", f"/{TOKEN}\x00"),
        lambda client: client.send("GET", "/", repeatable=True),
    ],
    ids=["repr", "a bad path", "a lost answer"],
)
def test_the_token_is_shown_nowhere(
    github: Any, client: Any, use: Callable[[http.Client], object]
) -> None:
    """Neither in a repr nor in an error."""
    github.fail("GET", 0, times=9)
    try:
        shown = repr(use(client))
    except Exception as error:  # noqa: BLE001  whatever it is, it is looked at
        shown = repr(error) + str(error.__cause__)
    assert TOKEN not in shown
