"""What one run of the suites gathers on its way to a verdict."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from plimsoll import report
from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import PlimsollError
from plimsoll.inspection import Inspection
from plimsoll.model import Advice, Baseline, FileSeen, Finding, Outcome, Promise, RunIdentity, Verdict, expired, merge
from plimsoll.observations import Observation
from plimsoll.observations.artefacts import Inventory
from plimsoll.observations.drills import Attempts, Drilled, DrillRecord, History
from plimsoll.observations.drills.history import rehearsal
from plimsoll.observations.drills.record import record
from plimsoll.observations.load import Capacity, CapacityRecord, LoadRecord, LoadRun
from plimsoll.probes.history import history
from plimsoll.redact import Redactor
from plimsoll.rulebook import texts
from plimsoll.rules import RULES
from plimsoll.rules.capacity.answers import answered
from plimsoll.rules.slo.decided import recorded
from plimsoll.runs import Run
from plimsoll.session import Session
from plimsoll.stacks import make
from plimsoll.stacks.environment import stated_environment
from plimsoll.stacks.protocol import Logging, Stack

COULD_NOT_TELL = 2


DRILLED = (Drilled, Attempts)
"""What drills bring back."""

SAID = (Outcome.FAIL, Outcome.UNKNOWN)
"""Of which findings a report explains the rule."""


@runtime_checkable
class Advising(Protocol):
    """An observation of more than any promise speaks of."""

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What is said beyond the promises."""


