"""signoff: records that are missing, over, of a later day, or of other content."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from gatekeeper.check_types.signoff import Params, measure
from gatekeeper.config import yamlfile
from gatekeeper.config.policy import Signoff
from gatekeeper.model import Position, count

Make = Callable[..., Any]
ASKED = Params(question="Was the rollback drilled?")
FILES = {"deploy/a.sh": "one", "deploy/b.sh": "two", "log.txt": "drilled"}
URL = ({"url": "https://example.org/17"},)
LOG = hashlib.sha256(b"drilled").hexdigest()


def covers(paths: tuple[str, ...]) -> str:
    """The digest as the design writes it, computed apart."""
    lines = b"".join(
        path.encode() + b"\0" + hashlib.sha256(FILES[path].encode()).hexdigest().encode() + b"\n"
        for path in paths
    )
    return f"sha256:{hashlib.sha256(lines).hexdigest()}"


DIGEST = covers(("deploy/a.sh", "deploy/b.sh"))
PLACE = Position("gates/signoffs/subject.yaml", 1, 10)


def record(**keys: Any) -> Signoff:
    """A record that is valid but for the keys given."""
    good: dict[str, Any] = {
        "signoff": "subject",
        "by": "ops@example.org",
        "date": "2026-11-20",
        "expires": "2026-11-20",
        "evidence": URL,
        "covers": DIGEST,
        "position": PLACE,
    }
    return Signoff(**{**good, **keys})


def measured(context: Make, *records: Signoff, params: Params = ASKED, **keys: Any) -> Any:
    ctx = context(FILES, signoffs=records, **{"files": ("deploy/*",), **keys})
    return measure(params, ctx), ctx


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"expires": "2027-01-01"},
        {"evidence": ({"file": "log.txt"},)},
        {"evidence": ({"file": "./log.txt", "sha256": LOG}, *URL)},
        {"evidence": ({"file": "log.txt", "sha256": f"sha256:{LOG}"},)},
    ],
)
def test_valid(context: Make, keys: dict[str, Any]) -> None:
    """A record of today, up to its last day, over this content, is an approval."""
    seen, ctx = measured(context, record(**keys))
    assert seen.findings == ()
    assert seen.work == {"items": 1}
    assert ctx.skipped == {}


@pytest.mark.parametrize(
    ("keys", "rule", "words"),
    [
        ({"date": "2026-11-21", "expires": "2027-01-01"}, "missing", "later day"),
        ({"expires": "2026-11-19"}, "expired", "ended on 2026-11-19"),
        ({"evidence": ()}, "missing", "evidence"),
        ({"by": "mallory@example.com"}, "missing", "may not sign"),
        ({"covers": ""}, "stale", DIGEST),
        ({"covers": "sha256:" + "0" * 64}, "stale", DIGEST),
        ({"evidence": ({"file": "gone.txt"},)}, "stale", "gone.txt is not in the repository"),
        ({"evidence": ({"file": "../log.txt"},)}, "stale", "not in the repository"),
        ({"evidence": ({"file": "log.txt", "sha256": "0" * 64},)}, "stale", LOG),
    ],
)
def test_no_approval(context: Make, keys: dict[str, Any], rule: str, words: str) -> None:
    """Each flaw is one finding at the record that says what to do."""
    params = Params(ASKED.question, by=("*@example.org",))
    seen, _ = measured(context, record(**keys), params=params)
    (finding,) = seen.findings
    assert finding.rule == rule
    assert words in finding.message
    assert (finding.path, finding.line, finding.column) == (PLACE.file, 1, 10)
    assert count([finding]) == {f"signoffs.{rule}": 1}


def test_nobody_signed(context: Make) -> None:
    """Without a record the finding stands at the gate and prints the record to write."""
    other = record(signoff="another")
    seen, _ = measured(context, other)
    (finding,) = seen.findings
    assert finding.rule == "missing"
    assert (finding.path, finding.line) == ("gates/gate.yaml", 7)
    before, _, written = finding.message.partition("write gates/signoffs/subject.yaml: ")
    assert ASKED.question in before
    assert yamlfile.parse("record", written.encode()).value == {
        "signoff": "subject",
        "by": "NAME",
        "date": "2026-11-20",
        "expires": "YYYY-MM-DD",
        "evidence": [{"url": "https://..."}],
        "covers": DIGEST,
    }
    assert seen.work == {"items": 1}


def test_what_the_message_leaves_out(context: Make) -> None:
    """A check without files and evidence asks for neither."""
    params = Params("Is it fun?", by=("lead@example.org",), evidence=False)
    (finding,) = measured(context, params=params, files=())[0].findings
    assert "covers" not in finding.message
    assert "evidence" not in finding.message
    assert "NAME is one of lead@example.org" in finding.message


def test_content_without_files(context: Make) -> None:
    """A check without files needs no digest, and one that binds nothing is refused."""
    assert measured(context, record(covers=""), files=())[0].findings == ()
    (finding,) = measured(context, record(), files=())[0].findings
    assert (finding.rule, "take it out" in finding.message) == ("stale", True)


def test_best_of_several(context: Make) -> None:
    """One valid record is enough; without any, the flaw of the latest is told."""
    old, stale = record(expires="2026-01-01", date="2025-12-01"), record(covers="")
    assert measured(context, old, record(), stale)[0].findings == ()
    seen, _ = measured(context, old, stale)
    assert [finding.rule for finding in seen.findings] == ["stale"]
    assert seen.work == {"items": 2}


def test_narrowed_run(context: Make) -> None:
    """A run that looks at some files only judges the approval of all of them."""
    _, ctx = measured(context, record())
    ctx.narrowed_to = ("deploy/a.sh",)
    assert measure(ASKED, ctx).findings == ()


def test_changed_content(context: Make) -> None:
    """An approval of content that changed afterwards is stale."""
    _, ctx = measured(context, record())
    (ctx.root / "deploy/a.sh").write_text("changed")
    (finding,) = measure(ASKED, ctx).findings
    assert finding.rule == "stale"
    assert ctx.digest(ctx.files) in finding.message


def test_unreadable_evidence(context: Make) -> None:
    """Evidence behind a symbolic link is not followed."""
    ctx = context(
        FILES, signoffs=(record(evidence=({"file": "ln", "sha256": LOG},)),), files=("deploy/*",)
    )
    (ctx.root / "ln").symlink_to("log.txt")
    (finding,) = measure(ASKED, ctx).findings
    assert (finding.rule, list(ctx.skipped)) == ("stale", ["ln"])


def test_question() -> None:
    """A check that asks nothing is refused."""
    assert "question" in Params(question=" ").problem()
    assert ASKED.problem() == ""
