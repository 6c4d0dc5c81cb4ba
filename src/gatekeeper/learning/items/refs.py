"""What an action item refers to: links, addresses, tickets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gatekeeper.learning.outline import Prose

_URL = re.compile(r"https?://[^\s<>()\[\]\"'|]+(?:\([^\s<>()]*\)[^\s<>()\[\]\"'|]*)*")
# What every one of them has; the digits of a date have no letter in front.
_LIKELY = re.compile(r"#|://|-(?<=[A-Z0-9]-)(?<![^A-Z\d]\d\d-)(?<![^A-Z\d]\d\d\d\d-)\d|ug \d")
# Each alternative looks back behind its first sign: that fails sooner.
_TICKET = re.compile(
    r"#(?<![\w/#&]#)\d{1,7}\b|[A-Z](?<![\w/-][A-Z])[A-Z0-9]{1,9}-\d{1,7}(?![\w-])"
    r"|[Bb](?<!\w[Bb])ug \d{1,9}\b"
)
# Standards, severities and reports look like tickets.
_NO_TICKET = frozenset({"UTF", "ISO", "SHA", "RFC", "TLS", "SEV", "PM", "AES", "MD", "IPV"})


def refs(parts: Iterable[Prose]) -> tuple[str, ...]:
    """Each once, in order; the number that a link shows is no ticket of its own."""
    found = dict.fromkeys(ref for prose in parts for ref in _refs(prose))
    return tuple(ref for ref in found if not ref.startswith("mailto:"))


def _refs(prose: Prose) -> Iterator[str]:
    text = prose.text
    if not prose.links and not _LIKELY.search(text):
        return
    for link in prose.links:
        yield link.target
        text = text.replace(link.text, " ", 1) if link.text else text
    if "://" in text:
        for url in _URL.findall(text):
            yield url.rstrip(".,;:")
        text = _URL.sub(" ", text)
    for ticket in _TICKET.findall(text):
        if ticket.partition("-")[0] not in _NO_TICKET:
            yield ticket
