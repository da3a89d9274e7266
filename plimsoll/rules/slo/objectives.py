"""What a run of load has to decide: promises of response times and errors, as objectives of its plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from plimsoll.model import Objective, Promise
from plimsoll.model.workload import Workload
from plimsoll.rules.slo.latency import NANOSECONDS, PERCENTILE, allowed

LATENCY, SHARE, RATE = "latency-within", "error-share-within", "error-rate-within"


def objectives(promises: Iterable[Promise], workload: Workload) -> Iterator[Objective]:
    """An objective for every promise of which a run may know enough before it ends."""
    for promise in promises:
        said = promise.parameters
        routes, classes = (cast(tuple[str, ...], said.get(name, ())) for name in ("routes", "classes"))
        if promise.rule == LATENCY:
            percentile = float(cast(float, said.get("percentile", PERCENTILE)))
            limit = int(cast(int, said["milliseconds"])) * NANOSECONDS
            yield Objective(promise=promise.id, bad=allowed(percentile), limit=limit, routes=routes)
        elif promise.rule == SHARE:
            yield Objective(promise=promise.id, bad=float(cast(float, said["share"])), routes=routes, classes=classes)
        elif promise.rule == RATE and float(cast(float, said["per_second"])) < workload.requests:
            share = float(cast(float, said["per_second"])) / workload.requests
            yield Objective(promise=promise.id, bad=share, routes=routes, classes=classes)
