"""Whole runs of a suite, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from plimsoll import report
from plimsoll.model import Finding, Outcome, Verdict
from plimsoll.wait import SYSTEM_CLOCK, wait_until

HOME = Path(__file__).parents[2]
LONGEST = 90.0
"""Seconds after which a run hangs: half as many again as the longest one may take (60 s against a tarpit)."""

SMOKE = (sys.executable, "-m", "pytest", "suites/smoke")
SECURITY = (sys.executable, "-m", "pytest", "suites/security")
POLICY = (sys.executable, "-m", "pytest", "suites/policy")
DRILL = (sys.executable, "-m", "pytest", "suites/drills")
BASELINE = (sys.executable, "-m", "plimsoll", "baseline")
SWEEP = (sys.executable, "-m", "plimsoll", "sweep")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has ended: its exit code, all that it printed, how long it took, and where it reported."""

    code: int
    output: str
    seconds: float
    reports: Path

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict that the run wrote."""
        return report.read(self.reports / "latest" / "verdict.json")

    def finding(self, promise: str) -> Finding:
        """What the run found about one promise."""
        return next(finding for finding in self.verdict.findings if finding.promise.id == promise)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcome of every promise."""
        return {finding.promise.id: finding.outcome for finding in self.verdict.findings}

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything the run said, by where it said it."""
        yield "terminal", self.output
        for file in sorted((self.reports / "latest").resolve().rglob("*")):
            if file.is_file():
                yield file.name, file.read_text(encoding="utf-8")

    @property
    def calm(self) -> bool:
        """Whether nothing it said looks like a defect of the harness."""
        return not any(word in text for _, text in self.texts for word in ("Traceback", "crashed", "defect"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder where runs happen: its own temporary folder and its own reports, apart from all other runs."""

    folder: Path
    home: Path = HOME
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def temporary(self) -> Path:
        """What the runs take for the system's temporary folder."""
        return self.folder / "tmp"

    @property
    def runs(self) -> Path:
        """Where the runs' folders are while they last."""
        return self.temporary / f"plimsoll-{os.geteuid()}"

    @property
    def left(self) -> list[Path]:
        """The folders of runs that are there now."""
        return sorted(path for path in self.runs.glob("*") if path.is_dir())

    @property
    def workers(self) -> dict[int, str]:
        """The processes that work inside the runs' folders now, by id."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (entry / "cwd").readlink().is_relative_to(self.runs):
                    found[int(entry.name)] = (entry / "comm").read_text(encoding="utf-8").strip()
        return found

    def start(self, *arguments: str, reports: str = "reports", command: tuple[str, ...] = SMOKE) -> Running:
        """The command has begun, in a process group of its own."""
        self.temporary.mkdir(mode=0o755, parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PLIMSOLL"))}
        folder = self.folder / reports
        if command in (SMOKE, SECURITY, POLICY, DRILL):
            arguments = (*arguments, "--reports", str(folder))
        output = self.folder / f"{reports}.output"
        with output.open("wb") as said:
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=self.home,
                env={**inherited, "TMPDIR": str(self.temporary), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Running(process=process, output=output, reports=folder)

    def run(self, *arguments: str, reports: str = "reports", command: tuple[str, ...] = SMOKE) -> Ended:
        """The command has ended."""
        return self.start(*arguments, reports=reports, command=command).ended()

    def is_clean(self) -> bool:
        """Whether no run has left a folder or a process."""
        return not self.left and not self.workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A command under way."""

    process: subprocess.Popen[bytes]
    output: Path
    reports: Path
    begun: float = field(default_factory=SYSTEM_CLOCK.monotonic)

    def kill(self) -> None:
        """The command is dead, in the way that leaves it no time for anything."""
        self.process.kill()
        self.process.wait()

    def ended(self, timeout: float = LONGEST) -> Ended:
        """The command, once it has ended. It is killed and NotReady raised if it does not in time."""
        try:
            wait_until(lambda: self.process.poll() is not None, timeout=timeout, what="the end of the run")
        finally:
            self.kill()
        seconds = SYSTEM_CLOCK.monotonic() - self.begun
        said = self.output.read_text(encoding="utf-8", errors="replace")
        return Ended(code=self.process.returncode, output=said, seconds=seconds, reports=self.reports)
