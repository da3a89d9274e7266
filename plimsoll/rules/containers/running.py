"""How compose files have their services run: restarts, limits, replicas, users, profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Node, Service
from plimsoll.rules.containers.services import chosen, runs_once, seconds, services_of

__all__ = [
    "profile_optional",
    "replicas_can_start",
    "replicas_stated",
    "restart_policy",
    "services_limited",
    "services_not_root",
    "services_restarted",
    "services_unprivileged",
]

ROOT = ("root", "0")
USER = re.compile(r"[1-9][0-9]{0,9}(:[0-9]+)?$")


def services_restarted(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """Every service comes back after a crash or a reboot; what ends on purpose need not."""
    services = [s for s in services_of(compose, files=files) if s.whole and not runs_once(s)]
    return promise.judged(
        [
            Hole(
                spot=stated.spot,
                what=f"{service.name} stays down after a crash or a reboot: "
                + (f"restart {stated.text}" if stated else "no restart policy"),
                fix="restart: unless-stopped",
            )
            for service in services
            for stated in [_policy(service)]
            if stated.text in ("", "no", "none", "false") and stated.value is not True
        ],
        looked=[service.where for service in services],
        expected="a restart policy for every service",
        nothing="no compose file runs a service for production",
    )


def restart_policy(
    promise: Promise,
    compose: ComposeFiles,
    *,
    policy: str,
    services: tuple[str, ...] = (),
    attempts: int = 0,
    delay: float = 0,
    files: str = "",
) -> Finding:
    """These services (without any named: all) have this restart policy, with so many attempts and such a delay."""
    found, holes = chosen(compose, services, files=files)
    found = found if services else list(services_of(compose, files=files))
    for service in found:
        stated, more = _policy(service), service.node.at("deploy.restart_policy")
        name, _, bound = stated.text.partition(":")
        if name != policy:
            what = f"{service.name} restarts {name or 'never'}, not {policy}"
            holes.append(Hole(spot=stated.spot, what=what, fix=f"restart: {policy}"))
        elif attempts and (bound or more["max_attempts"].text) != str(attempts):
            said = bound or more["max_attempts"].text or "without a bound"
            what = f"{service.name} restarts {said}, not {attempts} times at most"
            holes.append(Hole(spot=stated.spot, what=what, fix=f"max_attempts: {attempts}"))
        elif delay and seconds(more["delay"].text) != delay:
            what = f"{service.name} restarts after {more['delay'].text or 'no delay'}, not after {delay:g} s"
            holes.append(Hole(spot=stated.spot, what=what, fix=f"delay: {delay:g}s"))
    return promise.judged(holes, looked=[service.where for service in found], expected=f"restart policy {policy}")


def services_limited(promise: Promise, compose: ComposeFiles, *, cpus: bool = False, files: str = "") -> Finding:
    """Every service has a memory limit, and where that is promised one for processors, too."""
    services = [service for service in services_of(compose, files=files) if service.whole]
    return promise.judged(
        [
            Hole(
                spot=service.node.spot,
                what=f"{service.name} has no {' and no '.join(lacking)} limit: it can take what its neighbours need",
                fix="deploy: { resources: { limits: { "
                + ", ".join(f"{each}: {'512m' if each == 'memory' else '1.0'}" for each in lacking)
                + " } } }",
            )
            for service in services
            for lacking in [list(_unlimited(service, cpus=cpus))]
            if lacking
        ],
        looked=[service.where for service in services],
        expected=f"a memory{' and a processor' if cpus else ''} limit for every service",
        nothing="no compose file runs a service for production",
    )


def replicas_stated(promise: Promise, compose: ComposeFiles, *, service: str, count: int, files: str = "") -> Finding:
    """The service runs with this many replicas."""
    found, holes = chosen(compose, (service,), files=files)
    holes += [
        Hole(
            spot=(each.node.at("deploy.replicas") or each.node).spot,
            what=f"{each.name} runs with {each.replicas} replica{'s' if each.replicas != 1 else ''}, not {count}",
            fix=f"deploy: {{ replicas: {count} }}",
        )
        for each in found
        if each.replicas != count
    ]
    return promise.judged(holes, looked=[each.where for each in found], expected=f"{count} replicas of {service}")


def replicas_can_start(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """What runs several times has neither one name for all nor one port of the host."""
    services = [service for service in services_of(compose, files=files) if service.replicas > 1]
    holes = list[Hole]()
    for service in services:
        count = service.node.at("deploy.replicas") or service.node["scale"]
        if name := service.node["container_name"]:
            what = f"{service.name} has {service.replicas} replicas, and one container_name: the second cannot start"
            holes.append(Hole(spot=name.spot, what=what, fix="leave out container_name", beside=(count.spot,)))
        fixed = [port for port in service.ports if port.port]
        ranges = {port.spot for port in fixed if sum(each.spot == port.spot for each in fixed) > 1}
        for port in fixed:
            if port.spot not in ranges:
                what = f"{service.name} has {service.replicas} replicas, and all publish port {port.port} of the host"
                holes.append(Hole(spot=port.spot, what=what, fix="publish the edge alone", beside=(count.spot,)))
    return promise.judged(
        holes,
        looked=[service.where for service in services],
        expected="replicas that can stand side by side",
        nothing="no compose file runs several replicas",
    )


def services_not_root(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """No service is told to run as root, or with all the rights of the host."""
    services = list(services_of(compose, files=files))
    return promise.judged(
        [hole for service in services for hole in _powers(service)],
        looked=[service.where for service in services],
        expected="services that do not ask for root",
        nothing="no compose file runs a service for production",
    )


def services_unprivileged(
    promise: Promise, compose: ComposeFiles, *, services: tuple[str, ...], files: str = ""
) -> Finding:
    """Each of these services is told to run as a user other than root, by number."""
    found, holes = chosen(compose, services, files=files)
    for service in found:
        user = service.node["user"]
        if not USER.match(user.text):
            what = f"{service.name} runs as {user.text or 'its image says'}, not as a user with a number above 0"
            holes.append(Hole(spot=user.spot, what=what, fix='user: "1001:1001"'))
    return promise.judged(
        holes, looked=[service.where for service in found], expected=f"{', '.join(services)} with uid != 0"
    )


def profile_optional(
    promise: Promise, compose: ComposeFiles, *, profile: str, services: tuple[str, ...], files: str = ""
) -> Finding:
    """These services run only when their profile is asked for, and nothing else waits for them."""
    found, holes = chosen(compose, services, files=files)
    for service in found:
        if profile not in service.node["profiles"].texts:
            what = f"{service.name} runs without the profile {profile} being asked for"
            holes.append(Hole(spot=service.node.spot, what=what, fix=f"profiles: [{profile}]"))
    for other in services_of(compose, files=files):
        for needed in other.dependencies:
            if needed.name in services and other.name not in services:
                what = f"{other.name} waits for {needed.name}, which runs only with the profile {profile}"
                holes.append(Hole(spot=needed.spot, what=what, fix="wait for nothing optional"))
    return promise.judged(
        holes, looked=[service.where for service in found], expected=f"{', '.join(services)} in the profile {profile}"
    )


def _policy(service: Service) -> Node:
    return service.node["restart"] or service.node.at("deploy.restart_policy.condition")


def _unlimited(service: Service, *, cpus: bool) -> Iterator[str]:
    limits = service.node.at("deploy.resources.limits")
    if not (limits["memory"] or service.node["mem_limit"]):
        yield "memory"
    if cpus and not (limits["cpus"] or service.node["cpus"]):
        yield "cpus"


def _powers(service: Service) -> Iterator[Hole]:
    user = service.node["user"]
    if user.text.partition(":")[0] in ROOT:
        what = f"{service.name} is told to run as root"
        yield Hole(spot=user.spot, what=what, fix='user: "1001:1001", or leave it to the image')
    if service.node["privileged"].value is True:
        what = f"{service.name} is privileged: whoever gets into it has the host"
        yield Hole(spot=service.node["privileged"].spot, what=what, fix="cap_add with what it needs")
