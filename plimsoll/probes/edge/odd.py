"""Requests that no browser sends: odd methods, hosts that are not ours, lures, other spellings of a closed path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.model import Deployment
from plimsoll.observations import HostClaims, Lures, Methods, Spellings
from plimsoll.probes.connection import host_header
from plimsoll.probes.edge.asker import Asker, Oddity
from plimsoll.probes.web.askings import NOWHERE
from plimsoll.probes.wire import Headers

STRANGER = "plimsoll.invalid"
"""A host that nobody has (RFC 2606, 2)."""

PLANTED = "X-Plimsoll-Planted"
"""A header that no server sends of its own accord."""

SAFE_ODDITY = "TRACE"
"""Safe by RFC 9110, 9.2.1: what it may echo is what we sent, and we send no secrets."""

ODD_METHODS = (SAFE_ODDITY, "TRACK", "CONNECT", "PLIMSOLL")
CHANGING = ("PUT", "PATCH", "DELETE")
NEXT = ("next", "url", "redirect", "redirect_uri", "return", "returnTo", "continue", "dest")
"""Parameters by which applications are told where to send somebody."""


def methods(asker: Asker, path: str = "page") -> Methods:
    """What each method gets on a page: the odd ones, and those that change things where the stack allows them."""
    host, target = asker.deployment.place(path)
    tried: tuple[str, ...] = (SAFE_ODDITY,)
    if asker.stack.intrusive:
        tried = (*ODD_METHODS, *(method for method in CHANGING if method in asker.stack.methods))
    seen = asker.all(Oddity(kind=path, method=method, target=target, host=host) for method in ("GET", *tried))
    return Methods(exchanges=seen, seen_at=datetime.now(UTC))


def host_claims(asker: Asker) -> HostClaims:
    """What requests get that name hosts which are not ours."""
    ours = host_header(asker.endpoint("edge"))
    host, page = asker.deployment.place("page") if "page" in asker.deployment.paths else ("", "/")
    edge = asker.endpoint("edge")
    misled: Headers = (
        ("X-Forwarded-Host", STRANGER),
        ("X-Host", STRANGER),
        ("X-Forwarded-Server", STRANGER),
        ("X-HTTP-Host-Override", STRANGER),
        ("Forwarded", f"host={STRANGER}"),
    )

    ordinary = Oddity(kind="control", method="GET", target=page, host=host)
    oddities = [ordinary]
    for role in asker.roles("edge", "edge-plain"):
        oddities.append(replace(ordinary, kind="unknown", role=role, hosts=(STRANGER,)))
        oddities.append(replace(ordinary, kind="forwarded", role=role, headers=misled))
    oddities += [
        Oddity(kind="forwarded", method="GET", target=target, host=where, headers=misled)
        for where, target in _places(asker.deployment, "private", "login", "missing")
    ]
    oddities += [
        replace(ordinary, kind="absolute", target=f"{edge.scheme}://{STRANGER}{page}"),
        replace(ordinary, kind="twice", hosts=(ours, STRANGER)),
        replace(ordinary, kind="twice", hosts=(STRANGER, ours)),
        replace(ordinary, kind="missing", hosts=()),
        replace(ordinary, kind="rubbish", hosts=(f"{edge.host}/{STRANGER}",)),
    ]
    return HostClaims(exchanges=asker.all(oddities), stranger=STRANGER, seen_at=datetime.now(UTC))


def lures(asker: Asker) -> Lures:
    """What requests get that try to be sent to a stranger, or to plant a header."""
    there = f"https://{STRANGER}/"
    asked = "&".join(f"{name}={there}" for name in NEXT)
    planting = f"%0d%0a{PLANTED}:%20yes"
    targets = [
        f"//{STRANGER}/",
        f"//{STRANGER}/%2e%2e",
        f"/%2f{STRANGER}/",
        f"/\\{STRANGER}/",
        f"/%5c{STRANGER}/",
        f"/x{planting}",
        f"/x%0d%0aLocation:%20{there}",
        f"/x?y={planting}",
    ]
    page = asker.deployment.place("page") if "page" in asker.deployment.paths else ("", "/")
    oddities = [Oddity(kind="control", method="GET", target=page[1], host=page[0])]
    for role in asker.roles("edge", "edge-plain"):
        oddities += [Oddity(kind="lure", method="GET", target=target, role=role, host=page[0]) for target in targets]
    oddities += [
        Oddity(kind="lure", method="GET", target=f"{target}{'&' if '?' in target else '?'}{asked}", host=host)
        for host, target in dict.fromkeys((page, *_places(asker.deployment, "private", "login")))
    ]
    return Lures(exchanges=asker.all(oddities), stranger=STRANGER, planted=PLANTED, seen_at=datetime.now(UTC))


def spellings(asker: Asker, kinds: Iterable[tuple[str, str]]) -> Spellings:
    """What other spellings of paths get; `kinds` are path classes with the role that serves them behind the edge."""
    oddities = []
    for kind, role in kinds:
        host, path = asker.deployment.place(kind)
        oddities += [Oddity(kind=kind, method="GET", target=path, role=each) for each in asker.roles(role)]
        oddities += [Oddity(kind=kind, method="GET", target=target, host=host) for target in (path, *spelled(path))]
        oddities.append(Oddity(kind="nowhere", method="GET", target=NOWHERE, host=host))
    page = asker.deployment.place("page") if "page" in asker.deployment.paths else ("", "/")
    oddities.append(Oddity(kind="page", method="GET", target=page[1], host=page[0]))
    return Spellings(exchanges=asker.all(oddities), seen_at=datetime.now(UTC))


def spelled(path: str) -> Iterator[str]:
    """Other spellings of a path, which some server on the way may take for the path itself."""
    rest = path.removeprefix("/")
    coded = f"%{ord(rest[:1] or '/'):02x}{rest[1:]}"
    yield from (f"//{rest}", f"/./{rest}", f"/x/../{rest}", f"/{coded}", f"/{coded.replace('%', '%25')}")
    yield from (
        f"/%2e/{rest}",
        f"/x/%2e%2e/{rest}",
        f"/x%2f..%2f{rest}",
        f"/x/..;/{rest}",
        f"/;/{rest}",
        f"/x\\..\\{rest}",
    )
    yield from (
        f"{path}{tail}" for tail in ("/", "/.", "//", "%2f", ";x=1", ".", "%20", "%09", "%00", "?", "%23", "%3f")
    )
    yield path.upper()


def _places(deployment: Deployment, *kinds: str) -> list[tuple[str, str]]:
    return [deployment.place(kind) for kind in kinds if kind in deployment.paths]
