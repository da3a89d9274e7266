"""That platforms' files agree with each other, with the cluster's and with themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node, PlatformFiles, TerraformFiles
from plimsoll.rules.cloud.blocks import all_of, blocks_of
from plimsoll.rules.cloud.tasks import tasks_of
from plimsoll.rules.kubernetes.objects import containers_of
from plimsoll.rules.texts import whole_number

__all__ = [
    "balanced_ports_open",
    "task_checks_its_port",
    "task_health_agrees",
    "task_memory_fits",
    "vercel_routes_built",
]

ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>\d{1,5}))?(?P<path>/[\w./-]*)?")
"""What a health check asks of its own container."""

RENEWED = re.compile(r"[^a-z0-9]+")


def task_checks_its_port(
    promise: Promise, platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = ""
) -> Finding:
    """Every task's health check asks a port that its container has."""
    looked: list[Node] = []
    holes: list[Hole] = []
    for task in tasks_of(platforms, terraform, files=files):
        for container in task.containers:
            ports = [mapping["containerPort"] for mapping in container["portMappings"].items]
            command = container.at("healthCheck.command")
            asked = ASKED.search(" ".join(command.texts))
            if not ports or not asked or None in [whole_number(port.text) for port in ports]:
                continue
            looked.append(command)
            if (asked["port"] or "80") not in [port.text for port in ports]:
                has = " and ".join(port.text for port in ports)
                what = f"the health check of {container['name'].text} asks port {asked['port'] or 80}, it has {has}"
                holes.append(Hole(spot=command.spot, what=what, fix=f"port {has}", beside=(ports[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: a health check" for node in looked],
        expected="health checks at ports of their containers",
        nothing="no task has a health check over HTTP and a port",
    )


def task_memory_fits(
    promise: Promise, platforms: PlatformFiles | None, terraform: TerraformFiles | None, *, files: str = ""
) -> Finding:
    """A task's containers together need no more memory and CPU than the task has."""
    looked: list[Node] = []
    holes: list[Hole] = []
    for task in tasks_of(platforms, terraform, files=files):
        for key in ("memory", "cpu"):
            whole, parts = task.said(key), [each[key] for each in task.containers]
            room = whole_number(whole.text)
            if room is None:
                continue
            looked.append(whole)
            total = sum(whole_number(part.text) or 0 for part in parts)
            if total > room:
                what = f"{task} has {whole.text} of {key}, its containers need {total}: it is refused"
                spots = tuple(part.spot for part in parts if whole_number(part.text) is not None)
                holes.append(Hole(spot=whole.spot, what=what, fix=f"{key}: {total}", beside=spots))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: {node.text}" for node in looked],
        expected="containers that fit into their task",
        nothing="no task states its size",
    )


def balanced_ports_open(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """Every service that a load balancer leads to has that container with that port."""
    tasks = {task.block.address: task for task in tasks_of(None, terraform, files=files) if task.block}
    looked: list[Node] = []
    holes: list[Hole] = []
    for service in blocks_of(terraform, "resource", "aws_ecs_service", files=files):
        named = service.node["task_definition"].text
        task = next((each for address, each in tasks.items() if f"{address}." in f"{named}."), None)
        if task is None or not task.containers:
            continue
        for balancer in all_of(service.node, "load_balancer"):
            name, port = balancer["container_name"], balancer["container_port"]
            ports = {c["name"].text: [m["containerPort"] for m in c["portMappings"].items] for c in task.containers}
            looked.append(balancer)
            if name.text not in ports:
                what = f"{service} leads to the container {name.text}, {task} has {' and '.join(ports)}"
                holes.append(Hole(spot=name.spot, what=what, fix=next(iter(ports)), beside=(task.spot,)))
            elif port.text not in [each.text for each in ports[name.text]]:
                has = " and ".join(each.text for each in ports[name.text]) or "none"
                what = f"{service} leads to port {port.text} of {name.text}, which has {has}"
                spots = tuple(each.spot for each in ports[name.text]) or (task.spot,)
                holes.append(Hole(spot=port.spot, what=what, fix=f"container_port = {has}", beside=spots))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: a load balancer's target" for node in looked],
        expected="targets that are ports of containers",
        nothing="no service is led to by a load balancer",
    )


def vercel_routes_built(promise: Promise, platforms: PlatformFiles, *, files: str = "") -> Finding:
    """Every route of a Vercel project leads into what the project builds."""
    looked: list[Node] = []
    holes: list[Hole] = []
    for document in platforms.of(Kind.VERCEL, files=files):
        builds = document.root["builds"]
        folders = [each["src"].text.rpartition("/")[0] for each in builds.items]
        if not folders or "" in folders or any("*" in folder for folder in folders):
            continue
        for leads in (route["dest"] for route in document.root["routes"].items):
            if not leads or "://" in leads.text or leads.text.startswith("$"):
                continue
            looked.append(leads)
            if not any(f"{leads.text.lstrip('/')}/".startswith(f"{folder.lstrip('/')}/") for folder in folders):
                what = f"a route leads to {leads.text}, built is {' and '.join(folders)}: it answers 404"
                holes.append(Hole(spot=leads.spot, what=what, fix=f"{folders[0]}/…", beside=(builds.spot,)))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: {node.text}" for node in looked],
        expected="routes into what is built",
        nothing="no project of Vercel states builds and routes",
    )


def task_health_agrees(promise: Promise, platforms: PlatformFiles, manifests: Manifests, *, files: str = "") -> Finding:
    """A service is asked for its health by the same path on every platform that runs it."""
    asked = [(container.name, container.node[f"{kind}Probe"].at("httpGet.path"))
             for container in containers_of(manifests) for kind in ("liveness", "readiness")]  # fmt: skip # one thought
    known = [(name, path) for name, path in asked if path]
    looked: list[Node] = []
    holes: list[Hole] = []
    for name, path, node in _checks(platforms, files):
        same = [other for service, other in known if not name or RENEWED.sub("", service) == RENEWED.sub("", name)]
        if not same:
            continue
        looked.append(node)
        if path not in [other.text for other in same]:
            what = f"{name or 'the platform'} is asked for its health at {path}, in the cluster at {same[0].text}"
            holes.append(Hole(spot=node.spot, what=what, fix=same[0].text, beside=(same[0].spot,)))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: {node.text or 'a health check'}" for node in looked],
        expected="one path for a service's health",
        nothing="no service is asked for its health by a platform and a cluster",
    )


def _checks(platforms: PlatformFiles, files: str) -> Iterator[tuple[str, str, Node]]:
    """The services that platforms ask for their health, by which path; "" for a platform's only service."""
    for task in tasks_of(platforms, None, files=files):
        for container in task.containers:
            command = container.at("healthCheck.command")
            found = ASKED.search(" ".join(command.texts))
            if found:
                yield container["name"].text, found["path"] or "/", command
    for document in platforms.of(Kind.RAILWAY, files=files):
        path = document.root.at("deploy.healthcheckPath")
        if path:
            yield "", path.text, path
