"""detect-secrets: every secret that no audit dismissed is a finding, and never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import count
from gatekeeper.readers.detect_secrets import PLUGIN

HASH = "32e6ad9003cc710b1ac7c09e54eb216e6f835964"  # pragma: allowlist secret
SECRET = {"type": "Secret Keyword", "hashed_secret": HASH, "line_number": 2}


def scan(*secrets: Any) -> dict[str, Any]:
    """A scan that found these in one file."""
    return {"plugins_used": [{"name": "KeywordDetector"}], "results": {"src/a.py": list(secrets)}}


def test_real(read: Any, fixtures: Any) -> None:
    """Potential secrets are findings at their lines; the scan proves no work."""
    measured = read(PLUGIN, fixtures / "detect-secrets" / "scan.json")
    assert [(f.rule, f.path, f.line, f.severity, f.category) for f in measured.findings] == [
        ("AWS Access Key", "settings.py", 1, "high", "secret"),
        ("Secret Keyword", "settings.py", 2, "high", "secret"),
    ]
    assert count(measured.findings) == {"secrets.total": 2}
    assert measured.work == {}


def test_audited(read: Any) -> None:
    """What an audit marked as no secret is left out and noted; what it confirmed stays."""
    audits: list[dict[str, Any]] = [
        {"is_secret": False},
        {"is_secret": True},
        {"is_secret": "no"},  # pragma: allowlist secret
        {},
    ]
    measured = read(PLUGIN, scan(*(SECRET | audit for audit in audits)))
    assert len(measured.findings) == 3
    assert measured.notes == ("1 audited as no secret",)


def test_verified(read: Any) -> None:
    """A verified secret is called so; neither the secret nor its hash is ever shown."""
    measured = read(PLUGIN, scan(SECRET | {"is_verified": True, "found": "hunter2"}))
    assert measured.findings[0].message == "potential secret: Secret Keyword, verified as valid"
    assert HASH not in str(measured)
    assert "hunter2" not in str(measured)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([], id="list"),
        pytest.param({"results": {}}, id="without plug-ins"),
        pytest.param({"results": {}, "plugins_used": []}, id="no plug-in enabled"),
        pytest.param({"results": {}, "plugins_used": "all"}, id="plug-ins in another form"),
        pytest.param({"results": [], "plugins_used": [{}]}, id="results in another form"),
        pytest.param({"plugins_used": [{}]}, id="without results"),
        pytest.param(scan() | {"results": {"a.py": SECRET}}, id="an object in place of a list"),
        pytest.param(scan("AWS Access Key"), id="a word in place of a secret"),
        pytest.param("", id="empty"),
    ],
)
def test_other(document: Any, read: Any) -> None:
    """What is no scan, or looked for nothing, is no measurement."""
    with pytest.raises(NotMeasured):
        read(PLUGIN, document)


JSON = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none())


@given(name=st.text(), secret=st.dictionaries(st.sampled_from(["type", "line_number"]), JSON))
def test_any_secret(name: str, secret: dict[str, Any], attempt: Any) -> None:
    """Whatever the values of a secret are, it counts."""
    measured = attempt(PLUGIN, {"plugins_used": [1], "results": {name: [secret]}})
    assert count(measured.findings) == {"secrets.total": 1}


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage leaves the findings or the measurement fails; it never reads as clean."""
    for variant in damaged((fixtures / "detect-secrets" / "scan.json").read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert len(measured.findings) == 2


def test_corpus(corpus: Any, read: Any) -> None:
    """Real scans agree with the index."""
    for path, holds in corpus(r".*/detect-secrets/.*\.json"):
        stated = int(holds.partition("; ")[2].split()[0])
        audited = sum(
            secret.get("is_secret") is False
            for secrets in json.loads(path.read_text())["results"].values()
            for secret in secrets
        )
        assert len(read(PLUGIN, path).findings) == stated - audited, path
