"""Dates and times as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.learning import dates

FULL = [
    "2026-03-04",
    "2026/3/4",
    "2026.03.04",
    "March 4th, 2026",
    "Mar. 4 2026",
    "4 March 2026",
    "4th of March, 2026",
    "4-Mar-2026",
    "04-03-2026",
    "04.03.2026",
    "3/4/2026",
    "3/4/26",
    "Wednesday, March 4, 2026",
    "4. März 2026",
    "4 mars 2026",
    "le 4 mars 2026",
    "4 de marzo de 2026",
    "4 de março de 2026",
    "2026年3月4日",
    "2026年3月4日(水)まで",
    "by 2026-03-04",
    "due: Wed 4 Mar 2026.",
    "2026-03-04T14:02Z",
    "2026-03-04 14:02 UTC",
]
NONE = [
    "Q1 2026",
    "March 2026",
    "end of sprint",
    "10.0.12.2023",
    "1.13.12",
    "2021-13-45",
    "we may 3",
]


@pytest.mark.parametrize("text", FULL)
def test_full_date(text: str) -> None:
    """However a day is written, it is due on that day."""
    assert dates.due(text) == "2026-03-04"


@pytest.mark.parametrize("text", NONE)
def test_no_date(text: str) -> None:
    """Quarters, months, versions and verbs are no dates, and stay as written."""
    assert dates.first(text, 2026) is None
    assert dates.due(text, 2026) == text


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("March 4-6, 2026", ["2026-03-04"]),
        ("4 and 5 March 2026", ["2026-03-04"]),
        ("4 March - 6 March 2026", ["2026-03-04", "2026-03-06"]),
        ("Dec 31 - Jan 2, 2026", ["2025-12-31", "2026-01-02"]),
        ("2026-03-04 23:01 - 2026-03-05 02:40", ["2026-03-04", "2026-03-05"]),
        ("12:30 4 Mar 2026", ["2026-03-04"]),
        ("7-14-2016", ["2016-07-14"]),
        ("19/1/2018", ["2018-01-19"]),
    ],
)
def test_several(text: str, days: list[str]) -> None:
    """Of a range in one month the first day counts; a year holds for the day before it too."""
    assert [found.day.isoformat() for found in dates.find(text)] == days


def test_year_that_is_not_written() -> None:
    """A day without a year is one only where the caller knows the year."""
    assert dates.first("on Dec 16th 12:43", 2022) == "2022-12-16"
    assert dates.first("on Dec 16th 12:43") is None
    assert dates.first("3月4日", 2026) == "2026-03-04"


def test_order_of_day_and_month() -> None:
    """A date that leaves no choice decides the others of its document."""
    assert dates.day_first("done 24/07/2025, then 8/6/2026") is True
    assert dates.day_first("7/24/2025") is False
    assert dates.day_first("8/6/2026") is None
    assert dates.first("8/6/2026", day_first=True) == "2026-06-08"
    assert dates.first("8/6/2026") == "2026-08-06"


def test_date_with_more_beside_it_stays_as_written() -> None:
    """What says more than a day is not reduced to it."""
    assert dates.due("2026-03-04 (moved twice)") == "2026-03-04 (moved twice)"


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("14:02", 842),
        ("[14:02]", 842),
        ("2:02 PM", 842),
        ("2:02p.m.", 842),
        ("14h02", 842),
        ("14時02分", 842),
        ("14.02", 842),
        ("at 14.02 the", 842),
        ("1402 UTC", 842),
        ("14:02:33.120+01:00", 842),
        ("2026-03-04T14:02Z", 842),
        ("12 am", 0),
        ("12:30 PM", 750),
        ("14 Uhr", 840),
        ("16:00: done", 960),
    ],
)
def test_clock(text: str, minute: int) -> None:
    """However a time of day is written, it is the same minute."""
    found = dates.clock(text)
    assert found is not None
    assert found.minute == minute


@pytest.mark.parametrize(
    "text", ["22:XX", "v1.20", "1.13.12", "99.95%", "port 8080", "2.5 hours", "9"]
)
def test_no_clock(text: str) -> None:
    """Versions, shares and counts are no times."""
    assert dates.clock(text) is None


@given(st.text(alphabet="0123456789/-.: ,marchoftdeapm年月日", max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text(text: str) -> None:
    """Whatever the text, there is an answer, and what is found stands where it says."""
    for found in dates.find(text, 2026):
        assert 0 <= found.start < found.end <= len(text)
    clock = dates.clock(text)
    assert clock is None or 0 <= clock.minute <= 24 * 60 + 59
    dates.due(text, 2026)
