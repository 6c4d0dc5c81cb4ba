"""What `gatekeeper run` refuses in GitHub Actions: a stranger's code with the base's rights.

Under `pull_request_target`, and under `workflow_run` after a pull request, a job holds secrets and
a token that can write, although anyone may have started it. To judge runs what is checked out: its
tests, its hooks, its build. So there only the base's own commit is judged.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
#pull_request_target; https://securitylab.github.com/resources/github-actions-preventing-pwn-requests
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatekeeper.adapters.jsonfile import MiB, load, mapping
from gatekeeper.checkout import Checkout
from gatekeeper.errors import NotMeasured, UsageError

_EVENTS = ("pull_request_target", "workflow_run")
_LARGEST = 32 * MiB  # GitHub sends no event above 25 MB
_REMEDY = "judge pull requests in a workflow with `on: pull_request`, whose token only reads"


def refuse(place: Checkout) -> None:
    """Raise UsageError where a stranger's code would be run with the base's rights."""
    event = os.environ.get("GITHUB_EVENT_NAME", "")
    if event not in _EVENTS:
        return
    try:
        payload = mapping(load(Path(os.environ.get("GITHUB_EVENT_PATH", "")), _LARGEST))
    except NotMeasured as error:
        why = f"the event cannot be read, so nobody knows whose code this is: {error.reason}"
        raise UsageError(f"not judged under `{event}`: {why}; {_REMEDY}") from None
    base = os.environ.get("GITHUB_SHA", "")
    if event == "workflow_run":
        heads = _heads(mapping(payload.get("workflow_run")), payload)
    else:
        request = mapping(payload.get("pull_request"))
        heads = {mapping(request.get("head")).get("sha")}
    if heads and (reason := _stranger(place, base, heads)):
        raise UsageError(f"not judged under `{event}`: {reason}; {_REMEDY}")


def _heads(run: Mapping[str, Any], payload: Mapping[str, Any]) -> set[Any]:
    """The commit that the run before was for; nothing if it was one of this repository's own."""
    own = mapping(payload.get("repository")).get("full_name")
    theirs = mapping(run.get("head_repository")).get("full_name")
    event = str(run.get("event") or "pull_request")
    trusted = own and own == theirs and not event.startswith("pull_request")
    return set() if trusted else {run.get("head_sha")}


def _stranger(place: Checkout, base: str, heads: set[Any]) -> str:
    """Why what is checked out may be a stranger's, "" if it is the base's commit."""
    commit = place.repository.commit if place.repository else None
    if commit in heads:
        return f"{commit} is the head that is proposed, and judging it runs its code with secrets"
    if commit is None or commit != base:
        return f"{commit or 'what is checked out'} is not the base's commit {base or '(unknown)'}"
    if theirs := {*place.snapshot.changed, *place.snapshot.untracked}:
        return f"files differ from the base's commit, such as {min(theirs)}"
    return ""
