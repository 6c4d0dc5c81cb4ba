"""What a proof asks of git beside the least that it could: one work tree, added and removed.

Measured is all that `prove` does between two runs of a guard: a work tree of HEAD, the fix found
and taken out of it, everything put back, and the work tree removed; CPU of all processes, without
the start of Python. The runs of the guard are what `run` costs and are not in it.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import ratios

_LIMIT = 2.0
_FILES = 10_000
_IMPORTS = """
from pathlib import Path
from gatekeeper.adapters import git
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.prove.fix import find, own_files, take_out
from gatekeeper.prove.worktree import open_tree
import gatekeeper.adapters.gitwork as gitwork
"""
_PROOF = """
repository = git.find(Path.cwd())
check = CheckPolicy("c", "t", "g", "command", "d", given={"tests": ["tests/test_a.py"]})
with open_tree(repository, repository.commit) as tree:
    fix = find(repository, ["HEAD"])
    own = own_files(check, (), tuple(gitwork.entries(tree.place)), "checks/c.yaml")
    removal = take_out(tree, fix, own)
    assert removal.changed == ("src/part7/module707.py",), removal
    tree.reset()
"""
_BARE = (
    "git -c core.hooksPath=/dev/null worktree add --quiet --detach ../bare HEAD"
    " && git worktree remove ../bare"
)


def test_git_work(tmp_path: Path) -> None:
    """A proof costs at most twice a bare `git worktree add` and `remove`, for 10,000 files."""
    folder = tmp_path / "repository"
    names = [f"src/part{n // 100}/module{n}.py" for n in range(_FILES)]
    ratios._repository(folder, {name: f"{name} = 1\n" * 20 for name in names})
    fixed = {"src/part7/module707.py": "fixed = 1\n", "tests/test_a.py": "tests = 1\n"}
    ratios._repository(folder, fixed)
    commands = {
        "ours": [ratios.PYTHON, "-c", _IMPORTS + _PROOF],
        "none": [ratios.PYTHON, "-c", _IMPORTS],
        "bare": ["sh", "-c", _BARE],
    }
    costs = ratios.take_turns(ratios.ROUNDS, folder, commands)
    pairs = zip(costs["ours"], costs["none"], strict=True)
    ours = [one.cpu - none.cpu for one, none in pairs]
    ratio = median(ours) / median(one.cpu for one in costs["bare"])
    print(f"prove: {ratio:.2f} of {_LIMIT:g}")  # noqa: T201  -s shows it
    assert ratio <= _LIMIT
