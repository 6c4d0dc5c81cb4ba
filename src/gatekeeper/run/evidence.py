"""Evidence: the raw files behind a measurement, redacted and kept beside the record of the run."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from gatekeeper import redact
from gatekeeper.errors import NotMeasured
from gatekeeper.history import records
from gatekeeper.model import Evidence
from gatekeeper.run.context import Context


def keep(ctx: Context, kept: Path, known: Mapping[str, str]) -> tuple[Evidence, ...]:
    """Move the check's files below `kept`, where they lie as they did in the run's folder.

    Digests are of what is kept. Raises NotMeasured where a full disk loses evidence; a folder that
    may only be read keeps none.
    """
    with suppress(OSError):  # most checks leave nothing there, which is soon done
        ctx.out.rmdir()
    printed = ctx.printed()
    try:
        return tuple(_moved(ctx, [*_files(ctx.out), *printed], kept, known))
    except OSError as error:
        if error.errno in records.READ_ONLY:
            return ()
        reason = f"its evidence could not be kept in {kept}: {error.strerror}"
        raise NotMeasured(reason, "make room there") from None
    finally:
        shutil.rmtree(ctx.out, ignore_errors=True)
        for path in printed:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    if folder.is_symlink():  # in its place the command may have left a link to anywhere
        return []
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def _moved(
    ctx: Context, paths: Iterable[Path], kept: Path, known: Mapping[str, str]
) -> Iterable[Evidence]:
    for path in paths:
        target = kept / redact.redact(str(path.relative_to(ctx.out.parent)), known)
        redact.redact_file(path, known)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = target.relative_to(ctx.checkout.state).as_posix()
        yield Evidence(name, f"sha256:{digest}", target.stat().st_size)
