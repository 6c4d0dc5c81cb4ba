"""The rule of the four failures: what a post-mortem of a kind asks for, beyond a guard. Pure.

A production bug asks for a check; a review rejection for a check, a standard or a training, which
is a decision; a deployment failure for a check in the gate `operational-readiness`; a performance
regression for a check in the gate `performance` and an alert or dashboard that names its metric.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from posixpath import dirname

from gatekeeper.config.policy import Policy
from gatekeeper.errors import NotMeasured
from gatekeeper.learning.postmortem import Kind
from gatekeeper.learning.tree import Tree

READINESS, PERFORMANCE = "operational-readiness", "performance"
# Files that hold alerts or dashboards, by how their paths are called.
_WATCHING = re.compile(r"alert|dashboard|monitor|grafana|prometheus", re.IGNORECASE)
_SUFFIXES = (".yaml", ".yml", ".json")
_MONITORING = ("alerts.", "dashboards.")


@dataclass
class Rule:
    """What is asked of a report's guards; files of monitoring are read when one is asked for."""

    policy: Policy
    tree: Tree
    _texts: list[str] | None = field(default=None)

    def lack(self, kind: Kind | None, checks: Collection[str]) -> str:
        """What of that which a kind asks for is missing where these checks guard; "" if nothing."""
        if not checks:
            return ""
        named = " and ".join(sorted(checks)[:3])
        if kind == "deployment-failure" and not self._within(READINESS, checks):
            return (
                f"a deployment failure asks for a check in the gate {READINESS}, not only {named}"
            )
        if kind == "performance-regression":
            return self._unwatched(checks, named)
        return ""

    def _unwatched(self, checks: Collection[str], named: str) -> str:
        asks = "a performance regression asks for"
        guarding = self._within(PERFORMANCE, checks)
        if not guarding:
            return f"{asks} a check in the gate {PERFORMANCE}, not only {named}"
        if self._linked(checks):
            return ""
        metrics = [name for check in guarding for name in self.policy.checks[check].measures]
        if any(self._watched(name) for name in metrics):
            return ""
        return f"{asks} an alert or dashboard that names {' or '.join(metrics)} as well"

    def _within(self, gate: str, checks: Iterable[str]) -> list[str]:
        return [check for check in checks if self.policy.checks[check].gate == gate]

    def _linked(self, checks: Iterable[str]) -> bool:
        """Whether one of the guards looks at alerts or dashboards itself."""
        measures = (name for check in checks for name in self.policy.checks[check].measures)
        return any(name.startswith(_MONITORING) for name in measures)

    def _watched(self, metric: str) -> bool:
        """Whether a file of monitoring names the metric; `.`, `_`, `-` and `:` are one to it."""
        if self._texts is None:
            self._texts = [self._text(path) for path in self.tree.files if self._watches(path)]
        words = r"[._:-]".join(map(re.escape, re.split(r"[._:-]", metric)))
        pattern = re.compile(rf"(?<![\w.]){words}(?![\w.])", re.IGNORECASE)
        return any(pattern.search(text) for text in self._texts)

    def _watches(self, path: str) -> bool:
        """Whether a file may hold alerts or dashboards; the policy itself watches nothing."""
        gates = {dirname(gate.position.file) for gate in self.policy.gates}
        own = tuple(f"{folder}/" for folder in (*gates, self.policy.registry, self.policy.learning))
        return (
            path.endswith(_SUFFIXES) and bool(_WATCHING.search(path)) and not path.startswith(own)
        )

    def _text(self, path: str) -> str:
        try:
            return self.tree.content(path).decode("utf-8", "replace")
        except NotMeasured:
            return ""
