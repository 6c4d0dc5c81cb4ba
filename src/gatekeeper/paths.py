"""Paths out of reports: relative to the judged folder, and never out of it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def relative(path: str, folder: Path, root: Path) -> str | None:
    """A path or file URI, as seen from `folder`, relative to `root`; None if it leads out.

    `folder` and `root` are free of links. What is no path at all leads nowhere.
    """
    try:
        place = unquote(urlsplit(path).path) if path.startswith("file:") else path
    except ValueError:
        return None
    whole = os.path.normpath(os.path.join(folder, place.replace("\\", "/")))
    found = os.path.relpath(whole, root)
    return None if found.split("/", 1)[0] == ".." or "\0" in found else found
