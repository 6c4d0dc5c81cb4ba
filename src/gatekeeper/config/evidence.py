"""Whether the files that incidents name as evidence exist, and are what they were."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from gatekeeper.config.settings import inside

MAX_BYTES = 64 * 2**20


def flaw(root: Path, file: str, sha256: str) -> tuple[str, str]:
    """What is wrong with a file of evidence and what to do about it; ("", "") if nothing.

    `file` is relative to `root`; `sha256` is `HEX` or `sha256:HEX`, "" where it may change.
    """
    path = root / file
    if not inside(root, path):
        return f"`{file}` leads out of the repository", "copy the file into it, or give its `url:`"
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return f"`{file}` is no file", "name one file"
        if about.st_size > MAX_BYTES:
            text = f"`{file}` has {about.st_size} bytes; at most {MAX_BYTES} are read"
            return text, "keep it elsewhere, and give its `url:`"
        if not sha256:
            os.close(os.open(path, os.O_RDONLY))
            return "", ""
        found = digest(path)
    except OSError as error:
        return f"`{file}` cannot be read: {error.strerror}", "evidence must not get lost"
    if found.removeprefix("sha256:") == sha256.removeprefix("sha256:"):
        return "", ""
    return f"`{file}` has changed: its SHA-256 is {found}", "restore it; evidence does not change"


def digest(path: Path) -> str:
    """`sha256:HEX` of a file's content."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
