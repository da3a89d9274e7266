"""Whether replicas become more by themselves when there is more to do."""

from __future__ import annotations

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Manifests, TerraformFiles
from plimsoll.rules.capacity.fleets import CPU, MEMORY, fleets_of

__all__ = ["scales_automatically"]


def scales_automatically(
    promise: Promise,
    manifests: Manifests | None,
    terraform: TerraformFiles | None,
    *,
    workloads: tuple[str, ...],
    minimum: int = 2,
    metrics: tuple[str, ...] = (CPU, MEMORY),
    files: str = "",
) -> Finding:
    """Each of these workloads has so many replicas at the least, and more by themselves as its metrics rise.

    At rest: an autoscaler of the cluster, or target tracking of an ECS service, says so. That replicas really come is
    for a look at the cluster.
    """
    found = [fleet for fleet in fleets_of(manifests, terraform, files=files) if fleet.name in workloads]
    holes: list[Hole] = []
    for fleet in found:
        if not fleet.automatic:
            what = f"nothing makes {fleet.name} more than its {fleet.range} replicas"
            fix = "a HorizontalPodAutoscaler of it, or aws_appautoscaling_target and _policy"
            holes.append(Hole(spot=fleet.bounds, what=what, fix=fix))
            continue
        if missing := [metric for metric in metrics if metric not in fleet.levels]:
            what = f"{fleet.name} does not scale on {' and '.join(missing)}"
            holes.append(Hole(spot=fleet.bounds, what=what, fix=f"a target of utilization for {missing[0]}"))
        if fleet.least is None or fleet.least < minimum:
            what = f"{fleet.name} may go down to {fleet.least or 'nobody says how many'} replicas, not {minimum}"
            holes.append(Hole(spot=fleet.bounds, what=what, fix=f"at least {minimum}"))
        if fleet.most is not None and fleet.least is not None and fleet.most <= fleet.least:
            what = f"{fleet.name} may have no more than the {fleet.least} replicas it begins with"
            holes.append(Hole(spot=fleet.bounds, what=what, fix=f"more than {fleet.least} at the most"))
    expected = f"{' and '.join(workloads)}: {minimum} replicas or more, by {' and '.join(metrics)}"
    absent = sorted(set(workloads) - {fleet.name for fleet in found})
    if found and absent and not holes:
        return promise.unknown(f"no file describes {' and '.join(absent)}", expected=expected)
    return promise.judged(
        holes,
        looked=[f"{fleet.spot}: {fleet}" for fleet in found],
        expected=expected,
        nothing=f"no file describes {' or '.join(workloads)}",
    )
