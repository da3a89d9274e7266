"""The words of the domain: promises, findings, verdicts. Frozen values, no I/O."""

from __future__ import annotations

from plimsoll.model.advice import Advice, Severity
from plimsoll.model.deployment import Deployment, Limits, Live, Service, Zone
from plimsoll.model.outcome import Outcome, merge
from plimsoll.model.promise import Finding, Hole, Promise, Spot, Waiver
from plimsoll.model.verdict import RunIdentity, Verdict

__all__ = [
    "Advice",
    "Deployment",
    "Finding",
    "Hole",
    "Limits",
    "Live",
    "Outcome",
    "Promise",
    "RunIdentity",
    "Service",
    "Severity",
    "Spot",
    "Verdict",
    "Waiver",
    "Zone",
    "merge",
]
