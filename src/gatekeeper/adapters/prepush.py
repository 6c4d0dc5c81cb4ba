"""What a pre-push hook is told: by git on standard input, by pre-commit and prek in variables.

git writes lines `LOCAL-REF SP LOCAL-OID SP REMOTE-REF SP REMOTE-OID`, where an id of zeros means
that there is none: https://git-scm.com/docs/githooks#_pre_push
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gatekeeper.errors import NotMeasured

# Bytes of what git tells: tens of thousands of references.
CAP = 16 * 2**20
_OID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_KINDS = {"refs/heads/": "", "refs/tags/": "tag "}


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference that is pushed: its name here and what it names, its name there and before.

    `oid` is "" where it is deleted there, `old` where it is new there.
    """

    local: str
    oid: str
    remote: str = ""
    old: str = ""

    @property
    def title(self) -> str:
        """Its name for people: `main`, `tag v1`."""
        name = self.remote or self.local
        kind = next((kind for kind in _KINDS if name.startswith(kind)), "")
        return _KINDS.get(kind, "") + name.removeprefix(kind)


def parse(data: bytes) -> tuple[Reference, ...]:
    """The references that git tells of; NotMeasured for what does not have its form.

    The name here is given as the user wrote it, and may hold spaces; bytes that are no text stand
    as surrogates.
    """
    if len(data) > CAP:
        reason = f"git pushes more references than fit into {CAP // 2**20} MiB"
        raise NotMeasured(reason, "push fewer at once")
    return tuple(map(_parsed, data.removesuffix(b"\n").split(b"\n") if data else ()))


def _parsed(line: bytes) -> Reference:
    local, oid, remote, old = (line.rsplit(b" ", 3) + [b""] * 3)[:4]
    if not (_OID.fullmatch(oid) and _OID.fullmatch(old)):
        shown = line[:200].decode("utf-8", "replace")
        reason = f"what is pushed cannot be told: `{shown}` is not what git gives a pre-push hook"
        raise NotMeasured(reason, "does another hook change it?")
    names = [part.decode("utf-8", "surrogateescape") for part in (local, remote)]
    ids = [part.decode().strip("0") and part.decode() for part in (oid, old)]
    return Reference(names[0], ids[0], names[1], ids[1])


def told(env: Mapping[str, str], remote: str) -> tuple[tuple[Reference, ...], str]:
    """What pre-commit and prek tell their hooks by the environment: references, and the remote.

    They read git's lines themselves, and tell of the first only. Where they run without a push,
    HEAD counts. Nothing where it is not they who call: then git pushes nothing.
    https://pre-commit.com/#pre-commit-for-pre-push
    """
    if "PRE_COMMIT" not in env:
        return (), remote
    pushed = env.get("PRE_COMMIT_LOCAL_BRANCH", "") or "HEAD"
    oid = env.get("PRE_COMMIT_TO_REF", "") or pushed
    there, old = env.get("PRE_COMMIT_REMOTE_BRANCH", ""), env.get("PRE_COMMIT_FROM_REF", "")
    return (Reference(pushed, oid, there, old),), env.get("PRE_COMMIT_REMOTE_NAME", remote)
