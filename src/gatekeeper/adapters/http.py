"""The only speaker of HTTP: JSON to one server, with a token, within a budget of time.

Where a request is repeated: it never reached the server, the server refused it because of a rate
limit, or it is `repeatable` and the answer was lost (502, 503, 504, a connection that broke). A
request that is not repeatable and whose answer was lost raises `Doubtful`: whoever sent it has to
look whether it was carried out.

No redirect is followed, so the token reaches no other server. The certificate is verified, proxies
and certificates are those of the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).

Rate limits: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import ipaddress
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from gatekeeper import __version__
from gatekeeper.errors import NotMeasured, UsageError
from gatekeeper.redact import redact

# Seconds from the making of a client on in which a request may begin, waiting included.
BUDGET = 60.0
# Seconds that the server may be silent.
SILENCE = 10.0
# Bytes of an answer: more than a page of 50 comments of 65,536 characters has.
MAX_BODY = 32 << 20
# How often a request is sent at most; between, about 1, 2 and 4 seconds are waited.
ATTEMPTS = 4
# What a server asks for that limits the rate and does not say for how long.
_A_MINUTE = 60.0
_BUSY = frozenset({502, 503, 504})
# httpx raises these before it has sent anything.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class NoAnswer(NotMeasured):
    """The server gave no answer that counts, and the request was not carried out."""


class Doubtful(NoAnswer):
    """The answer was lost: the request may have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; the names of `headers` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Clock:
    """The time in seconds since 1970, how to wait, and a random number from 0 to 1."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a request has to be sent again; `wait` is 0 where nobody said how many seconds."""

    error: NoAnswer
    wait: float = 0.0


class Client:
    """A connection to one server. Neither its messages nor its repr hold the token."""

    def __init__(
        self, url: str, token: str, headers: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        """`url` is https, or http on the loopback interface; `path` becomes its path.

        UsageError where it is neither, where the token cannot be one, or where a proxy or a
        certificate of the environment cannot be used.
        """
        address = _address(url)
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("the token holds characters that no token has; look how it is set")
        self.host = address.host
        self.path = address.path.rstrip("/")
        self._token = token
        self._clock = clock or Clock()
        self._deadline = self._clock.now() + BUDGET
        fixed = {
            "user-agent": f"gatekeeper/{__version__}",
            "authorization": f"Bearer {token}",
            "accept-encoding": "identity",  # a packed answer may be a bomb
        }
        try:
            self._http = httpx.Client(
                base_url=address.copy_with(raw_path=b"/"),
                headers={**headers, **fixed},
                timeout=SILENCE,
                # No proxy may see the token of a request that is not encrypted.
                trust_env=address.scheme == "https",
            )
        except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
            raise UsageError(
                "the proxy or the certificates that the environment names cannot be used: "
                f"{self._clean(error)}"
            ) from None

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._http.close()

    def send(
        self, method: str, path: str, payload: Any = None, *, repeatable: bool = False
    ) -> Answer:
        """Send a request to a path of the server, more than once where that helps.

        `repeatable`: sent twice it does what it does sent once. Raises NoAnswer or Doubtful.
        """
        for attempt in range(ATTEMPTS):
            if self._clock.now() >= self._deadline:
                raise NoAnswer(
                    f"{self.host} took more than the {BUDGET:.0f} s that it is given",
                    "run it again later",
                )
            found = self._attempt(method, path, payload)
            if isinstance(found, Answer):
                return found
            lost = isinstance(found.error, Doubtful) and not repeatable
            wait = found.wait or 2**attempt * (0.5 + self._clock.random())
            if lost or attempt + 1 == ATTEMPTS or self._clock.now() + wait > self._deadline:
                raise found.error
            self._clock.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    def _attempt(self, method: str, path: str, payload: Any) -> Answer | _Trouble:
        try:
            answer = self._exchange(method, path, payload)
        except _UNSENT as error:
            remedy = "look at the network, the proxy and the address"
            return _Trouble(NoAnswer(f"{self.host} is not reached: {self._clean(error)}", remedy))
        except httpx.HTTPError as error:
            reason = f"{self.host} broke off: {self._clean(error) or type(error).__name__}"
            return _Trouble(Doubtful(reason, "run it again later"))
        if answer.status in _BUSY:
            reason = f"{self.host} answers {answer.status}"
            return _Trouble(Doubtful(reason, "run it again later"))
        return self._limited(answer) or answer

    def _exchange(self, method: str, path: str, payload: Any) -> Answer:
        content = None if payload is None else json.dumps(payload).encode()
        kind = {"content-type": "application/json"} if content else {}
        with self._http.stream(method, path, content=content, headers=kind) as response:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > MAX_BODY:
                    raise httpx.ReadError(f"an answer of more than {MAX_BODY} bytes")
                if self._clock.now() > self._deadline + SILENCE:
                    raise httpx.ReadTimeout("the answer does not end")
            # A server, or a proxy, may show what it was sent.
            shown = bytes(body).replace(self._token.encode(), b"[redacted]")
            return Answer(response.status_code, dict(response.headers), shown)

    def _limited(self, answer: Answer) -> _Trouble | None:
        """How long a rate limit asks to wait; None where there is none."""
        now = self._clock.now()
        after = _number(answer.headers.get("retry-after"))
        reset = _number(answer.headers.get("x-ratelimit-reset"))
        if answer.status not in (403, 429):
            return None
        if after is not None:
            wait = after
        elif answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
            wait = reset - now
        elif answer.status == 429 or b"rate limit" in answer.body.lower():
            wait = _A_MINUTE
        else:
            return None
        # GitHub counts in whole seconds; asking a moment too early counts against the limit.
        wait = max(wait, 0.0) + 1.0
        again = datetime.fromtimestamp(min(now + wait, 253402300799), UTC)
        reason = f"{self.host} limits the rate of requests until {again:%Y-%m-%d %H:%M:%S} UTC"
        return _Trouble(NoAnswer(reason, "run it again after that"), wait)

    def _clean(self, error: Exception) -> str:
        return redact(str(error), {self._token: "token"})


def _number(text: str | None) -> float | None:
    """A header of digits; None for anything else."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _address(url: str) -> httpx.URL:
    """An address that a token may be sent to."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    more = address.userinfo or address.query or address.fragment
    if more or not address.host or (address.port or 0) > 65535 or not _is_private(address):
        # The address itself is not shown: it may hold a password.
        raise UsageError(
            "the address of the server, in GITHUB_API_URL, has to be https://HOST[/PATH]"
        )
    return address


def _is_private(address: httpx.URL) -> bool:
    """Whether nobody on the way can read what is sent."""
    local = address.scheme == "http" and _is_loopback(address.host)
    return local or address.scheme == "https"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
