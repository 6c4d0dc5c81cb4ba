"""One check as written -> `CheckPolicy`: catalogue entry, plug-ins, parameters, expectations.

`uses` takes over a catalogue entry; a key written beside it replaces the entry's (`expect` and
`with` key by key).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gatekeeper import codec, idle, plugins
from gatekeeper.config import load, schema
from gatekeeper.config.policy import CheckPolicy, Origin, PluginUse, Proof, Reads
from gatekeeper.errors import Problem, suggest
from gatekeeper.interfaces import CheckType, Reader
from gatekeeper.resolve import parameters
from gatekeeper.resolve.expectations import expected, measured
from gatekeeper.resolve.placeholders import fill
from gatekeeper.resolve.written import Merged, Place, Source

# What only a command has.
_COMMAND_KEYS = ("command", "reads", "lists", "idle", "exit", "max-age", "batch", "version")
# Exit codes that mean findings where no report tells more; 126, 127 and signals are errors.
_FAILED = tuple(range(1, 126))


@dataclass(slots=True)
class Composer:
    """What composing needs and collects: the tools at hand, the problems and plug-ins found.

    `partial`: wrong parts of what is written have been left out already.
    """

    tools: Mapping[str, load.Loaded[schema.ToolSpec]]
    partial: bool = False
    problems: list[Problem] = field(default_factory=list)
    used: dict[tuple[str, str], PluginUse] = field(default_factory=dict)

    def check(self, source: Source, gate: str) -> CheckPolicy | None:
        """Compose one check; None, and a problem noted, where it cannot be."""
        before = len(self.problems)
        merged = Merged(source, self._tool(source), self.problems)
        name = self._name(merged)
        kind = self._plugin("check-type", merged.get("type"), merged.at("type"))
        readers = [
            self._plugin("reader", reads.format, merged.at("reads", n, "format"))
            for n, reads in enumerate(merged.get("reads"))
        ]
        if kind is None or len(self.problems) > before:
            return None
        filled = _filled(merged, kind)
        # The readers bring metrics and expectations where there are any, else the type.
        brought = [plugin.value for plugin in readers or [kind] if plugin]
        sources = [value for value in brought if isinstance(value, (CheckType, Reader))]
        loaded = len(sources) == len(brought)
        measures = measured(merged, name, sources, complete=loaded)
        expect = expected(merged, name, sources, measures)
        draft = _draft(merged, gate, kind.name)
        draft = replace(draft, measures=measures, expect=expect, **filled)
        self._refuse_unfit(draft, merged, kind)
        place, places = merged.source.position, merged.positions()
        return replace(draft, digest=_digest(draft), position=place, positions=places)

    def _name(self, merged: Merged) -> str:
        name = merged.source.spec.check or merged.source.spec.uses
        if not name and not self.partial:
            merged.complain("`check:` is missing: every check has a name")
        return name

    def loads(self, check: CheckPolicy) -> bool:
        """Whether all plug-ins of a check could be loaded."""
        uses = [("check-type", check.type), *(("reader", reads.format) for reads in check.reads)]
        return not any(self.used[use].failure for use in uses)

    def _tool(self, source: Source) -> load.Loaded[schema.ToolSpec] | None:
        name = source.spec.uses
        found = self.tools.get(name) or load.tool(name) if name else None
        if name and found is None:
            hint = suggest(name, [*self.tools, *load.tool_names()])
            if name in plugins.names("check-type"):
                hint = f"`{name}` is a check type: write `type: {name}`"
            place = (*source.path, "uses")
            self.problems.append(source.loaded.problem(place, f"unknown tool `{name}`", hint))
        return found

    def _plugin(self, kind: plugins.Kind, name: str, at: Place) -> plugins.Plugin | None:
        try:
            plugin = plugins.load(kind, name)
        except plugins.UnknownPlugin as error:
            self.problems.append(at(str(error), error.hint))
            return None
        self.used[kind, name] = PluginUse(kind, name, plugin.source, plugin.version, plugin.failure)
        return plugin

    def _refuse_unfit(self, draft: CheckPolicy, merged: Merged, kind: plugins.Plugin) -> None:
        """Keys that do not go together."""
        if isinstance(kind.value, CheckType):
            self._refuse_keys(draft.type, kind.value, merged)
        if both := set(draft.clean) & set(draft.found):
            text = f"exit code {min(both)} cannot be both clean and findings"
            merged.complain(text, at=("exit",))
        if draft.reads and not draft.command:
            _refuse_unwritten(draft, merged)
        if "${files}" in (*draft.command, *draft.lists) and not (draft.files or draft.whole):
            merged.complain("`${files}` needs `files:`")
        _refuse_broken(draft, merged)

    def _refuse_keys(self, name: str, kind: CheckType, merged: Merged) -> None:
        """Keys that the type cannot do without, or does not look at."""
        for need in kind.needs:
            given = any(merged.get(key.replace("-", "_")) for key in need.split("|"))
            if not given and not self.partial:
                wanted = need.replace("|", ":` or `")
                merged.complain(f"a check of type {name} needs `{wanted}:`")
        for key in kind.refuses if name == "command" else (*_COMMAND_KEYS, *kind.refuses):
            if merged.has(key.replace("-", "_")):
                merged.complain(f"`{key}:` has no meaning for a check of type {name}", at=(key,))


def _refuse_broken(draft: CheckPolicy, merged: Merged) -> None:
    for pattern in draft.idle:
        if problem := idle.problem(pattern):
            merged.complain(problem, at=("idle",))


def _refuse_unwritten(draft: CheckPolicy, merged: Merged) -> None:
    """What a check that only reads needs."""
    if draft.max_age is None:
        hint = "write max-age: 1h, or how old the report may be"
        merged.complain("a check that reads without a command needs `max-age:`", hint)
    if any(reads.stdout for reads in draft.reads):
        merged.complain("`from: stdout` needs a `command:`", at=("reads",))


def _draft(merged: Merged, gate: str, kind: str) -> CheckPolicy:
    """The check without its places, and without what depends on parameters and plug-ins."""
    spec, codes = merged.source.spec, merged.get("exit")
    plain = codes is None and kind == "command" and not merged.get("reads")
    codes = codes or schema.ExitSpec()
    name = spec.check or spec.uses
    return CheckPolicy(
        id=name,
        title=merged.get("title") or name,
        gate=gate,
        type=kind,
        digest="",
        stage=merged.get("stage"),
        timeout=merged.get("timeout"),
        cwd=merged.get("cwd"),
        files=tuple(merged.get("files")),
        whole=tuple(merged.get("whole")),
        config=tuple(merged.get("config")),
        inputs=tuple(merged.get("inputs")),
        idle=tuple(merged.get("idle")),
        clean=tuple(codes.clean),
        found=_FAILED if plain else tuple(codes.findings),
        max_age=merged.get("max_age") or None,
        batch=merged.get("batch"),
        exclusive=merged.get("exclusive"),
        enabled=spec.enabled,
        reason=spec.reason,
        advisory=merged.get("advisory"),
        owner=spec.owner,
        origin=tuple(Origin(origin.item, origin.text) for origin in spec.origin),
        proof=_proof(spec.proof),
        given={**merged.params(), **merged.get("with_")},
        install=merged.get("install"),
        fix=merged.get("fix"),
        docs=merged.get("docs"),
    )


def _proof(spec: schema.ProofSpec | None) -> Proof | None:
    if spec is None:
        return None
    fixed_by = (spec.fixed_by,) if isinstance(spec.fixed_by, str) else spec.fixed_by
    return Proof(
        fixed_by=tuple(commit for commit in fixed_by if commit),
        keep=spec.keep,
        prepare=spec.prepare,
        link=spec.link,
        rejects=spec.rejects,
        accepts=spec.accepts,
    )


def _filled(merged: Merged, kind: plugins.Plugin) -> dict[str, Any]:
    """The fields that hold parameters: those with the words of a command, those of a type."""
    params: Mapping[str, Any] = {}
    if isinstance(kind.value, CheckType) and kind.name != "command":
        params = parameters.typed(merged, kind.value)
    values = parameters.substituted(merged) if kind.name == "command" else {}

    def words(texts: list[str], *at: str | int) -> tuple[str, ...]:
        return fill(texts, values, lambda text, hint="": merged.complain(text, hint, at=at))

    reads = [
        Reads(
            one.format, "".join(words([one.file], "reads", n, "file")), bool(one.from_), one.absent
        )
        for n, one in enumerate(merged.get("reads"))
    ]
    env = {
        name: None if value is None else "".join(words([value], "env", name))
        for name, value in merged.get("env").items()
    }
    return {
        "params": params,
        "command": words(merged.get("command"), "command"),
        "lists": words(merged.get("lists"), "lists"),
        "version": words(merged.get("version"), "version"),
        "reads": tuple(reads),
        "env": env,
    }


def _digest(check: CheckPolicy) -> str:
    """What the check means, wherever it is written: only its conditions have places yet."""
    plain = codec.encode(check)
    for expectation in plain["expect"]:
        del expectation["position"]
    text = json.dumps(plain, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
