"""What all tests share: warnings are errors, and those that could not run here get a plain line."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a machine that is busy with something else breaks no promise
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """A warning fails a test of the harness; a run of the suites, which people rely on, it must not end."""
    config.addinivalue_line("filterwarnings", "error")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background command: all it starts would be deaf
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests that did not run are counted by reason, one line each: they have not passed."""
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    reasons = Counter(_reason(report) for report in skipped)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} {'test' if count == 1 else 'tests'} {reason}")


def _reason(report: pytest.TestReport) -> str:
    """Why a test was skipped; the reasons here begin with "not run:"."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")
