"""gatekeeper incident: recording what happened, and listing it."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from gatekeeper.cli.schema import schema
from gatekeeper.config import load
from gatekeeper.config.schema import IncidentSpec

FOLDER = "learning/incidents"


def incident(id_: str, detected: str, more: str = "") -> dict[str, str]:
    """The file of an incident."""
    text = f"incident: {id_}\ntitle: about {id_}\ndetected: {detected}\n{more}"
    return {f"{FOLDER}/{id_}.yaml": text}


def written(repository: Any, id_: str) -> Any:
    """What stands in the file of an incident, as it is read and as plain values."""
    text = (repository.folder / FOLDER / f"{id_}.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=")
    load.read(IncidentSpec, "a.yaml", text.encode())
    return yaml.safe_load(text)


def test_the_shortest_record(repository: Any) -> None:
    """A title is enough: the time is now, the id the next free one; the next step is told."""
    ended = repository.run("incident", "new", "--title", "Orders: lost # 7")
    file, step = ended.stdout.splitlines()
    assert (ended.exit, ended.stderr) == (0, "")
    assert re.fullmatch(rf"{FOLDER}/INC-2\d{{3}}-001\.yaml", file)
    id_ = file.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    assert step.endswith(f"gatekeeper postmortem new --from {id_}")
    assert written(repository, id_)["title"] == "Orders: lost # 7"
    assert repository.run("validate").exit == 0


def test_the_longest_record(repository: Any) -> None:
    """Each option has its key; the cause is written whole, evidence with its digest."""
    options = {
        "--id": "outage-7",
        "--detected": "2026-03-09T10:00:00+01:00",
        "--resolved": "2026-03-09T12:00:00Z",
        "--severity": "SEV-1",
        "--kind": "deployment-failure",
        "--cause": "recovery-speed",
        "--downtime": "2h",
        "--data-loss": "none",
        "--recovery-time": "90 minutes",
        "--resource-usage": "all",
        "--users": "1200",
        "--service": "api",
        "--region": "eu",
        "--evidence": "timeline:notes.txt",
        "--post-mortem": "PM-2026-001",
    }
    words = [word for pair in options.items() for word in pair]
    extra = ("--evidence", "technical:https://x.example/1", "--rolled-back")
    ended = repository.run(
        "incident", "new", "--title", "t", *words, *extra, "--performance-degraded"
    )
    assert ended.exit == 0, ended.said
    found = written(repository, "outage-7")
    digest = found["evidence"][0].pop("sha256")
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)
    assert found == {
        "incident": "outage-7",
        "title": "t",
        "detected": "2026-03-09T10:00:00+01:00",
        "resolved": "2026-03-09T12:00:00Z",
        "severity": "SEV-1",
        "kind": "deployment-failure",
        "cause": {
            "category": "technical",
            "area": "operational-procedures",
            "focus": "recovery-speed",
        },
        "impact": {
            "downtime": "2h",
            "data-loss": "none",
            "recovery-time": "90 minutes",
            "resource-usage": "all",
            "users": "1200",
        },
        "rolled-back": True,
        "performance-degraded": True,
        "services": ["api"],
        "regions": ["eu"],
        "post-mortem": "PM-2026-001",
        "evidence": [
            {"kind": "timeline", "file": "notes.txt"},
            {"kind": "technical", "url": "https://x.example/1"},
        ],
    }
    assert repository.run("validate").exit == 0


def test_the_next_free_id(repository: Any) -> None:
    """After the highest of its year, also of files that cannot be read."""
    repository.write({**incident("INC-2026-004", "2026-01-02"), f"{FOLDER}/inc-2026-017.yaml": "?"})
    ended = repository.run("incident", "new", "--title", "t", "--detected", "2026-05-01")
    assert ended.stdout.startswith(f"{FOLDER}/INC-2026-018.yaml\n")
    ended = repository.run("incident", "new", "--title", "t", "--detected", "2025-05-01")
    assert ended.stdout.startswith(f"{FOLDER}/INC-2025-001.yaml\n")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--severity", "p0"], "its severity is p0"),
        (["--data-loss", "3 orders"], "data was lost or corrupted"),
        (["--rolled-back"], "it ended in an emergency rollback"),
        (["--performance-degraded"], "performance was degraded"),
    ],
)
def test_a_post_mortem_that_is_due(repository: Any, options: list[str], reason: str) -> None:
    """The next step says by when, why, and how to begin it."""
    day = ("--detected", "2026-03-09")
    said = repository.run("incident", "new", "--title", "t", *day, *options).stdout
    assert f"due by 2026-03-14, because {reason}: gatekeeper postmortem new --from" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--detected", "yesterday"], "write a date, or a time with its zone"),
        (["--resolved", "2001-01-01"], "`resolved:` is before `detected:`"),
        (["--severity", "urgent"], "`urgent` is no severity"),
        (["--cause", "luck"], "unknown cause `luck`; known are technical"),
        (["--cause", "process/redundancy-gaps"], "unknown cause"),
        (["--evidence", "notes.txt"], "write KIND:FILE or KIND:URL"),
        (["--evidence", "rumour:notes.txt"], "`rumour` is not one of timeline"),
        (["--evidence", "timeline:gone.txt"], "`gone.txt` cannot be read"),
        (["--evidence", "timeline:../x"], "leads out of the repository"),
        (["--id", "../x"], "`../x` does not have the form"),
        (["--id", "inc-1"], "there is an incident inc-1 already"),
        (["--kind", "outage"], "'outage' is not one of"),
    ],
)
def test_what_cannot_be_recorded(repository: Any, options: list[str], says: str) -> None:
    """Nothing is written, and the reason is told."""
    repository.write(incident("INC-1", "2026-01-02"))
    ended = repository.run("incident", "new", "--title", "t", *options)
    assert (ended.exit, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert [path.name for path in (repository.folder / FOLDER).iterdir()] == ["INC-1.yaml"]


def test_an_incident_can_be_recorded_while_the_gates_are_broken(broken: Any) -> None:
    """At two in the morning nobody mends a gate first."""
    assert broken.run("incident", "new", "--title", "t").exit == 0
    assert broken.run("incident", "list").exit == 0


def test_below_a_folder_of_the_repository(repository: Any) -> None:
    """Paths of evidence are relative to where one stands, in the record to the repository."""
    repository.write({"logs/app.txt": "x"})
    top, repository.folder = repository.folder, repository.folder / "logs"
    ended = repository.run("incident", "new", "--title", "t", "--evidence", "technical:app.txt")
    assert ended.exit == 0, ended.said
    file = ended.stdout.splitlines()[0]
    assert file.startswith(f"../{FOLDER}/")
    assert "file: logs/app.txt" in (top / "logs" / file).read_text()


MANY = {
    **incident("INC-2", "2026-03-09T00:30:00+01:00", "severity: P0\nkind: production-bug\n"),
    **incident("INC-1", "2026-03-15", "severity: SEV-1\npost-mortem: PM-1\n"),
    **incident("INC-3", "2026-03-16", "kind: deployment-failure\nimpact: {data-loss: yes}\n"),
}


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["INC-2", "INC-1", "INC-3"]),
        (["--week", "2026-W10"], ["INC-2"]),
        (["--week", "2026-W11"], ["INC-1"]),
        (["--since", "2026-03-15"], ["INC-1", "INC-3"]),
        (["--severity", "p0"], ["INC-2"]),
        (["--severity", "sev1"], ["INC-1"]),
        (["--kind", "deployment-failure"], ["INC-3"]),
        (["--kind", "production-bug", "--since", "2026-03-15"], []),
    ],
)
def test_lists(repository: Any, options: list[str], ids: list[str]) -> None:
    """In the order of detection in UTC, by week, day, severity and kind."""
    repository.write(MANY)
    ended = repository.run("incident", "list", "--json", *options)
    found = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema("incidents")).validate(found)
    assert (ended.exit, [row["incident"] for row in found["incidents"]]) == (0, ids)


def test_the_list_for_people(repository: Any) -> None:
    """With weeks, and with the post-mortem: its id, or that it is due."""
    repository.write({name: text for name, text in MANY.items() if "INC-1" in name})
    lines = repository.run("incident", "list").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["WEEK", "INCIDENT", "SEVERITY", "POST_MORTEM", "TITLE"],
        ["2026-W11", "INC-1", "SEV-1", "PM-1", "about", "INC-1"],
    ]


def test_a_report_that_names_its_incident(repository: Any) -> None:
    """The list finds the report from its side, too; else it says that one is due."""
    report = "---\nid: PM-7\nincident: INC-2\n---\n## Incident: t\n\n### 5. Action Items\n"
    repository.write({**MANY, "learning/postmortems/PM-7.md": report})
    rows = json.loads(repository.run("incident", "list", "--json").stdout)["incidents"]
    assert {row["incident"]: (row["post-mortem"], bool(row["due"])) for row in rows} == {
        "INC-2": ("PM-7", True),
        "INC-1": ("PM-1", False),
        "INC-3": ("", True),
    }
    assert re.search("INC-3 .* due ", repository.run("incident", "list").stdout)


def test_nothing_to_list(repository: Any) -> None:
    """It says so on standard error; as JSON the list is empty."""
    ended = repository.run("incident", "list")
    assert (ended.exit, ended.stdout) == (0, "")
    assert "gatekeeper incident new" in ended.stderr
    assert json.loads(repository.run("incident", "list", "--json").stdout) == {"incidents": []}


@pytest.mark.parametrize(
    "options",
    [
        *(["--week", "2026-W60"], ["--week", "11"], ["--since", "soon"]),
        ["--week", "2026-W11", "--since", "2026-03-09"],
    ],
)
def test_spans_that_do_not_exist(repository: Any, options: list[str]) -> None:
    """A misspelt week lists nothing as if all were well: it is refused."""
    assert repository.run("incident", "list", *options).exit == 2


def test_a_broken_incident(repository: Any) -> None:
    """A list that would leave out an incident is none."""
    repository.write({**MANY, f"{FOLDER}/x.yaml": "incident: INC-9\n"})
    ended = repository.run("incident", "list")
    assert (ended.exit, ended.stdout) == (2, "")
    assert f"{FOLDER}/x.yaml:1:1: `title:` is missing" in ended.stderr
