"""gatekeeper check: begin a check that guards an action item."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import click

from gatekeeper import checkout, escape
from gatekeeper.config import load, schema, write
from gatekeeper.config.policy import Policy
from gatekeeper.errors import ConfigurationError, UsageError, suggest
from gatekeeper.learning import draft
from gatekeeper.learning import suggest as alike
from gatekeeper.learning.postmortem import ActionItem, PostMortem
from gatekeeper.resolve import resolve

_T = TypeVar("_T")
_WIDTH = 98


@click.group(epilog="Example: gatekeeper check new no-tabs --from PM-2026-003#AI-2")
def command() -> None:
    """Begin checks that guard action items of post-mortems."""


@command.command("new", epilog="Example: gatekeeper check new no-tabs --from PM-2026-003#AI-2")
@click.argument("id_", metavar="ID")
@click.option(
    "--from",
    "origin",
    required=True,
    metavar="ITEM",
    help="The action item that it guards: PM-2026-003#AI-2.",
)
@click.option("--uses", metavar="TOOL", help="A tool of the catalogue, or a check type.")
@click.option("--gate", metavar="GATE", help="The gate that it joins.")
def new(id_: str, origin: str, uses: str | None, gate: str | None) -> None:
    """Write checks/ID.yaml with what the action item tells; print where it is and what is left.

    Type and gate suit the item's words. The check counts as no guard before it is filled in.
    """
    place = checkout.find(Path.cwd())
    documents = load.load(place.config)
    policy = resolve(documents)
    if id_ in policy.checks:
        where = policy.checks[id_].position
        raise UsageError(f"there is a check `{id_}` already, at {where}; choose another name")
    gates = [one.id for one in policy.gates]
    if gate is not None and gate not in gates:
        raise UsageError(f"unknown gate `{gate}`; {suggest(gate, gates)}")
    wanted = _wanted(uses, documents) if uses else None
    report, item = _item(origin, place)
    made = draft.draft(id_, report, item, gates, place.files, gate=gate or "", uses=wanted)
    file = f"{policy.registry}/{id_}.yaml"
    text = _yaml(made, f"{report.id}#{item.id}")
    load.read(schema.CheckSpec, file, text.encode())  # refuses an id that is no name
    root = documents.root
    write.write(root / file, text, root=root)
    click.echo(os.path.relpath(root / file))
    for line in _next_steps(made, item, f"{report.id}#{item.id}", policy):
        click.echo(escape.line(line))
    if wrong := _refused(root, file):
        click.echo(escape.line(f"As it stands, `gatekeeper validate` says: {wrong}"))


def _wanted(name: str, documents: load.Documents) -> Mapping[str, str]:
    """A tool or a check type, as the key of a check; UsageError where it is neither."""
    from gatekeeper import plugins

    tools = [*(tool.spec.tool for tool in documents.tools), *load.tool_names()]
    if name in tools:
        return {"uses": name}
    types = list(plugins.names("check-type"))
    if name in types:
        return {"type": name}
    raise UsageError(f"unknown tool or check type `{name}`; {suggest(name, [*tools, *types])}")


def _item(origin: str, place: checkout.Checkout) -> tuple[PostMortem, ActionItem]:
    """The action item that `PM-2026-003#AI-2` names; letter case does not matter."""
    from gatekeeper.cli.postmortems import here

    name, mark, own = origin.partition("#")
    reports = here(place).reports
    report = _named(name, reports)
    if report is None:
        hint = suggest(name, reports) or "`gatekeeper postmortem list` shows those there are"
        raise UsageError(f"there is no post-mortem `{name}`; {hint}")
    items = {item.id: item for item in reversed(report.action_items)}
    item = _named(own, items)
    if item is None:
        what = f"{report.id} has no action item `{own}`" if mark else f"`{origin}` names no item"
        hint = suggest(own, sorted(items)) or f"`gatekeeper postmortem show {report.id}` shows all"
        raise UsageError(f"{what}; {hint}")
    return report, item


def _named(name: str, known: Mapping[str, _T]) -> _T | None:
    """What bears a name, in any letter case."""
    return next((one for id_, one in known.items() if id_.casefold() == name.casefold()), None)


def _yaml(made: draft.Draft, item: str) -> str:
    """The file: what is to be done to it on top, the proof to fill in at the end."""
    head, _, body = write.dump(made.content, "check").partition("\n")
    remarks = [f"Written by `gatekeeper check new` for {item}.", f"To do: {made.fill_in}."]
    lines = [line for remark in remarks for line in textwrap.wrap(remark, _WIDTH)]
    if made.proof:
        name = made.content["check"]
        told = (
            f"Then say how it is proven that it would have caught the bug: gatekeeper prove {name}"
        )
        proof = [told, *made.proof]
    else:
        proof = []
    return "\n".join([head, *_comments(lines), body.rstrip("\n"), *_comments(proof), ""])


def _comments(lines: list[str]) -> Iterator[str]:
    return (f"# {line}" for line in lines)


def _next_steps(made: draft.Draft, item: ActionItem, name: str, policy: Policy) -> Iterator[str]:
    yield f"It guards nothing yet: {made.fill_in}."
    if made.proof:
        yield f"Fill in `proof:`, then: gatekeeper prove {made.content['check']}"
    checks = policy.checks.values()
    guards = [check.id for check in checks if name in (one.item for one in check.origin)]
    if guards:
        yield f"{name} has a check already: {', '.join(guards)}"
    near = alike.nearest(alike.checks(checks), item.text)
    told = [f"{one.id} ({one.score})" for one in near if one.id not in guards]
    if told:
        yield f"Alike by their words, from 0 to 1: {', '.join(told)}"


def _refused(root: Path, file: str) -> str:
    """What `validate` says of the new file, "" if nothing."""
    try:
        resolve(load.load(root))
    except ConfigurationError as error:
        return "; ".join(problem.message for problem in error.problems if problem.file == file)
    return ""
