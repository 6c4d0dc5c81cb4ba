"""One check as written -> `CheckPolicy`: catalogue entry, parameters, plug-ins, expectations.

`uses` takes over a catalogue entry; a key written beside it replaces the entry's (`expect` and
`with` key by key).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, get_args, get_origin, get_type_hints

from gatekeeper import codec, conditions, metrics, plugins
from gatekeeper.config import load, schema
from gatekeeper.config.policy import CheckPolicy, Expectation, Origin, PluginUse, Reads
from gatekeeper.errors import Problem, suggest
from gatekeeper.interfaces import CheckType, Reader
from gatekeeper.model import Position
from gatekeeper.placeholders import fill
from gatekeeper.written import Merged, Path, Place, Source

# What only a command has.
_COMMAND_KEYS = ("command", "reads", "lists", "idle", "exit", "max-age", "batch", "version")


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
        tool = self._tool(source)
        if source.spec.uses and tool is None:
            return None
        merged = Merged(source, tool)
        kind = self._plugin("check-type", merged.get("type"), merged.at("type"))
        formats = [
            self._plugin("reader", reads.format, merged.at("reads", n, "format"))
            for n, reads in enumerate(merged.get("reads"))
        ]
        if kind is None or None in formats:
            return None
        name = source.spec.check or source.spec.uses
        if not name:
            problem = source.loaded.problem(
                source.path, "`check:` is missing: every check has a name"
            )
            self.problems.append(problem)
            return None
        readers = [plugin for plugin in formats if plugin is not None]
        draft = self._draft(merged, gate, name, kind)
        draft = self._fill(draft, merged, kind)
        self._refuse_unfit(draft, merged, kind)
        draft = replace(draft, measures=self._measures(merged, kind, readers, draft))
        draft = replace(draft, expect=self._expect(merged, kind, readers, draft))
        return replace(draft, digest=_digest(draft))

    def _tool(self, source: Source) -> load.Loaded[schema.ToolSpec] | None:
        name = source.spec.uses
        if not name:
            return None
        if found := self.tools.get(name) or load.tool(name):
            return found
        known = [*self.tools, *load.tool_names()]
        hint = suggest(name, known)
        if name in plugins.names("check-type"):
            hint = f"`{name}` is a check type: write `type: {name}`"
        self.problems.append(
            source.loaded.problem((*source.path, "uses"), f"unknown tool `{name}`", hint)
        )
        return None

    def _plugin(self, kind: plugins.Kind, name: str, at: Place) -> plugins.Plugin | None:
        try:
            plugin = plugins.load(kind, name)
        except plugins.UnknownPlugin as error:
            known = plugins.names(kind)
            hint = suggest(name, known)
            self.problems.append(at(str(error), "" if str(error).startswith("two") else hint))
            return None
        self.used[kind, name] = PluginUse(kind, name, plugin.source, plugin.version, plugin.failure)
        return plugin

    def _draft(self, merged: Merged, gate: str, name: str, kind: plugins.Plugin) -> CheckPolicy:
        spec, codes = merged.source.spec, merged.get("exit")
        if codes is None and kind.name == "command" and not merged.get("reads"):
            clean, found = (0,), tuple(range(1, 126))
        else:
            codes = codes or schema.ExitSpec()
            clean, found = tuple(codes.clean), tuple(codes.findings)
            if both := set(clean) & set(found):
                place = merged.at("exit")
                self.problems.append(
                    place(f"exit code {min(both)} cannot be both clean and findings")
                )
        return CheckPolicy(
            id=name,
            title=merged.get("title") or name,
            gate=gate,
            type=kind.name,
            digest="",
            stage=merged.get("stage"),
            timeout=merged.get("timeout"),
            cwd=merged.get("cwd"),
            files=tuple(merged.get("files")),
            whole=tuple(merged.get("whole")),
            config=tuple(merged.get("config")),
            inputs=tuple(merged.get("inputs")),
            idle=tuple(merged.get("idle")),
            clean=clean,
            found=found,
            max_age=merged.get("max_age") or None,
            batch=merged.get("batch"),
            exclusive=merged.get("exclusive"),
            enabled=spec.enabled,
            reason=spec.reason,
            advisory=merged.get("advisory"),
            owner=spec.owner,
            origin=tuple(Origin(origin.item, origin.text) for origin in spec.origin),
            install=merged.get("install"),
            fix=merged.get("fix"),
            docs=merged.get("docs"),
            position=merged.source.position,
            positions=merged.positions(),
        )

    def _fill(self, draft: CheckPolicy, merged: Merged, kind: plugins.Plugin) -> CheckPolicy:
        """Parameters into the command, or validated for the check type."""
        params = merged.params() if kind.name == "command" else {}
        given = merged.get("with_") if kind.name == "command" else {}
        for key in sorted(set(given) - set(params)):
            hint = suggest(key, list(params)) or (
                f"it takes {', '.join(params)}" if params else "this check takes no parameter"
            )
            self.problems.append(merged.at("with", key)(f"unknown parameter `{key}`", hint))
        values = {**params, **{k: _textual(v) for k, v in given.items() if k in params}}
        for key, value in given.items():
            if key in params and isinstance(params[key], list) != isinstance(value, list):
                wanted = "a list" if isinstance(params[key], list) else "text"
                self.problems.append(merged.at("with", key)(f"`{key}` takes {wanted}"))
        if kind.name != "command":
            draft = replace(draft, params=self._typed(merged, kind))

        def words(key: str) -> tuple[str, ...]:
            return fill(merged.get(key), values, self._complain(merged.at(key)))

        def text(words: str, at: Place) -> str:
            return "".join(fill([words], values, self._complain(at)))

        return replace(
            draft,
            command=words("command"),
            lists=words("lists"),
            version=words("version"),
            reads=tuple(
                Reads(
                    reads.format,
                    text(reads.file, merged.at("reads", n, "file")),
                    reads.from_ == "stdout",
                    reads.absent,
                )
                for n, reads in enumerate(merged.get("reads"))
            ),
            env={
                name: None if value is None else text(value, merged.at("env", name))
                for name, value in merged.get("env").items()
            },
        )

    def _typed(self, merged: Merged, kind: plugins.Plugin) -> Mapping[str, Any]:
        """The parameters of a check type, checked against its `Params`."""
        if not isinstance(kind.value, CheckType):
            return {}
        from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  only where there are parameters

        form, given = kind.value.params, merged.get("with_")
        hints = get_type_hints(form)
        known = {f.name.replace("_", "-"): f.name for f in fields(form)}
        for key in sorted(set(given) - set(known)):
            hint = suggest(key, list(known)) or f"it takes {', '.join(known)}"
            self.problems.append(merged.at("with", key)(f"unknown parameter `{key}`", hint))
        values = {
            known[key]: _textual(value) if _takes_text(hints[known[key]]) else value
            for key, value in given.items()
            if key in known
        }
        try:
            params = TypeAdapter(form).validate_python(values)
        except ValidationError as error:
            for mistake in error.errors(include_url=False):
                name = str(mistake["loc"][0]).replace("_", "-")
                missing = mistake["type"] in ("missing", "missing_argument")
                text = f"`{name}` is missing" if missing else f"`{name}`: {mistake['msg']}"
                self.problems.append(merged.at("with", name)(text))
            return {}
        if problem := getattr(params, "problem", lambda: "")():
            self.problems.append(merged.at("with")(problem))
        return codec.encode(params)  # type: ignore[no-any-return]

    def _complain(self, at: Place) -> Callable[..., None]:
        return lambda message, hint="": self.problems.append(at(message, hint))

    def _refuse_unfit(self, draft: CheckPolicy, merged: Merged, kind: plugins.Plugin) -> None:
        """Keys that the type cannot do without, or does not look at."""
        complain = self._complain(merged.at())
        if isinstance(kind.value, CheckType):
            self._refuse_keys(draft.type, kind.value, merged)
        if draft.reads and not draft.command and draft.max_age is None:
            hint = "write max-age: 1h, or how old the report may be"
            complain("a check that reads without a command needs `max-age:`", hint)
        if not draft.command and any(reads.stdout for reads in draft.reads):
            self.problems.append(merged.at("reads")("`from: stdout` needs a `command:`"))
        if "${files}" in (*draft.command, *draft.lists) and not (draft.files or draft.whole):
            complain("`${files}` needs `files:`")
        for pattern in draft.idle:
            try:
                re.compile(pattern)
            except re.error as error:
                text = f"`{pattern}` is no regular expression: {error}"
                self.problems.append(merged.at("idle")(text))

    def _refuse_keys(self, name: str, kind: CheckType, merged: Merged) -> None:
        for need in kind.needs:
            given = any(merged.get(key.replace("-", "_")) for key in need.split("|"))
            if not given and not self.partial:
                wanted = need.replace("|", ":` or `")
                self.problems.append(merged.at()(f"a check of type {name} needs `{wanted}:`"))
        for key in kind.refuses if name == "command" else (*_COMMAND_KEYS, *kind.refuses):
            if merged.has(key.replace("-", "_")):
                text = f"`{key}:` has no meaning for a check of type {name}"
                self.problems.append(merged.at(key)(text))

    def _measures(
        self,
        merged: Merged,
        kind: plugins.Plugin,
        readers: Sequence[plugins.Plugin],
        draft: CheckPolicy,
    ) -> tuple[str, ...]:
        sources = _sources(kind, readers)
        default = tuple(dict.fromkeys(name for source in sources for name in source.always))
        named = tuple(merged.get("measures"))
        known = [name for source in sources for name in (*source.always, *source.sometimes)]
        unloaded = any(plugin.failure for plugin in (kind, *readers))
        for n, name in enumerate(named):
            at = merged.at("measures", n)
            if metrics.define(name) is None:
                self.problems.append(
                    at(f"unknown metric `{name}`", suggest(name, list(metrics.TABLE)))
                )
            elif not unloaded and not any(fnmatchcase(name, pattern) for pattern in known):
                hint = f"it can measure {', '.join(known)}" if known else ""
                self.problems.append(at(f"{draft.id} cannot measure {name}", hint))
        if not named and not default and not unloaded:
            hint = f"choose from {', '.join(known)}"
            self.problems.append(
                merged.at()(f"{draft.id} measures nothing: `measures:` is missing", hint)
            )
        return named or default

    def _expect(
        self,
        merged: Merged,
        kind: plugins.Plugin,
        readers: Sequence[plugins.Plugin],
        draft: CheckPolicy,
    ) -> tuple[Expectation, ...]:
        found: dict[str, Expectation] = {}
        for source in _sources(kind, readers):
            for name, text in source.expect.items():
                if name in draft.measures:
                    found[name] = Expectation(name, (_condition(text, name),), inherited=True)
        if merged.tool is not None:
            for expectation in self.expectations(merged.tool, ("expect",), merged.tool.spec.expect):
                if expectation.metric in draft.measures:
                    found[expectation.metric] = replace(expectation, inherited=True)
        own = merged.source
        for expectation in self.expectations(own.loaded, (*own.path, "expect"), own.spec.expect):
            if expectation.metric not in draft.measures:
                at = merged.at("expect", expectation.metric)
                text = f"{draft.id} does not measure {expectation.metric}"
                self.problems.append(at(text, f"it measures {', '.join(draft.measures)}"))
            found[expectation.metric] = expectation
        return tuple(found.values())

    def expectations(
        self, loaded: load.Loaded[Any], path: Path, written: Mapping[str, schema.ConditionsSpec]
    ) -> Iterable[Expectation]:
        """The conditions of a mapping metric -> condition, each problem noted at its place."""
        for name, spec in written.items():
            place = (*path, name)
            if (metric := metrics.define(name)) is None:
                hint = suggest(name, list(metrics.TABLE)) or "`gatekeeper list metrics` shows all"
                self.problems.append(
                    loaded.problem(place, f"unknown metric `{name}`", hint, key=True)
                )
                continue
            try:
                accept = tuple(conditions.parse(text, metric) for text in spec.pass_)
                warn = tuple(conditions.parse(text, metric) for text in spec.warn)
                for together in (accept, warn):
                    if conditions.contradiction(together, metric):
                        texts = " and ".join(f"`{condition.text}`" for condition in together)
                        raise conditions.ConditionError(f"{texts} can never hold together")
            except conditions.ConditionError as error:
                self.problems.append(loaded.problem(place, str(error)))
                continue
            at = loaded.problem(place, "")
            position = Position(at.file, at.line, at.column)
            yield Expectation(name, accept, warn, position=position)


def _sources(kind: plugins.Plugin, readers: Sequence[plugins.Plugin]) -> list[CheckType | Reader]:
    """What brings metrics and expectations: the readers where there are any, else the type."""
    values = [plugin.value for plugin in (readers or [kind])]
    return [value for value in values if isinstance(value, (CheckType, Reader))]


def _textual(value: Any) -> Any:
    """Numbers as their source text, in lists too."""
    if isinstance(value, list):
        return [_textual(item) for item in value]
    return getattr(value, "source", value)


@cache
def _takes_text(hint: Any) -> bool:
    """Whether a parameter is text, or a collection of texts, and no number."""
    arguments = get_args(hint)
    if get_origin(hint) is None:
        return hint is str
    return str in arguments and not {int, float, bool} & set(arguments)


@lru_cache(maxsize=512)
def _condition(text: str, name: str) -> conditions.Condition:
    metric = metrics.define(name)
    if metric is None:
        raise ValueError(f"a plug-in expects an unknown metric: {name}")
    return conditions.parse(text, metric)


def _digest(check: CheckPolicy) -> str:
    """What the check means, wherever it is written."""
    plain = codec.encode(replace(check, position=None, positions={}))
    return f"sha256:{hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()}"
