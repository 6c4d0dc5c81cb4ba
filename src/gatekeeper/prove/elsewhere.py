"""Judge a commit elsewhere than in the working copy: in a clean work tree of its own.

What git ignores is not there: tools come from PATH, and dependencies from the environments on it,
in which the work tree stands wherever the working copy did (see `shadow`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper import checkout
from gatekeeper.checkout import Checkout
from gatekeeper.config.policy import Policy
from gatekeeper.model import Failure, Observation
from gatekeeper.prove import shadow, view, worktree
from gatekeeper.prove.shadow import Shadows
from gatekeeper.prove.view import View

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The checkout of a commit; records are kept where the working copy has them.

    `caller` is the environment for its checks, `seen` the folder for what their interpreters did.
    """

    place: Checkout
    caller: Mapping[str, str]
    shadows: Shadows
    seen: Path

    def led(self, policy: Policy) -> Policy:
        """The policy with the programs of its checks led to the stand-ins."""
        checks = {name: self.shadows.check(check) for name, check in policy.checks.items()}
        return replace(policy, checks=checks)

    def sound(self, observations: Sequence[Observation]) -> tuple[Observation, ...]:
        """The observations; failures where code of the working copy was seen to run.

        Which of the checks ran it is not known: none of those that ran anything is believed.
        """
        ran = view.seen(self.seen, View(verdict="pass")).ran
        if not ran:
            return tuple(observations)
        more = f" and {len(ran) - _NAMED} more" if len(ran) > _NAMED else ""
        failure = Failure(
            f"the checks ran code of the working copy: {', '.join(ran[:_NAMED])}{more}, and not "
            "that of the commit",
            "commit, or stash what is not committed (git stash -u), so that the commit is judged "
            "where it lies",
        )
        return tuple(
            replace(one, measurement=None, failure=one.failure or failure) if one.argv else one
            for one in observations
        )


@contextmanager
def opened(home: Checkout, commit: str, caller: Mapping[str, str]) -> Iterator[Elsewhere]:
    """A commit of a checkout's repository, given by its full name, until the end of the context.

    Raises NotMeasured where git or the system refuses.
    """
    with worktree.open_tree(checkout.versioned(home, "a push"), commit) as tree:
        place = replace(checkout.find(tree.path), home=home.top)
        stand_ins = shadow.shadows(home.top, tree.path)
        seen = stand_ins.only_phase()
        yield Elsewhere(place, stand_ins.environment(caller), stand_ins, seen)
