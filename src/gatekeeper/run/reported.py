"""The reports that a check declares: where they are, and which of them count.

A report counts only as a regular file that this run wrote, or, where the check runs no command,
that is young enough. Several reports are joined into one measurement.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from datetime import datetime
from glob import escape, glob
from itertools import chain
from pathlib import Path

from gatekeeper.config.policy import CheckPolicy, Reads
from gatekeeper.config.settings import inside
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement, Metric

CAP = 1 * 2**30
# Clocks of one machine and its file systems may differ by this much, in seconds.
_SKEW = 60
# What tells a file from an earlier one of the same name.
Stamp = tuple[int, ...]


def places(reads: Reads, folder: Path, out: Path, stdout: Path | None) -> list[str]:
    """The files that a report may be in, links included; those that exist, sorted."""
    if reads.stdout:
        return [str(stdout)] if stdout and stdout.exists() else []
    if re.search(r"[*?\[]", reads.file):
        pattern = os.path.join(escape(str(folder)), reads.file.replace("${out}", escape(str(out))))
        return sorted(glob(pattern, recursive=True))
    place = os.path.join(folder, reads.file.replace("${out}", str(out)))
    return [place] if os.path.lexists(place) else []


def stamps(found: Iterable[str]) -> dict[str, Stamp]:
    """What the files look like now: one that looks the same afterwards was not written."""
    return {place: _stamp(os.lstat(place)) for place in found}


def _stamp(seen: os.stat_result) -> Stamp:
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def refuse(
    place: str, check: CheckPolicy, roots: Sequence[Path], before: dict[str, Stamp], now: datetime
) -> None:
    """Raise NotMeasured for a file that is no report of this check."""
    shown = f"the report {os.path.basename(place)}"
    seen = os.lstat(place)
    if stat.S_ISLNK(seen.st_mode) or not any(inside(root, Path(place)) for root in roots):
        reason = f"{shown} is a symbolic link, or lies outside the repository"
        raise NotMeasured(reason, "let the command write the report itself there")
    if not stat.S_ISREG(seen.st_mode) or seen.st_size > CAP:
        reason = f"{shown} is no regular file, or larger than {CAP // 2**20} MiB"
        raise NotMeasured(reason, "let the command write one, or report less")
    if not check.command:
        _refuse_old(shown, now.timestamp() - seen.st_mtime, check.max_age or 0)
    elif before.get(place) == _stamp(seen):
        reason = f"{shown} is from an earlier run: this one did not write it"
        raise NotMeasured(reason, "see the output; let the command write to ${out}")


def _refuse_old(shown: str, age: float, most: float) -> None:
    if not -_SKEW <= age <= most:
        reason = f"{shown} is {age:.0f} s old, and `max-age:` allows {most:.0f} s"
        raise NotMeasured(reason, "let the step that writes it run again")


def refuse_shared(reads: Reads, batches: int) -> None:
    """Raise NotMeasured where several batches write one file."""
    if batches > 1 and not (reads.stdout or "${out}" in reads.file):
        reason = f"{batches} batches wrote {reads.file} one over the other"
        raise NotMeasured(reason, "let the command write to ${out}, which each has for itself")


def refuse_unproven(parts: Sequence[Measurement], form: str, check: CheckPolicy) -> None:
    """Raise NotMeasured where the reports of one of several formats prove no work.

    What those of another format prove is no proof for them: a coverage report says nothing of the
    tests, which may all have been skipped.
    """
    if len(check.reads) < 2 or not parts:
        return
    work = [amount for part in parts for amount in part.work.values()]
    told_otherwise = not work and (check.lists or check.idle)
    if not told_otherwise and max(work, default=0) <= 0:
        reason = f"{check.id} examined nothing, says its report of format {form}"
        raise NotMeasured(reason, "see its output and its configuration: what does it exclude?")


# How a metric of several reports becomes one; any other cannot be joined.
_SUMS = ("tests.", "requests.total", "alerts.total", "dashboards.total")


def join(parts: Sequence[Measurement]) -> Measurement:
    """Several measurements of one check as one; NotMeasured where two state the same metric."""
    if len(parts) == 1:
        return parts[0]
    metrics: dict[str, Metric] = {}
    work: dict[str, int] = {}
    for part in parts:
        for metric in part.metrics:
            metrics[metric.name] = _joined(metrics.get(metric.name), metric)
        for kind, amount in part.work.items():
            work[kind] = work.get(kind, 0) + amount
    return Measurement(
        metrics=tuple(metrics.values()),
        findings=tuple(chain.from_iterable(part.findings for part in parts)),
        work=work,
        notes=tuple(chain.from_iterable(part.notes for part in parts)),
        series=tuple(chain.from_iterable(part.series for part in parts)),
        items=tuple(chain.from_iterable(part.items for part in parts)),
    )


def _joined(first: Metric | None, second: Metric) -> Metric:
    if first is None:
        return second
    if first.name.startswith(_SUMS):
        return Metric(first.name, first.value + second.value, first.unit)
    if first.name.endswith((".max", ".peak")):
        return max(first, second, key=lambda metric: metric.value)
    raise NotMeasured(f"several reports state {first.name}", "let the tool write one report")
