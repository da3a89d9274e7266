"""The words of the domain: promises, findings, verdicts. Frozen values, no I/O."""

from __future__ import annotations

from plimsoll.model.advice import Advice, Severity
from plimsoll.model.baseline import Baseline, KnownHole, holes_of
from plimsoll.model.deployment import Deployment, Limits, Live, Service, Zone
from plimsoll.model.load import Objective, Phase, Plan
from plimsoll.model.outcome import Outcome, merge
from plimsoll.model.promise import Finding, Hole, Promise, Spot, Waiver
from plimsoll.model.recovery import ACTS, Recovery
from plimsoll.model.rollout import RELEASING, Rollout
from plimsoll.model.verdict import EXPIRED, FileSeen, RunIdentity, Verdict, expired
from plimsoll.model.workload import Journey, Step, Workload

__all__ = [
    "ACTS",
    "EXPIRED",
    "RELEASING",
    "Advice",
    "Baseline",
    "Deployment",
    "FileSeen",
    "Finding",
    "Hole",
    "Journey",
    "KnownHole",
    "Limits",
    "Live",
    "Objective",
    "Outcome",
    "Phase",
    "Plan",
    "Promise",
    "Recovery",
    "Rollout",
    "RunIdentity",
    "Service",
    "Severity",
    "Spot",
    "Step",
    "Verdict",
    "Waiver",
    "Workload",
    "Zone",
    "expired",
    "holes_of",
    "merge",
]
