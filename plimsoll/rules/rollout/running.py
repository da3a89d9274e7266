"""How far the newest release is, where an orchestrator runs it, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from plimsoll.model import Finding, Promise
from plimsoll.observations import Rollout, Rollouts
from plimsoll.rules.kubernetes.revisions import moving

__all__ = ["release_returnable", "release_runs"]


def release_runs(
    promise: Promise, seen: Rollouts, *, workloads: tuple[str, ...], replicas: int = 0, image: str = ""
) -> Finding:
    """Every replica of these workloads is of the newest revision and serves, and none of an older one is left.

    `replicas` are at least so many, `image` is what each runs (one of its containers), whatever registry it came from.
    What counts is what `kubectl rollout status` waits for; of ECS, that the one deployment left is complete.
    """
    wants = [
        f"at least {replicas} replicas" if replicas else "every replica",
        f"of {image}" if image else "of the newest",
    ]
    return _judged(
        promise,
        seen,
        workloads,
        expected=f"{' '.join(wants)}, all of them ready",
        wrong=lambda rollout: _unfinished(rollout, replicas=replicas, image=image),
        hint=f"kubectl rollout status deployment/{workloads[0]}, or aws ecs describe-services",
    )


def _unfinished(rollout: Rollout, *, replicas: int, image: str) -> Iterator[str]:
    if rollout.trouble:
        yield f"its rollout failed: {rollout.trouble}"
    if rollout.paused:
        yield "its rollout is paused"
    if not rollout.observed:
        yield "its rollout is not over: what was last asked of it has not been done"
    if rollout.updated < rollout.wanted:
        yield f"{rollout.updated} of {rollout.wanted} replicas are of the newest revision"
    elif rollout.total > rollout.updated:
        yield f"{rollout.total - rollout.updated} replicas of an older revision are left"
    if rollout.ready < rollout.wanted:
        yield f"{rollout.ready} of {rollout.wanted} replicas are ready"
    if not rollout.wanted:
        yield "no replica is asked for"
    elif rollout.wanted < replicas:
        yield f"{rollout.wanted} replicas are asked for, not {replicas}"
    if image and not any(said == image or said.endswith(f"/{image}") for said in rollout.revision.images):
        yield f"it runs {', '.join(rollout.revision.images) or 'no image'}, not {image}"


def release_returnable(
    promise: Promise, seen: Rollouts, *, workloads: tuple[str, ...], by_itself: bool = False
) -> Finding:
    """There is a revision before the one that runs, and it is another one: its images are not the same moving tags.

    With `by_itself`, the orchestrator takes back what fails: ECS does, with a circuit breaker that rolls back;
    Kubernetes stops, and waits for somebody.
    """
    return _judged(
        promise,
        seen,
        workloads,
        expected=f"a revision to go back to{', by itself' if by_itself else ''}",
        wrong=lambda rollout: _stuck(rollout, by_itself=by_itself),
        hint="keep earlier revisions, each with the tag of its release"
        + ("; deployment_circuit_breaker { enable = true, rollback = true }" if by_itself else ""),
    )


def _stuck(rollout: Rollout, *, by_itself: bool) -> Iterator[str]:
    if not rollout.before:
        yield "there is no revision to go back to"
    elif all(moving(image) for image in rollout.revision.images) and all(
        revision.images == rollout.revision.images for revision in rollout.before
    ):
        yield f"every revision runs {', '.join(rollout.revision.images)}, whatever that is now"
    if by_itself and not rollout.returns:
        yield f"{rollout.platform} does not take it back by itself"


def _judged(
    promise: Promise,
    seen: Rollouts,
    workloads: tuple[str, ...],
    *,
    expected: str,
    wrong: Callable[[Rollout], Iterator[str]],
    hint: str,
) -> Finding:
    """Whether nothing is wrong with any of these workloads, wherever one runs."""
    absent = [name for name in workloads if not seen.of(name)]
    if absent and seen.missing:
        why = "; ".join(f"{platform}: {trouble}" for platform, trouble in seen.missing.items())
        return promise.unknown(f"{', '.join(absent)} may run where nobody could ask: {why}", expected=expected)
    found = [rollout for name in workloads for rollout in seen.of(name)]
    faults = [f"{rollout.name}: {fault}" for rollout in found for fault in wrong(rollout)]
    faults += [f"nothing of the name {name} runs" for name in absent]
    if faults:
        return promise.broken(
            expected=expected,
            actual=f"{len(faults)} things are not so",
            message="; ".join(faults),
            hint=hint,
            evidence=[*faults, *map(str, found)],
        )
    return promise.kept(expected=expected, actual="; ".join(map(str, found)), evidence=[str(each) for each in found])
