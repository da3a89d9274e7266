"""What cannot be in a deployment, though every key has its shape: figures, words and places that no stack knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from math import isfinite

from plimsoll.model import Deployment, Live, Rollout
from plimsoll.promises import NEEDS
from plimsoll.shape import WrongShape, nearest, shown, web_address

Oddity = tuple[str, str, str, str]
"""Table, key, fact, hint."""

ORCHESTRATORS = {
    "kubernetes": (("context", "namespace"), ("kubeconfig",)),
    "ecs": (("region", "cluster"), ("profile",)),
}
"""What has to be said, and may be said, of each that runs a live deployment."""

ALLOWED = ("intrusive", "load")
"""What a live target may allow beyond a polite client's questions."""

HIGHEST_PORT = 65_535
"""The 16 bits of RFC 9293, 3.1."""

HOST = re.compile(r"[\w.:-]+")
"""A name or an address: no scheme, no path, no blank."""

LOGIN = re.compile(r"(?:[\w.-]+@)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>\d{1,5}))?")
"""Whom to log in as, where, and at which port; the last two as in a URL (RFC 3986, 3.2)."""


def oddities(deployment: Deployment) -> Iterator[Oddity]:
    """What is odd, the tables in the order of the file."""
    yield from _hosts(deployment)
    yield from _limits(deployment)
    yield from _paths(deployment)
    for role, service in deployment.services.items():
        yield from _ports(f"services.{role}", "ports", service.ports)
    yield from _zones(deployment)
    if deployment.live:
        yield from _live(deployment, deployment.live)
    if deployment.rollout:
        yield from _rollout(deployment, deployment.rollout)


def _hosts(deployment: Deployment) -> Iterator[Oddity]:
    for host, times in Counter(deployment.hosts).items():
        if not HOST.fullmatch(host):
            yield "", "hosts", f"{shown(host)} is no name of a host", 'hosts = ["example.com"]'
        elif times > 1:
            yield "", "hosts", f"{shown(host)} stands there {times} times", "each name once"


def _limits(deployment: Deployment) -> Iterator[Oddity]:
    limits = deployment.limits
    if not (isfinite(limits.requests_per_second) and limits.requests_per_second > 0):
        yield "limits", "requests_per_second", f"{limits.requests_per_second:g} is no rate", "a number above 0"
    for key, figure in (("burst", limits.burst), ("quota", limits.quota), ("upload_bytes", limits.upload_bytes)):
        if figure < 0:
            yield "limits", key, f"{figure} is below 0", "0 for none"
    for path, size in deployment.generated.items():
        if size < 0:
            yield "generated", path, f"{size} is below 0", "bytes that the file has"


def _paths(deployment: Deployment) -> Iterator[Oddity]:
    for kind, example in deployment.paths.items():
        if not example.startswith("/"):
            yield "paths", kind, f"{shown(example)} begins with no slash", '"/path", or "//host/path"'
        elif example.startswith("//") and deployment.place(kind)[0] not in deployment.hosts:
            fact = f"{shown(example)} is on no host of this deployment"
            yield "paths", kind, fact, f"hosts = {list(deployment.hosts)}"


def _zones(deployment: Deployment) -> Iterator[Oddity]:
    for zone in deployment.zones.values():
        table = f"zones.{zone.name}"
        if not zone.networks:
            yield table, "networks", "none: nobody is in this zone", 'networks = ["10.0.1.0/24"]'
        for network in zone.networks:
            if not _is_network(network):
                yield table, "networks", f"{shown(network)} is no network", "10.0.1.0/24 or 2001:db8::/32"
        yield from _ports(table, "reaches", zone.reaches)


def _ports(table: str, key: str, ports: Iterable[int]) -> Iterator[Oddity]:
    for port, times in Counter(ports).items():
        if not 0 < port <= HIGHEST_PORT:
            yield table, key, f"{port} is no port", f"1 to {HIGHEST_PORT}"
        elif times > 1:
            yield table, key, f"port {port} stands there {times} times", "each port once"


def _live(deployment: Deployment, live: Live) -> Iterator[Oddity]:
    try:
        web_address(live.url)
    except WrongShape as error:
        yield "live", "url", str(error), 'url = "https://host" or "https://host:port"'
    yield from _addresses(deployment, live)
    if live.plain_port:
        yield from _ports("live", "plain_port", (live.plain_port,))
    if deployment.zones and live.zone not in deployment.zones and live.zone != Live(url="").zone:
        fact = f"no zone {shown(live.zone)}{nearest(live.zone, deployment.zones)}"
        yield "live", "zone", fact, f"there are: {', '.join(deployment.zones)}"
    yield from _login(live)
    yield from _orchestrators(live)
    yield from _words("provides", "surroundings", live.provides, NEEDS)
    yield from _words("allow", "permission", live.allow, ALLOWED)


def _addresses(deployment: Deployment, live: Live) -> Iterator[Oddity]:
    for key, address in (("address", live.address), ("address6", live.address6)):
        if address and not _is_address(address):
            yield "live", key, f"{shown(address)} is no address", "192.0.2.10 or 2001:db8::5"
    for host, address in live.addresses.items():
        if not _is_address(address):
            yield "live.addresses", host, f"{shown(address)} is no address", "192.0.2.10 or 2001:db8::5"
        elif host not in deployment.hosts:
            fact = f"{shown(host)} is no host of this deployment{nearest(host, deployment.hosts)}"
            yield "live.addresses", host, fact, f"hosts = {list(deployment.hosts)}"


def _words(key: str, what: str, words: Iterable[str], known: Iterable[str]) -> Iterator[Oddity]:
    known = tuple(known)
    for word in words:
        if word not in known:
            yield "live", key, f"unknown {what} {shown(word)}{nearest(word, known)}", ", ".join(known)


def _login(live: Live) -> Iterator[Oddity]:
    hint = 'ssh = "user@host:22"'
    found = LOGIN.fullmatch(live.ssh)
    if live.ssh and (found is None or not 0 < int(found["port"] or 22) <= HIGHEST_PORT):
        yield "live", "ssh", f"{shown(live.ssh.rpartition('@')[2])} is no place to log in to", hint
    for key, said in (("ssh_key", live.ssh_key), ("ssh_known_hosts", live.ssh_known_hosts)):
        if said and not live.ssh:
            yield "live", key, "without ssh nobody logs in", hint


def _orchestrators(live: Live) -> Iterator[Oddity]:
    for name, said in (("kubernetes", live.kubernetes), ("ecs", live.ecs)):
        needed, possible = ORCHESTRATORS[name]
        hint = f"{name} = {{ {', '.join(f'{key} = …' for key in needed)} }}"
        for key, value in said.items():
            if key not in (*needed, *possible):
                yield f"live.{name}", key, f"unknown key{nearest(key, (*needed, *possible))}", hint
            elif not value:
                yield f"live.{name}", key, "says nothing", hint
        for key in needed:
            if said and key not in said:
                yield f"live.{name}", key, "missing", hint


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _rollout(deployment: Deployment, rollout: Rollout) -> Iterator[Oddity]:
    known = ", ".join(deployment.services)
    if not rollout.slots or rollout.role not in deployment.services:
        yield "rollout", "slots", "the first slot is no service of this deployment", f"one of: {known}"
    for slot in rollout.slots[1:]:
        if slot in deployment.services:
            yield "rollout", "slots", f"{shown(slot)} is a service that runs all the time", "a name of its own"
    if not deployment.recovery:
        yield (
            "rollout",
            "runbook",
            "nothing says where the host's scripts find their settings",
            "[recovery] environment = …",
        )
