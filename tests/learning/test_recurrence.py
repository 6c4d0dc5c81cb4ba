"""Signals that a failure has come back, and what gives none."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.config.policy import Incident
from gatekeeper.learning import recurrence
from gatekeeper.learning.guards import Guard
from gatekeeper.learning.links import Counts, Link, Report
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.model import Finding, Position

NOTHING = Counts(*(0 for _ in fields(Counts)))
ISSUE = "https://github.com/org/app/issues/611"


def report(id_: str, date: str | None = None, **known: object) -> PostMortem:
    """A report in a file of its own."""
    file = f"learning/postmortems/{id_}.md"
    lines = {"title": 5}
    return replace(PostMortem(id_, file, date=date, lines=lines), **known)  # type: ignore[arg-type]


def linked(one: PostMortem, *items: Link) -> Report:
    """The report with the states of its items."""
    return Report(
        id=one.id,
        file=one.file,
        line=1,
        title=one.title,
        day=one.date or "",
        severity="",
        kind=None,
        state="unguarded",
        items=items,
        counts=NOTHING,
    )


def found(*reports: PostMortem, incidents: tuple[Incident, ...] = ()) -> tuple[Finding, ...]:
    """What is said of reports without action items."""
    return recurrence.findings(
        {one.id: one for one in reports}, {one.id: linked(one) for one in reports}, incidents
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ISSUE, ISSUE),
        (ISSUE, f"{ISSUE}#issuecomment-7"),
        (ISSUE, "https://github.com/org/app/issues/611?x=1"),
        ("https://gitlab.com/org/app/-/issues/7", "https://gitlab.com/org/app/-/issues/7"),
        (f"{ISSUE.replace('issues', 'pull')}/files", ISSUE.replace("issues", "pull")),
        ("https://bugzilla.org/show_bug.cgi?id=4242", "Bug 4242"),
        (ISSUE, "org/app#611"),
        ("https://tracker.example/browse/OPS-12", "OPS-12"),
        ("#365", "#365"),
    ],
)
def test_a_ticket_that_two_reports_cite(one: str, other: str) -> None:
    """In whatever form it is cited."""
    (told,) = found(
        report("a", "2018-07-08", references=(one,)), report("b", "2022-01-27", references=(other,))
    )
    assert (told.category, told.rule, told.path, told.line) == (
        "incident",
        "recurring",
        "learning/postmortems/b.md",
        5,
    )
    assert "b seems to be a failure that came back: see a (both cite " in told.message


@pytest.mark.parametrize(
    "references",
    [
        ("https://status.example.com",),
        ("https://docs.example.com/run/issues",),
        ("https://chat.example/archives/C01/p1686565392141259",),
        ("https://github.com/org/app/commit/0123456",),
        ("https://github.com/org/app/issues",),
        ("UTF-8", "SHA-256", "P-1", "PM-2020", "RFC-9110", "D1"),
        ("#1", "#7"),
    ],
)
def test_what_is_no_ticket(references: tuple[str, ...]) -> None:
    """Pages, chats, commits, standards and list numbers say nothing of a failure."""
    assert found(report("a", references=references), report("b", references=references)) == ()


def test_a_number_belongs_to_the_address_beside_it() -> None:
    """`[#528](address)`: issue 528 of one project is not that of another."""
    one = report("a", references=("#528", "https://github.com/org/app/issues/528"))
    other = report("b", references=("#528", "https://github.com/org/proxy/issues/528"))
    assert found(one, other) == ()


def test_what_everybody_cites() -> None:
    """A ticket of the template itself is cited by each report, and tells nothing."""
    reports = [report(f"r{n}", f"2026-01-{n:02}", references=(ISSUE,)) for n in range(1, 10)]
    assert found(*reports) == ()
    assert len(found(*reports[:8])) == 7


def test_each_report_names_the_one_before_it() -> None:
    """Of many with one ticket, the day of the incident tells which; the order of files does not."""
    days = {"d": "2017-09-29", "a": "2018-01-17", "c": "2018-02-12"}
    told = found(*(report(id_, day, references=(ISSUE,)) for id_, day in days.items()))
    assert [(one.path, one.message.split()[10]) for one in told] == [
        ("learning/postmortems/a.md", "d"),
        ("learning/postmortems/c.md", "a"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Incident retro - search not available", "Search not available (2023-06-26)"),
        ("2018-03-26, no space left", "2019-11-02: No space left!"),
        ("Incident on 2021-06-09 - DNS records deleted", "Incident: DNS records deleted 14:05 UTC"),
        ("PM-2026-001: Orders lost", "PM-2026-002: orders lost"),
        ("データベース停止", "2026-03-04 データベース停止"),
    ],
)
def test_equal_titles(one: str, other: str) -> None:
    """Dates, ids and words such as `incident` aside."""
    (told,) = found(report("a", "2018-01-01", title=one), report("b", "2019-01-01", title=other))
    assert "both are titled `" in told.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Incident on 2020-02-12", "Incident on 2020-02-18"),
        ("Title", "Title"),
        ("Post-mortem template", "Post-mortem template"),
        ("Outage", "Outage"),
        ("2017-09-29, 504", "2020-08-14, 504"),
        ("Fritz timeouts", "Fritz on the fritz"),
        ("", ""),
    ],
)
def test_titles_that_say_too_little(one: str, other: str) -> None:
    """A date, a template, a single word: not enough to take two failures for one."""
    assert found(report("a", title=one), report("b", title=other)) == ()


@pytest.mark.parametrize(
    "reference",
    [
        *("PM-2026-001", "pm-2026-001", "./PM-2026-001.md", "../2026/PM-2026-001.md#timeline"),
        "https://git.example/org/app/blob/main/learning/postmortems/PM-2026-001.md",
    ],
)
def test_a_report_that_names_an_earlier_one(reference: str) -> None:
    """By its id, its file, or a link to it."""
    (told,) = found(
        report("PM-2026-001", "2026-01-01"), report("later", "2026-02-02", references=(reference,))
    )
    assert told.path == "learning/postmortems/later.md"
    assert "see PM-2026-001 (it names that report;" in told.message


@pytest.mark.parametrize(
    ("file", "came_back"),
    [
        ("2024-02-26_search_not_available", True),
        ("PM-2024-003", True),
        ("2024-02-26-search", True),
        ("2024-05-13_slice_machine_migration", False),
        ("2022-05-20-thumbnails-not-showing-on-images", False),
    ],
)
def test_a_title_that_was_copied(file: str, came_back: bool) -> None:
    """The name of its file is about something else; a name without words tells nothing."""
    one = report("2021-05-19_search-not-available", title="Search not available")
    assert bool(found(one, report(file, title="Search not available"))) == came_back


def test_a_report_that_names_a_later_one() -> None:
    """The later one is where it came back, whoever wrote the link."""
    one = report("a", "2026-01-01", references=("./b.md",))
    (told,) = found(one, report("b", "2026-02-02"))
    assert told.path == "learning/postmortems/b.md"
    assert "that report names it" in told.message


def test_a_name_that_two_reports_share() -> None:
    """`index.md` in two folders names neither; nor does a report name itself."""
    one = replace(report("a"), file="learning/postmortems/1/index.md", references=("a",))
    other = replace(report("b"), file="learning/postmortems/2/index.md")
    assert found(one, other, report("c", references=("../1/index.md",))) == ()


def test_an_address_that_ends_in_a_plain_word() -> None:
    """`https://host/status` names no report `status`; a link to its file does."""
    one = report("status", "2026-01-01")
    assert found(one, report("b", "2026-02-02", references=("https://h.example/status",))) == ()
    assert len(found(one, report("b", "2026-02-02", references=("../status.md",)))) == 1


def incident(id_: str, day: str, **known: object) -> Incident:
    """An incident of one cause in one service."""
    one = Incident(
        id_,
        "t",
        day,
        cause="technical/system-architecture",
        services=("orders",),
        position=Position(f"learning/incidents/{id_}.yaml", 1, 11),
    )
    return replace(one, **known)  # type: ignore[arg-type]


def test_the_same_cause_and_service() -> None:
    """Two incidents without reports: the finding stands at the later incident."""
    pair = (incident("INC-2", "2026-02-01"), incident("INC-1", "2026-01-01"))
    (told,) = found(incidents=pair)
    assert told.path == "learning/incidents/INC-2.yaml"
    assert (
        "see INC-1 (technical/system-architecture in orders again; it has no post" in told.message
    )


def test_incidents_stand_for_their_reports() -> None:
    """Where both have reports, the later report names the earlier one."""
    pair = (incident("INC-1", "2026-01-01", post_mortem="pm-1"), incident("INC-2", "2026-02-01"))
    told = found(
        report("PM-1", "2026-01-01"),
        report("PM-2", "2026-02-01", incident="INC-2"),
        incidents=pair,
    )
    assert [(one.path, "see PM-1" in one.message) for one in told] == [
        ("learning/postmortems/PM-2.md", True)
    ]


@pytest.mark.parametrize(
    "known",
    [{"cause": "technical"}, {"cause": ""}, {"services": ()}, {"services": ("search",)}],
)
def test_another_cause_or_service(known: dict[str, object]) -> None:
    """A category alone is no cause, and two services are two failures."""
    one = incident("INC-1", "2026-01-01", **{k: v for k, v in known.items() if k == "cause"})
    assert found(incidents=(one, incident("INC-2", "2026-02-01", **known))) == ()


def test_what_became_of_the_earlier_items() -> None:
    """The finding tells the state of each, and by which checks."""
    guard = Guard("orders-have-customers", "code-quality", "push", "none")
    items = (
        Link("a#AI-1", "t", 9, "weak", guards=(guard,)),
        Link("a#AI-2", "t", 10, "open"),
        *(Link(f"a#AI-{n}", "t", n, "decided") for n in (3, 4, 5)),
    )
    one, other = report("a", "2026-01-01", references=(ISSUE,)), report("b", references=(ISSUE,))
    other = replace(other, date="2026-02-01")
    (told,) = recurrence.findings(
        {"a": one, "b": other}, {"a": linked(one, *items), "b": linked(other)}
    )
    states = "AI-1 is weak by orders-have-customers, AI-2 is open, AI-3 is decided and 2 more"
    assert states in told.message


def test_one_finding_for_all_signals() -> None:
    """A report that came back in several ways came back once."""
    known = {"references": (ISSUE, "#400", "a"), "title": "Search not available"}
    (told,) = found(report("a", "2026-01-01", **known), report("b", "2026-02-01", **known))
    assert told.message.count("both") == 3


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=6))
def test_any_text(texts: list[tuple[str, str]]) -> None:
    """Whatever reports say, there is an answer."""
    reports = [
        report(f"r{n}", title=title, references=(reference, title))
        for n, (title, reference) in enumerate(texts)
    ]
    assert len(found(*reports)) < max(len(reports), 1)
