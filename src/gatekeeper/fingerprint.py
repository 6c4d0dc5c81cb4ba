"""The identity of a finding, which survives moved lines and other tools' runs on the same code.

It is made of the rule, the path, the message without its numbers and the text of the line; equal
ones in a file are told apart by their order.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from gatekeeper.model import Finding

_NUMBERS = re.compile(r"\d+")


def fingerprint(
    findings: Iterable[Finding], line: Callable[[str, int], str]
) -> tuple[Finding, ...]:
    """Give every finding its fingerprint, 32 hexadecimal digits.

    `line(path, number)` returns the text of a line, "" where there is none.
    """
    seen: Counter[str] = Counter()
    identified = []
    for finding in findings:
        text = line(finding.path, finding.line) if finding.path and finding.line else ""
        parts = (finding.rule, finding.path or "", _NUMBERS.sub("#", finding.message), text.strip())
        identity = "\0".join(parts)
        seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass"))
        identified.append(replace(finding, fingerprint=digest.hexdigest()[:32]))
    return tuple(identified)
