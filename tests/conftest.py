"""A configuration written into a folder, and the policy or the mistakes that come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gatekeeper.config import load
from gatekeeper.config.policy import Policy
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.resolve import resolve

Files = Mapping[str, str | Path]


@pytest.fixture
def configure(tmp_path: Path) -> Callable[[Files], Policy]:
    """Write files (a Path as content makes a symbolic link) and compile them."""

    def compiled(files: Files) -> Policy:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            else:
                path.write_text(content, "utf-8")
        return resolve(load.load(tmp_path))

    return compiled


@pytest.fixture
def mistakes(configure: Callable[[Files], Policy]) -> Callable[[Files], Sequence[Problem]]:
    """Write files that cannot be compiled; every mistake in them."""

    def found(files: Files) -> Sequence[Problem]:
        with pytest.raises(ConfigurationError) as caught:
            configure(files)
        assert "Traceback" not in str(caught.value)
        return caught.value.problems

    return found
