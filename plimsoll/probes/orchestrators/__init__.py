"""Orchestrators that run a live deployment, asked by their own command lines, which know how to log in.

They are asked to tell and never to do: every question is a GET of Kubernetes, or a list or describe call of ECS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from plimsoll.errors import OutOfReach, PlimsollError
from plimsoll.model import Deployment, Live
from plimsoll.observations import Rollout, Rollouts
from plimsoll.probes.orchestrators import ecs, kubernetes

HINT = '[live] kubernetes = { context = "…", namespace = "…" } or ecs = { region = "…", cluster = "…" }'


def survey(deployment: Deployment, names: Sequence[str], *, deadline: float) -> Rollouts:
    """The workloads of these names. Raises OutOfReach where nobody may be asked, CouldNotLook where nobody answers."""
    live = deployment.live
    asking = dict(_asking(deployment, live, names, deadline)) if live else {}
    if not asking:
        raise OutOfReach("needs a Kubernetes cluster or an ECS cluster that it may ask", hint=HINT)
    found: list[Rollout] = []
    missing: dict[str, PlimsollError] = {}
    for platform, ask in asking.items():
        try:
            found.extend(ask())
        except PlimsollError as error:
            missing[platform] = error
    if len(missing) == len(asking):
        raise next(iter(missing.values()))
    return Rollouts(
        rollouts=tuple(found),
        missing={platform: error.fact for platform, error in missing.items()},
        seen_at=datetime.now(UTC),
    )


def _asking(
    deployment: Deployment, live: Live, names: Sequence[str], deadline: float
) -> Iterator[tuple[str, Callable[[], Iterable[Rollout]]]]:
    """How each orchestrator that is named comes to be asked."""
    if live.kubernetes:
        config = live.kubernetes.get("kubeconfig", "")
        cluster = kubernetes.Cluster(
            context=live.kubernetes["context"],
            namespace=live.kubernetes["namespace"],
            config=deployment.root / config if config else None,
            deadline=deadline,
        )
        yield kubernetes.PLATFORM, lambda: cluster.rollouts(names)
    if live.ecs:
        tasks = ecs.Cluster(
            region=live.ecs["region"],
            name=live.ecs["cluster"],
            profile=live.ecs.get("profile", ""),
            deadline=deadline,
        )
        yield ecs.PLATFORM, lambda: tasks.rollouts(names)
