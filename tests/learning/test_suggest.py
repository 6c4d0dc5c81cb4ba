"""Suggestions by words: ranked, few, and no more than suggestions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.config.policy import CheckPolicy, Origin
from gatekeeper.learning import suggest
from gatekeeper.learning.postmortem import ActionItem, PostMortem


def check(id_: str, title: str, **given_: object) -> CheckPolicy:
    """A check of a title."""
    return CheckPolicy(id_, title, "g", "command", "", given=given_)


CHECKS = (
    check("order-needs-customer", "An order without a customer is rejected"),
    check("disk-alert", "An alert fires before a disk is full"),
    check("no-tabs", "No file holds a tab"),
    check("search", "all is well", tests=["tests/test_search.py::test_indexing_of_works"]),
    CheckPolicy("guarded", "t", "g", "command", "", origin=(Origin("PM-1#AI-1", "Rotate keys"),)),
)


@pytest.mark.parametrize(
    ("item", "best"),
    [
        ("Reject orders that have no customer", "order-needs-customer"),
        ("Add alerting for full disks", "disk-alert"),
        ("Index works before searches are served", "search"),
        ("The keys are rotated weekly", "guarded"),
    ],
)
def test_the_check_that_looks_most_like_an_item(item: str, best: str) -> None:
    """Endings of words do not matter; titles, parameters and guarded items count."""
    found = suggest.nearest(suggest.checks(CHECKS), item)
    assert found[0].id == best
    assert 0 < found[0].score <= 1


def test_nothing_in_common() -> None:
    """There is no suggestion where no word is shared, and none for an empty text."""
    index = suggest.checks(CHECKS)
    assert suggest.nearest(index, "Buy a bigger coffee machine") == ()
    assert suggest.nearest(index, "") == ()
    assert suggest.nearest(suggest.index({}), "order") == ()


def test_items_for_a_check() -> None:
    """The other way round: action items for a check without an origin, by their full ids."""
    items = (
        ActionItem("AI-1", "Buy a bigger coffee machine", 1),
        ActionItem("AI-2", "Reject an order without a customer", 2),
    )
    index = suggest.items([PostMortem("PM-2026-003", "a.md", action_items=items)])
    (best,) = suggest.nearest(index, suggest.about(CHECKS[0]))
    assert best.id == "PM-2026-003#AI-2"


def test_best_first_and_few() -> None:
    """Equal texts score 1; of equal scores the first name comes first."""
    texts = {f"c{n}": "alert on full disks" for n in range(9, 0, -1)}
    found = suggest.nearest(suggest.index(texts), "alert on full disks", 2)
    assert [(one.id, one.score) for one in found] == [("c1", 1.0), ("c2", 1.0)]


def test_rare_words_tell_more() -> None:
    """A word that all checks have hardly counts."""
    texts = {f"c{n}": "check the service" for n in range(20)} | {"q": "check the quota"}
    assert suggest.nearest(suggest.index(texts), "service quota", 1)[0].id == "q"


@pytest.mark.parametrize(
    "words",
    [
        "retries retrying retry retried",
        "alerts alerting alert alerted",
        "validate validation validates validating",
        "databases database",
        "process processes",
        "pods pod",
        "logging logged logs log",
    ],
)
def test_stems(words: str) -> None:
    """The forms of one word have one stem."""
    assert len({suggest.stem(word) for word in words.split()}) == 1


def test_scripts_without_spaces() -> None:
    """Neighbouring characters stand for words."""
    index = suggest.index({"a": "データベースの容量を監視する", "b": "証明書を更新する"})
    assert [one.id for one in suggest.nearest(index, "容量の監視を追加")] == ["a"]


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=40), max_size=5), st.text())
def test_any_text(texts: dict[str, str], query: str) -> None:
    """There is an answer, and a score is one."""
    for one in suggest.nearest(suggest.index(texts), query):
        assert 0 < one.score <= 1.01
