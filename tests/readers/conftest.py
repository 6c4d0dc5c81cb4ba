"""What the tests of JSON readers share: a context, a way to write reports, damage, the corpus."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "tool-outputs"


class Context:
    """The repository is `/repo`: what lies elsewhere leads out."""

    def relative(self, path: str) -> str | None:
        """A path or file URI, relative to the repository."""
        if path.startswith("file:"):
            path = unquote(path.removeprefix("file://"))
        path = path.removeprefix("/repo/").removeprefix("./")
        return None if path.startswith(("/", "..")) or "\0" in path else path


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of fixtures; NOTES-*.md in it say where they come from."""
    return Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Reader, Any], Measurement]:
    """Reads a file, or a document that is written first: bytes, text, or a value as JSON."""
    report = tmp_path_factory.mktemp("report") / "report.json"

    def read(reader: Reader, document: Any) -> Measurement:
        if isinstance(document, Path):
            return reader.read(document, Context())
        if not isinstance(document, (bytes, str)):
            document = json.dumps(document)
        report.write_bytes(document.encode() if isinstance(document, str) else document)
        return reader.read(report, Context())

    return read


@pytest.fixture(scope="session")
def attempt(
    read: Callable[[Reader, Any], Measurement],
) -> Callable[[Reader, Any], Measurement | None]:
    """Like `read`, and None for what is not measured: no other exception may come out."""

    def attempt(reader: Reader, document: Any) -> Measurement | None:
        try:
            return read(reader, document)
        except NotMeasured:
            return None

    return attempt


@pytest.fixture(scope="session")
def damaged() -> Callable[[bytes], Iterator[bytes]]:
    """Variants of a report, the same in each run: cut off, with bytes changed, with bytes lost."""

    def damaged(report: bytes) -> Iterator[bytes]:
        chance = random.Random(len(report))  # noqa: S311
        for _ in range(25):
            place = chance.randrange(len(report))
            yield report[:place]
            yield report[:place] + bytes([chance.randrange(256)]) + report[place + 1 :]
            yield report[:place] + report[place + chance.randrange(1, 9) :]

    return damaged


@pytest.fixture(scope="session")
def corpus() -> Callable[[str, str], list[tuple[Path, str]]]:
    """Files of the corpus, and what its index says they hold, by patterns for both."""

    def corpus(path: str, holds: str = "") -> list[tuple[Path, str]]:
        if not CORPUS.exists():
            pytest.skip("the corpus is not there")
        with (CORPUS / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        return [
            (CORPUS / row["path"], row["what_it_holds"])
            for row in rows
            if re.match(path, row["path"]) and re.match(holds, row["what_it_holds"])
        ]

    return corpus
