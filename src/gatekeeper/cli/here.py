"""What the current folder's configuration says, for commands that only show.

They also work outside a repository and where the configuration is broken, as far as they do not
need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import checkout
from gatekeeper.config import load, schema
from gatekeeper.config.policy import Policy
from gatekeeper.config.settings import settings
from gatekeeper.errors import ConfigurationError, GatekeeperError
from gatekeeper.resolve import resolve


@dataclass(frozen=True, slots=True)
class Here:
    """The configuration as written and as resolved; None where `error` says why there is none.

    `written`: a configuration stands here, sound or not.
    """

    documents: load.Documents | None = None
    policy: Policy | None = None
    error: GatekeeperError | None = None
    written: bool = False

    def resolved(self) -> tuple[load.Documents, Policy]:
        """The configuration where nothing can be shown without it; raises `error`."""
        if self.documents is None or self.policy is None:
            raise self.error or ConfigurationError(())
        return self.documents, self.policy

    def gates(self) -> list[str]:
        """The names of the gates, none where they are not known."""
        return [gate.id for gate in self.policy.gates] if self.policy else []

    def checks(self) -> list[str]:
        """The names of the checks, none where they are not known."""
        return list(self.policy.checks) if self.policy else []

    def tools(self) -> Mapping[str, load.Loaded[schema.ToolSpec]]:
        """The catalogue, and the tools of this repository as far as they are known."""
        entries = [(name, load.tool(name)) for name in load.tool_names()]
        found = {name: entry for name, entry in entries if entry is not None}
        own = self.documents.tools if self.documents else ()
        return {**found, **{entry.spec.tool: entry for entry in own}}


def look() -> Here:
    """Read and resolve the configuration of the current folder."""
    documents, written = None, True
    try:
        root = checkout.find(Path.cwd()).config
        chosen = settings(root)
        written = any((root / folder).exists() for folder in (chosen.gates, chosen.checks))
        documents = load.load(root)
        return Here(documents, resolve(documents), None, written)
    except GatekeeperError as error:
        return Here(documents, None, error, written)


def uses(documents: load.Documents) -> Mapping[str, str]:
    """The tool or check type of each check, as written."""
    found: dict[str, str] = {}
    for gate in documents.gates:
        for item in gate.spec.checks:
            if isinstance(item, schema.CheckSpec):
                found[item.check or item.uses] = item.uses or item.type
            else:
                found[item] = item
    return {**found, **{c.spec.check: c.spec.uses or c.spec.type for c in documents.checks}}
