"""Whether all is well again after a fault, without anybody's help."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Fault, FaultTrials, Read, Write
from plimsoll.observations.drills.faults import REPLICA_KILLED
from plimsoll.rules.resilience.told import chosen, line, lines

__all__ = ["dependencies_start_first", "faults_heal", "survives_replica_loss"]

FEWEST = 20
"""Requests without which nothing is known of a fault: a quarter of a second of them."""


def faults_heal(
    promise: Promise, seen: FaultTrials, *, seconds: float, faults: tuple[str, ...] = (), budget: float = 1.0
) -> Finding:
    """After each of these faults (without any named: all) clients are all served well again, and nobody had to help.

    That takes no more than `seconds` from the fault's end on, in which no more than a `budget` of requests fails: 0.5
    is half of them. What was killed is started by the compose file's restart policy, or by nobody.
    """
    expected = f"all requests well within {seconds:g} s of each fault's end, by itself"
    found, doubt = chosen(seen, faults)
    for fault in found:
        if wrong := _unhealed(seen, fault, seconds=seconds, budget=budget):
            return promise.broken(
                expected=expected,
                actual=line(seen, fault),
                message=f"{fault.what}: {wrong}",
                hint="restart: unless-stopped for each service; reconnect, with a time-out on every wait",
                evidence=lines(seen),
            )
    if doubt:
        return promise.unknown(doubt, expected=expected, evidence=lines(seen))
    worst = max(found, key=lambda fault: fault.healed - fault.ended)
    actual = f"{len(found)} faults healed, the slowest after {worst.healed - worst.ended:.1f} s: {worst.what}"
    return promise.kept(expected=expected, actual=actual, evidence=lines(seen, found))


def survives_replica_loss(
    promise: Promise, seen: FaultTrials, *, replicas: int = 0, budget: float = 0.05, grace_ms: float = 1000.0
) -> Finding:
    """One of several replicas is killed, and the others serve: so many `replicas`, where a number is promised.

    What was under way there may fail within `grace_ms`, no more than a `budget` of all requests meanwhile; then none.
    """
    expected = f"no failed request {grace_ms:g} ms after one of {replicas or 'several'} replicas was killed"
    if seen.replicas == 1 and not replicas:
        return promise.not_applicable("one application alone serves: there is no other replica")
    if replicas and seen.replicas != replicas:
        return promise.broken(
            expected=expected,
            actual=f"{seen.replicas} replicas",
            message=f"{seen.replicas} replicas of {seen.application} run, not {replicas}",
            hint=f"deploy: {{ replicas: {replicas} }}",
            evidence=lines(seen),
        )
    (fault, *_), doubt = chosen(seen, (REPLICA_KILLED,)) if seen.of(REPLICA_KILLED) else ([None], "")
    if fault is None or seen.asked(fault) < FEWEST:
        why = "too few requests were made meanwhile" if fault else f"no replica was killed: {seen.trouble}"
        return promise.unknown(doubt or why, expected=expected, evidence=lines(seen))
    failed = seen.failed(fault)
    late = [request for request in failed if _at(request) > fault.began + grace_ms / 1000]
    share = len(failed) / seen.asked(fault)
    if late or share > budget:
        what = f"{len(late)} requests failed later than {grace_ms:g} ms after" if late else f"{share:.1%} failed after"
        first = next(iter(late or failed), None)
        return promise.broken(
            expected=expected,
            actual=line(seen, fault),
            message=f"{what} one of {seen.replicas} replicas was killed: {first.trouble if first else ''}",
            hint="proxy_next_upstream error timeout, max_fails above 0, and a server line for every replica",
            evidence=lines(seen, [fault]),
        )
    actual = f"{len(failed)} of {seen.asked(fault)} requests failed, none of them later than {grace_ms:g} ms"
    return promise.kept(expected=expected, actual=actual, evidence=lines(seen, [fault]))


def dependencies_start_first(
    promise: Promise, seen: FaultTrials, *, first: tuple[str, ...] = (), then: tuple[str, ...] = ()
) -> Finding:
    """In the order of the compose file each service begins when all that it depends on is well.

    With `first` and `then`, each of those begins before any of these.
    """
    expected = f"{', '.join(first)} before {', '.join(then)}" if first else "each after what it depends on is well"
    order = [start.role for start in seen.starts]
    lacking = [role for role in (*first, *then) if role not in order]
    if not any(start.needed for start in seen.starts) or lacking:
        why = f"not started: {', '.join(lacking)}" if lacking else "no service was seen to start after another"
        return promise.unknown(why, expected=expected, evidence=lines(seen))
    evidence = [
        f"{start.at:.2f} s: {start.role} begins"
        + "".join(f", {name} {'well' if well else 'not well yet'}" for name, well in start.needed.items())
        for start in seen.starts
    ]
    early = [(start.role, name) for start in seen.starts for name, well in start.needed.items() if not well]
    early += [(late, role) for role in first for late in then if order.index(late) < order.index(role)]
    early += [
        (late, role)
        for role in first
        for late in then
        if role not in next(start.needed for start in seen.starts if start.role == late)
    ]
    if early:
        role, name = early[0]
        return promise.broken(
            expected=expected,
            actual="; ".join(evidence),
            message=f"{role} begins without waiting until {name} is well",
            hint=f"depends_on: {{ {name}: {{ condition: service_healthy }} }}",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=" -> ".join(order), evidence=evidence)


def _unhealed(seen: FaultTrials, fault: Fault, *, seconds: float, budget: float) -> str:
    if not fault.healed:
        dead = [f"{role}: restart: {said or 'nothing stated'}" for role, said in fault.policies.items()]
        return f"all was not well again until an operator helped ({'; '.join(dead)})"
    took = fault.healed - fault.ended
    if took > seconds:
        return f"all was well again only {took:.1f} s after its end"
    share = len(seen.failed(fault)) / max(seen.asked(fault), 1)
    return f"{share:.1%} of the requests failed" if share > budget else ""


def _at(request: Read | Write) -> float:
    return request.sent if isinstance(request, Write) else request.at