class SuiteRun:
    """What one pytest run of the suites gathers on its way to a verdict."""

    def __init__(self, session: Session, *, reports: Path, strict: bool, baseline: Baseline | None = None) -> None:
        self.session = session
        self.folder = reports / session.id
        self.strict = strict
        self.baseline = baseline
        self.selected: dict[str, Promise] = {}
        self.findings: dict[str, Finding] = {}
        self.place: Run | None = None
        self.stack: Stack | None = None
        self.trouble: PlimsollError | None = None
        self.verdict: Verdict | None = None
        self._advice: tuple[Advice, ...] = ()
        self._files: tuple[FileSeen, ...] = ()
        self._journals: tuple[DrillRecord, ...] = ()
        self._loads: tuple[LoadRecord, ...] = ()
        self._capacities: tuple[CapacityRecord, ...] = ()
        self._environment = {**stated_environment(session.deployment), **os.environ}

    @property
    def redact(self) -> Redactor:
        """What takes this run's secrets out of a text: the stack's own, and those that environments state."""
        return Redactor(self.stack.secrets if self.stack else ()).with_environment(self._environment)

    @property
    def logs(self) -> Path:
        """Where the services' logs are, if they were kept."""
        return self.folder / "logs"

    def keep_logs(self) -> None:
        """The services' logs lie beside the report, unless all went well and nobody will ask."""
        went_well = (Outcome.PASS, Outcome.NOT_APPLICABLE)
        if not self.trouble and all(f.outcome in went_well or f.out_of_reach for f in self.findings.values()):
            return
        if isinstance(self.stack, Logging):
            try:
                report.copy_logs(self.stack.logs, self.logs, redact=self.redact)
            except PlimsollError as error:
                self.trouble = self.trouble or error

    def made(self) -> Stack:
        """The stack that the suites look at, not yet started."""
        assert self.place is not None  # noqa: S101 - a stack needs the run's folder
        return make(self.session.kind, self.session.deployment, self.place)

    def stages(self, option: argparse.Namespace, say: Callable[[str], None]) -> Stack:
        """In the place of a stack what puts one up for each drill. Raises Refused for a target that is not ours."""
        assert self.place is not None  # noqa: S101 - drills need the run's folder
        return Stages(
            self.session.kind,
            self.session.deployment,
            workplace=self.place.folder,
            journals=self.folder / "drills",
            scale=option.scale,
            consent=option.destroy,
            say=say,
        )

    def judge(self, promise: Promise, inspection: Inspection | None) -> Finding:
        """The finding on one promise; UNKNOWN when there is no stack to inspect."""
        if inspection is None:
            assert self.trouble is not None  # noqa: S101 - only trouble leaves a run without an inspection
            finding = promise.unknown(self.trouble.fact, hint=self.trouble.hint)
        else:
            finding = inspection.judge(promise)
        if self.baseline:
            finding = self.baseline.applied(report.washed(finding, redact=self.redact))
        self.findings[promise.id] = finding
        return finding

    def gather(self, inspection: Inspection) -> None:
        """What was seen beside the promises: which files there are, what scanners advise, what drills and load saw."""
        told = (advice for seen in inspection.taken() if isinstance(seen, Advising) for advice in seen.advice)
        self._advice = tuple(dict.fromkeys(told))
        self._journals = tuple(self._recorded(seen) for seen in inspection.taken() if isinstance(seen, DRILLED))
        loads = (seen for seen in inspection.taken() if isinstance(seen, LoadRun))
        self._loads = tuple(recorded(seen, promises=self._asked_of(seen)) for seen in loads)
        searches = (seen for seen in inspection.taken() if isinstance(seen, Capacity))
        self._capacities = tuple(answered(seen, promises=self._asked_of(seen)) for seen in searches)
        inventory = inspection.observed(Inventory) if self.session.kind == "files" else None
        if isinstance(inventory, Inventory):
            self._files = tuple(
                FileSeen(name=entry.name, kind=entry.kind, spot=entry.spot, trouble=entry.trouble)
                for entry in inventory.entries
            )

    def conclude(self) -> int:
        """The exit code, once the verdict is written. Promises selected but not judged are UNKNOWN."""
        missed = "not judged: the run stopped before"
        judged = tuple(self.findings.get(name) or p.unknown(missed) for name, p in self.selected.items())
        run = self.session.identity(self.stack)
        remembered = self._remembered(run, judged)
        self.verdict = Verdict(
            run=run,
            findings=(*judged, *expired(judged, run.finished.date())),
            strict=self.strict,
            advice=self._advice,
            files=self._files,
            baseline=self.baseline.file if self.baseline else "",
            gone=self.baseline.gone(report.washed(f, redact=self.redact) for f in judged) if self.baseline else (),
            journals=self._journals,
            loads=self._loads,
            capacities=self._capacities,
            history=remembered,
        )
        try:
            rules = texts(finding.promise.rule for finding in self.verdict.findings if finding.outcome in SAID)
            report.write(self.verdict, self.folder, redact=self.redact, rules=rules)
            report.point_latest(self.folder)
        except PlimsollError as error:
            self.trouble = error
            return COULD_NOT_TELL
        return self.verdict.exit_code or (COULD_NOT_TELL if self.trouble else 0)

    def _asked_of(self, seen: Observation) -> list[str]:
        """The ids of the promises that are judged by this."""
        return [promise.id for promise in self.selected.values() if type(seen) in RULES[promise.rule].reads]

    def _recorded(self, seen: Drilled | Attempts) -> DrillRecord:
        """A drill with the promises that it was asked for."""
        recovery = self.session.deployment.recovery
        return record(seen, promises=self._asked_of(seen), target=recovery.data_bytes if recovery else 0)

    def _remembered(self, run: RunIdentity, judged: Sequence[Finding]) -> History | None:
        """The history of this deployment's drills, those of this run added; None for a run without any."""
        if not self._journals:
            return None
        ours = []
        for it in self._journals:
            outcome = merge(finding.outcome for finding in judged if finding.promise.id in it.promises)
            ours.append(rehearsal(it, run=run.id, deployment=run.deployment, stack=run.stack, outcome=outcome))
        try:
            report.add(self.folder.parent, ours, redact=self.redact)
            return report.shown(history(self.folder.parent, run.deployment))
        except PlimsollError as error:
            self.trouble = self.trouble or error
            return None
