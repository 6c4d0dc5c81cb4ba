"""A plug-in of pytest that writes down phase, outcome and exception of each test.

Only the outermost pytest of a guard is of interest: one that a test starts, in its own process or
in another, sees the variable and stays silent.
"""

from __future__ import annotations

import os
import unittest
from collections.abc import Generator
from typing import Any

import gatekeeper_seen
import gatekeeper_site  # noqa: F401  watches also where no shadow is
import pytest

_CLAIM = "GATEKEEPER_PROOF"
_SETTING_UP = ("setUp", "asyncSetUp", "setUpClass")
_TEARING_DOWN = ("tearDown", "asyncTearDown", "tearDownClass", "doCleanups")
_config: Any = None


def _claimed() -> bool:
    """Whether this process may speak: the first pytest, or one of its own workers (xdist)."""
    owner, worker = os.environ.get(_CLAIM), os.environ.get("PYTEST_XDIST_WORKER")
    if owner and not (owner == "controller" and worker):
        return False
    os.environ[_CLAIM] = "worker" if worker else "controller"
    return True


_ACTIVE = _claimed()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Generator[None, Any, None]:
    """The first configuration of the process is the guard's; its conftest files may break."""
    global _config  # noqa: PLW0603  hooks are functions of the module
    if _ACTIVE and _config is None:
        _config = early_config
    outcome = yield
    if outcome.excinfo and early_config is _config:
        _failed("conftest", "collect", outcome.excinfo[1])


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: Any) -> Generator[None, Any, None]:
    """What could not be collected, and why."""
    outcome = yield
    report = outcome.get_result()
    if collector.config is _config and report.failed:
        call = getattr(report, "call", None)
        if call is not None and call.excinfo is not None:
            _failed(collector.nodeid, "collect", call.excinfo.value)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    """How a phase of a test went."""
    outcome = yield
    report = outcome.get_result()
    if item.config is not _config:
        return
    if report.failed and call.excinfo is not None:
        error = call.excinfo.value
        phase = _of_unittest(item, error) if report.when == "call" else report.when
        _failed(item.nodeid, phase, error)
    else:
        gatekeeper_seen.write(
            {"test": item.nodeid, "phase": report.when, "outcome": report.outcome}
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """The session came to its end."""
    if session.config is _config:
        gatekeeper_seen.write({"session": int(exitstatus)})


def pytest_unconfigure(config: Any) -> None:
    """Another session may follow in this process."""
    global _config  # noqa: PLW0603  hooks are functions of the module
    if config is _config:
        _config = None


def _failed(test: str, phase: str, error: BaseException) -> None:
    crash = gatekeeper_seen.crash(_real(error))
    gatekeeper_seen.write({"test": test, "phase": phase, "outcome": "failed", "crash": crash})


def _real(error: BaseException) -> BaseException:
    """The exception that pytest or doctest wrapped into one of its own."""
    if type(error).__name__ in ("CollectError", "ConftestImportFailure"):
        return error.__cause__ or error
    if type(error).__name__ == "MultipleDoctestFailures":
        error = error.failures[0]  # type: ignore[attr-defined]
    information = getattr(error, "exc_info", None)  # doctest.UnexpectedException
    return information[1] if isinstance(information, tuple) else error


def _of_unittest(item: Any, error: BaseException) -> str:
    """The phase within a TestCase, whose set-up and tear-down pytest runs as part of the call."""
    if not isinstance(getattr(item, "_testcase", None) or _instance(item), unittest.TestCase):
        return "call"
    names = [frame["function"] for frame in gatekeeper_seen.frames(error)]
    if getattr(item, "originalname", item.name) in names:
        return "call"
    if any(name in names for name in _SETTING_UP):
        return "setup"
    return "teardown" if any(name in names for name in _TEARING_DOWN) else "call"


def _instance(item: Any) -> Any:
    return getattr(item, "_instance", None) or getattr(item, "instance", None)
