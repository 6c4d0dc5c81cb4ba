"""Writes docs/reference/ anew, from the code: `make reference`. A test holds the pages against it.

What a page says is what `gatekeeper --help`, `list` and `explain` say, so nothing is told twice.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from gatekeeper import plugins
from gatekeeper.cli import gatekeeper, schema
from gatekeeper.cli.explain import TOPICS
from gatekeeper.cli.here import Here
from gatekeeper.cli.keys import KEYS
from gatekeeper.cli.list import rows

ROOT = Path(__file__).parent.parent
_WRITTEN = "<!-- Written by `make reference`. Change the code, not this page. -->\n"
_PURPOSE: Mapping[plugins.Kind, str] = {
    "check-type": "A check type measures a kind of check and has no opinion; a check names its "
    "type with `type:`, and what stands under `with:` is described here.",
    "reader": "A reader turns one format of results into a measurement, or says why it is none; a "
    "check names the format in `reads:`, and `measures:` what counts beside the usual.",
    "report": "A report shows the result of a run, or a stored one, in one form: `--report "
    "FORMAT:PATH` of `gatekeeper run`, or `gatekeeper report RESULT --format FORMAT:PATH`.",
}
_FOLDERS = {
    "gate": "gates/*.yaml",
    "check": "checks/*.yaml, or in the list `checks:` of a gate",
    "tool": "checks/tools/*.yaml, and the catalogue",
    "signoff": "gates/signoffs/*.yaml",
    "waiver": "gates/waivers/*.yaml",
    "baseline": "gates/baseline.yaml",
    "incident": "learning/incidents/*.yaml",
    "settings": "[tool.gatekeeper] in pyproject.toml, or gatekeeper.toml",
}


def pages() -> Mapping[str, str]:
    """Each page of the reference by its file name."""
    made = {
        "commands.md": "".join(_commands()),
        "files.md": "".join(_files()),
        "metrics.md": "".join(_metrics()),
        "tools.md": "".join(_tools()),
        "check-types.md": "".join(_manuals("Check types", "check type", "check-type")),
        "readers.md": "".join(_manuals("Readers", "reader", "reader")),
        "reports.md": "".join(_manuals("Reports", "report", "report")),
        "words.md": "".join(_words()),
    }
    return {name: f"{_WRITTEN}\n{text.rstrip()}\n" for name, text in made.items()}


def _commands() -> Iterator[str]:
    yield "# Commands\n\n"
    yield "Exit codes are the same for all of them: see [words](words.md#exit-code).\n"
    with click.Context(gatekeeper, info_name="gatekeeper") as context:
        for name in gatekeeper.list_commands(context):
            yield from _command(name, context)


def _command(name: str, parent: click.Context) -> Iterator[str]:
    group = parent.command
    found = group.get_command(parent, name) if isinstance(group, click.Group) else None
    if found is None:
        raise LookupError(name)
    with click.Context(found, parent, info_name=name) as context:
        yield f"\n## {context.command_path}\n\n"
        usage = found.collect_usage_pieces(context)
        yield f"```text\n{' '.join([context.command_path, *usage])}\n```\n\n"
        # click keeps the lines below a \b as they are.
        told = re.sub("\b\n((?:.+\n?)+)", r"```text\n\1```\n", inspect.cleandoc(found.help or ""))
        yield f"{told}\n"
        options = (option.get_help_record(context) for option in found.get_params(context))
        shown = [each for each in options if each and each[1] and "--help" not in each[0]]
        if shown:
            yield f"\n{_table(('option', 'meaning'), shown)}"
        for line in filter(None, (found.epilog or "").splitlines()):
            example = line.removeprefix("Example: ")
            yield f"\n{line}\n" if example == line else f"\n`{example}`\n"
        if isinstance(found, click.Group):
            for inner in found.list_commands(context):
                yield from _command(inner, context)


def _files() -> Iterator[str]:
    yield "# Files that people write\n\n"
    yield "Unknown keys are errors. `gatekeeper schema KIND` prints the JSON Schema of a kind, "
    yield "also of what commands print as JSON; all are in [schemas](../../schemas/):\n"
    yield f"{', '.join(f'`{kind}`' for kind in schema.kinds())}.\n"
    for kind, keys in KEYS.items():
        yield f"\n## {kind}\n\n"
        yield f"In {_FOLDERS[kind]}.\n\n" if kind in _FOLDERS else "Part of another file.\n\n"
        yield _table(("key", "meaning"), keys.items())


def _metrics() -> Iterator[str]:
    yield "# Metrics\n\nNames that requirements use, whichever tool measures them.\n\n"
    found = sorted((row.metric, row.unit or "number", row.meaning) for row in rows("metrics"))
    yield _table(("metric", "unit", "meaning"), found)


def _tools() -> Iterator[str]:
    yield "# Tools of the catalogue\n\n"
    yield "Each is a ready-made check: name it in the list `checks:` of a gate, or take its keys "
    yield "over with `uses:` and change some. All that stands below is its entry, which has the "
    yield "same [keys](files.md#tool) as a check. One more is a YAML file: "
    yield "[add a tool](../add-a-tool.md).\n"
    topic = TOPICS["tool"]
    for name in sorted(topic.names(Here())):
        yield f"\n## {name}\n\n```text\n{_text('tool', name)}\n```\n"


def _manuals(title: str, topic: str, kind: plugins.Kind) -> Iterator[str]:
    yield f"# {title}\n\n{_PURPOSE[kind]} Below stand their manual pages, as `gatekeeper explain "
    yield "NAME` prints them. One more is a module of its own: [write a plug-in]"
    yield "(../write-a-plug-in.md).\n"
    for name in plugins.names(kind):
        yield f"\n## {name}\n\n```text\n{_text(topic, name)}\n```\n"


def _words() -> Iterator[str]:
    yield "# Words\n"
    for topic in (
        "verdict",
        "word of a report",
        "stage",
        "severity",
        "exit code",
        "post-mortem rule",
    ):
        yield f"\n## {topic.capitalize()}\n\n"
        names = TOPICS[topic].names(Here())
        yield _table((topic, "meaning"), [(name, _text(topic, name)) for name in names])


def _text(topic: str, name: str) -> str:
    return "\n".join(line.rstrip() for line in TOPICS[topic].lines(Here(), name))


def _table(head: Sequence[str], found: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *((f"`{first}`", *rest) for first, *rest in found)]
    cells = (" | ".join(_cell(text) for text in line) for line in lines)
    return "".join(f"| {row} |\n" for row in cells)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs/reference")
    target = parser.parse_args().folder
    target.mkdir(parents=True, exist_ok=True)
    for page, content in pages().items():
        (target / page).write_text(content, "utf-8")
