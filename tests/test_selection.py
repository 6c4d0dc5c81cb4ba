"""Which files a check looks at."""

import pytest

from gatekeeper.selection import matching

FILES = ("a.py", "b.md", "src/a.py", "src/deep/a.py", "ünï.py", "bad-\udcff.py", "-dash.py")


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        ([], ()),
        (["a.py"], ("a.py",)),
        (["./a.py"], ("a.py",)),
        (["/a.py"], ("a.py",)),
        (["*.py"], ("a.py", "ünï.py", "bad-\udcff.py", "-dash.py")),
        (["**/a.py"], ("a.py", "src/a.py", "src/deep/a.py")),
        (["src/"], ("src/a.py", "src/deep/a.py")),
        (["src/*.py"], ("src/a.py",)),
        (["**/*", "!src/", "!*.py"], ("b.md",)),
        (["**/*.py", "!**/a.py", "src/a.py"], ("src/a.py", "ünï.py", "bad-\udcff.py", "-dash.py")),
        (["bad-?.py"], ("bad-\udcff.py",)),
        (["nowhere/*"], ()),
    ],
)
def test_matching(globs: list[str], expected: tuple[str, ...]) -> None:
    """Globs are those of .gitignore, from the judged folder; the order of the files is kept."""
    assert matching(globs, FILES) == expected
