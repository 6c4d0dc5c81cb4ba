"""Headings are known by their words, in seven languages, and false friends are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.learning.headings import PHRASES, ROLES, Role, fold, role, words


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Action Items",
            "ACTION ITEM",
            "5. Action Items:",
            "Action Items (short term)",
            "Actions",
        ),
        *("Action Items & Followups", "🛡️ Prevention & Next Steps", "IV. Corrective actions"),
        *("Corrective & Preventative Actions", "Process improvements", "Follow-up improvements"),
        *("Review actions", "Resulting Action", "Follow-ups", "To-dos", "TODO", "Next steps:"),
        *("What are we doing to prevent this?", "Lessons learned and action items"),
        *("Maßnahmen", "6. Maßnahmen-Tracking", "Nächste Schritte", "Offene Punkte"),
        *("Massnahmen zur Vermeidung", "Folgemaßnahmen"),
        *("Plan d’action", "Actions à mener", "Prochaines étapes", "Actions correctives"),
        *("Acciones correctivas", "Próximos pasos", "Proximos pasos", "Plan de acción", "Tareas"),
        *("8. Acoes corretivas e preventivas", "Itens de ação", "Próximos passos"),
        *(
            "再発防止策",
            "５．再発防止（期限/担当）",
            "今後の対応",
            "アクションアイテム",
            "4. 是正（CI）",
        ),
        *("行动项", "改进措施", "后续行动", "下一步计划", "Action items（必须有）"),
    ],
)
def test_action_items(title: str) -> None:
    """Headings that introduce action items."""
    assert role(title) == "action-items"


@pytest.mark.parametrize(
    "title",
    [
        *("Follow-up timeline", "Questions for follow up", "Actions taken", "Action taken"),
        *("Response actions", "Immediate actions taken", "Timeline of actions", "Improvement"[:7]),
        *("Getroffene Sofortmaßnahmen", "Eingeleitete Maßnahmen", "Actions menées"),
        *("Acciones tomadas", "Ações tomadas", "対応内容", "暫定対応", "临时措施"),
        *("The action movie service was down for nobody", "", "x" * 300),
    ],
)
def test_false_friends(title: str) -> None:
    """Headings that contain the word, and tell of something else."""
    assert role(title) != "action-items"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Detailed Timeline", "timeline"),
        ("Timeline (all times UTC)", "timeline"),
        ("Zeitlicher Ablauf", "timeline"),
        ("2. Root Cause Analysis", "root-cause"),
        ("Root cause（根因）", "root-cause"),
        ("Contributing Factors", "contributing-factors"),
        ("Auswirkungen", "impact"),
        ("Lessons learnt", "lessons"),
        ("Where we got lucky", "went-well"),
        ("What didn’t go well?", "went-wrong"),
        ("What went wrong", "went-wrong"),
        ("Five whys", "method"),
        ("Remediation", "prevention"),
        ("How could this have been prevented?", "prevention"),
        ("Discussed but decided not to do", "rejected"),
        ("Resumo", "summary"),
        ("何が起きた？", "summary"),
        ("Names of people involved", "participants"),
        ("Something else", None),
    ],
)
def test_roles(title: str, expected: Role | None) -> None:
    """Headings of the other parts."""
    assert role(title) == expected


def test_each_role_has_words() -> None:
    """The table names every role, and no phrase for two of them."""
    assert tuple(PHRASES) == ROLES
    spoken = [(words(phrase), name) for name, line in PHRASES.items() for phrase in line.split("|")]
    names: dict[tuple[str, ...], set[Role]] = {}
    for phrase, name in spoken:
        assert phrase
        names.setdefault(phrase, set()).add(name)
    assert {phrase: two for phrase, two in names.items() if len(two) > 1} == {}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Évitér", "eviter"),
        ("Straße", "strasse"),
        ("LÖSUNG", "loesung"),
        ("ＡＢ", "ab"),
        ("対策", "対策"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Case, accents and full width do not matter; an umlaut is written out."""
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_any_heading(title: str) -> None:
    """Any heading has one known role, or none."""
    assert role(title) in {None, *ROLES}
