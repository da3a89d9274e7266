"""How it comes about what scanners say of a deployment's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from plimsoll.looks.scene import Scene
from plimsoll.model import Promise, Severity
from plimsoll.observations import Observation
from plimsoll.observations.artefacts.scans import Claim, ScannerReports
from plimsoll.probes.scanners.known import SCANNERS
from plimsoll.probes.scanners.survey import survey

CLAIMING = "scanner-clean"
"""The rule by which a promise speaks of a scanner's results."""


def _look(scene: Scene) -> ScannerReports:
    return survey(scene.sources, SCANNERS, claims=tuple(_claims(scene.deployment.promises)))


def _claims(promises: Iterable[Promise]) -> Iterator[Claim]:
    """The results that promises speak of."""
    for promise in promises:
        if promise.rule == CLAIMING:
            ids = cast(tuple[str, ...], promise.parameters["ids"])
            severity = Severity(str(promise.parameters.get("severity", Severity.INFO)))
            yield from (Claim(pattern=f"{promise.parameters['scanner']} {each}", severity=severity) for each in ids)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {ScannerReports: _look}
ALONE = ()
DEEP = (ScannerReports,)
AT_REST = frozenset(LOOKS)
"""Looks that need no stack, only its files."""
