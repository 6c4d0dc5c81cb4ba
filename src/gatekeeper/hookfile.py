"""The pre-push hook as a file: put in place, updated, taken away; what was there before stays.

git runs one file per kind of hook, so one that exists is moved aside and run first, with the same
arguments and the same standard input. https://git-scm.com/docs/githooks#_pre_push
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from gatekeeper.adapters import git, gitpush
from gatekeeper.errors import NotMeasured, UsageError
from gatekeeper.history import records

HOOK = "pre-push"
_BEFORE = f"{HOOK}.before-gatekeeper"
# Where pre-commit and prek move a hook that they find; they run it first, as we do.
_PLACES = (HOOK, f"{HOOK}.legacy")
_MARK = "# Written by `gatekeeper hook install`; `gatekeeper hook uninstall` takes it away again."
_CAP = 2**20
_SCRIPT = """\
#!/bin/sh
{mark}
# It judges the commits that are pushed. To push without it once: git push --no-verify

folder=${{0%/*}}
given=$(cat) || exit 3  # what is lost here would look like nothing to push

give() {{
    if [ -z "$given" ]; then
        "$@" </dev/null
        return
    fi
    "$@" <<END
$given
END
}}

# pre-commit and prek call us where they were installed last: then we do not call them again.
again() {{
    [ -n "${{PRE_COMMIT_RUNNING_LEGACY-}}${{PREK_RUNNING_LEGACY-}}" ] &&
        grep -q hook-impl "$folder/{before}"
}}

if [ -x "$folder/{before}" ] && ! again; then
    give "$folder/{before}" "$@" || exit $?
fi

[ -n "$given" ] || exit 0  # everything is up to date
for program in {needed}; do
    if [ ! -x "$program" ]; then
        echo "gatekeeper: nothing was judged: $program is gone, which this hook runs." >&2
        echo "gatekeeper: install gatekeeper again, then: gatekeeper hook install" >&2
        echo "gatekeeper: to push without it once: git push --no-verify" >&2
        exit 3
    fi
done
give {command} hook {hook} "$@"
"""


def install(repository: git.Repository) -> list[str]:
    """Put the hook where git looks for it; what was done, as lines for a person.

    Raises UsageError where the folder of hooks is not this repository's own to write to.
    """
    folder = _folder(repository)
    place = _ours(folder)
    known = place is not None
    said = []
    if place is None:
        place = folder / HOOK
        said = _set_aside(place)
    try:
        records.put(place, [_script(_command())], 0o755, "surrogateescape")
    except OSError as error:
        raise _refused(place, error) from None
    done = "updated" if known else "installed"
    return [f"{done} {_shown(place, repository)}: it judges each push at stage push", *said]


def uninstall(repository: git.Repository) -> list[str]:
    """Take our hook away, and put back what was there before; what was done, for a person.

    It is looked for in git's own folder too, which core.hooksPath may have replaced since.
    """
    folders = dict.fromkeys((gitpush.hooks(repository).folder, gitpush.usual(repository)))
    found = next((place for folder in folders if (place := _ours(folder))), None)
    if found is None:
        there = next(iter(folders)) / HOOK
        why = "is not gatekeeper's: left alone" if os.path.lexists(there) else "does not exist"
        return [f"nothing to uninstall: {_shown(there, repository)} {why}"]
    before, shown = found.with_name(_BEFORE), _shown(found, repository)
    try:
        if os.path.lexists(before):
            before.replace(found)
            return [f"removed the hook; {shown} is again what it was before"]
        found.unlink()
    except OSError as error:
        raise _refused(found, error) from None
    return [f"removed {shown}"]


def _folder(repository: git.Repository) -> Path:
    """The folder of hooks, if a hook with the paths of this machine may stand in it."""
    hooks = gitpush.hooks(repository)
    line = '`gatekeeper hook pre-push "$@"`'
    if not hooks.inside:
        raise UsageError(
            f"core.hooksPath ({hooks.scope}) leads to {hooks.folder}, outside of this repository: "
            f"other repositories may use it too, and nothing was written. Add {line} to the "
            f"pre-push hook there, or give this repository hooks of its own: "
            f'git config --local core.hooksPath "$(git rev-parse --git-common-dir)/hooks"'
        )
    if hooks.tracked:
        raise UsageError(
            f"core.hooksPath leads to {hooks.setting}, which git tracks: a hook with the paths of "
            f"this machine is of no use to others, and nothing was written. Add {line} to "
            f"{os.path.join(hooks.setting, HOOK)}, and let it read standard input"
        )
    return hooks.folder


def _ours(folder: Path) -> Path | None:
    """Where our hook stands in a folder of hooks, None where it does not."""
    for name in _PLACES:
        place = folder / name
        try:
            if not stat.S_ISREG(place.lstat().st_mode):
                continue
            with place.open("rb") as file:
                if _MARK.encode() in file.read(_CAP).split(b"\n"):
                    return place
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(place, error) from None
    return None


def _set_aside(place: Path) -> list[str]:
    """Move a hook of somebody else aside; what was done, for a person."""
    before = place.with_name(_BEFORE)
    if not os.path.lexists(place):
        return [f"{before.name} is still there and runs first"] if os.path.lexists(before) else []
    if os.path.lexists(before):
        reason = f"{place} is not gatekeeper's, and {before.name} keeps another one already"
        raise UsageError(f"{reason}: join the two, remove one, and install again")
    try:
        place.rename(before)
    except OSError as error:
        raise _refused(place, error) from None
    return [f"the hook that was there is now {before.name} and runs first"]


def _command() -> Sequence[str]:
    """The words that start this gatekeeper from anywhere.

    Under `-E` no PYTHONPATH of the caller lets the judged repository replace a part of it.
    """
    script = os.path.join(os.path.dirname(sys.executable), "gatekeeper")
    start = [script] if os.access(script, os.X_OK) else ["-m", "gatekeeper"]
    return [sys.executable, "-E", "-P", *start]


def _script(command: Sequence[str]) -> str:
    """The hook, which looks whether the programs that it starts are still there."""
    return _SCRIPT.format(
        mark=_MARK,
        before=_BEFORE,
        needed=shlex.join(word for word in command if os.path.isabs(word)),
        command=shlex.join(command),
        hook=HOOK,
    )


def _refused(place: Path, error: OSError) -> NotMeasured:
    return NotMeasured(f"{place}: {error.strerror}", "let the folder be writable, then run again")


def _shown(place: Path, repository: git.Repository) -> str:
    """A path as people read it: from the top where it is below."""
    below = place.is_relative_to(repository.top)
    return str(place.relative_to(repository.top)) if below else str(place)
