"""What the HTTP survey asks: path class x method, as a list that asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Deployment
from plimsoll.probes.wire import Headers

HIDDEN = (
    "/.env",
    "/.git/config",
    "/.svn/entries",
    "/.htaccess",
    "/%2eenv",
    "/.GIT/HEAD",
    "/assets/..%2f.env",
    "/.env.production",
)
"""Spellings of files that must not be served: plain, percent-encoded, in capitals, by a path that climbs."""

HIDDEN_ODDLY = (
    "/%252eenv",
    "/%c0%aeenv",
    "/..;/.env",
    "/;/.git/config",
    "/%5c.env",
    "/.env;x=1",
    "/.env.",
    "/.env%20",
    "/.env%00",
)
"""Spellings that some server on the way may take for such a file, and that others refuse as malformed: decoded twice,
overlong (CVE-2000-0884), with path parameters, a backslash, and endings that a file system drops."""

NOWHERE = "/plimsoll-asks-for-what-nobody-has"
"""A path that no site has: what it answers here is what it answers to anything."""

ON_THE_EDGE = ("page", "static", "public", "private", "missing")
BEHIND_IT = ("health", "ready", "metrics", "page", "missing", "private")
"""The path classes asked for at the edge, and those asked for at the application itself."""

NAMING = ("path", "on", "page")
"""The parameters by which promises name a path class."""

INVALID = (
    ("invalid", b'{"email": 7, "password": true}'),
    ("invalid", b'{"email": "nobody@plimsoll.invalid", "password": "x", "role": {"$ne": ""}}'),
    ("invalid", b'["nobody@plimsoll.invalid"]'),
    ("invalid", b'{"email": '),
    ("valid", b'{"email": "nobody@plimsoll.invalid", "password": "plimsoll-does-not-know-it"}'),
)
"""Bodies that a login cannot take: of other types, with a key too many, no object, cut off; and one that it can."""

POLLUTED = ("limit=1&limit=2", "filter%5B%24gt%5D=1")
"""A repeated parameter, and an operator of a query language in a parameter's name."""


JSON = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request of the survey. `host` is whom to ask as: "" for the role's first host."""

    kind: str
    role: str
    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""
    host: str = ""


def asking_for(deployment: Deployment, kind: str, *, role: str = "edge", method: str = "GET") -> Asking:
    """The request for a deployment's example of a path class, on the host that has it."""
    host, path = deployment.place(kind)
    return Asking(kind=kind, role=role, method=method, path=path, host=host if role == "edge" else "")


def askings_of(deployment: Deployment) -> Iterator[Asking]:
    """Every request of the survey; stacks drop those with methods they do not allow, and roles they do not show."""
    yield from dict.fromkeys((*_ordinary(deployment), *_promised(deployment)))
    yield from _redirects(deployment)
    yield from _unwelcome(deployment)


def _ordinary(deployment: Deployment) -> Iterator[Asking]:
    """One request for each class of response, at the edge and behind it, and one with every other method."""
    for role in ("edge", *_behind(deployment)):
        for kind in ON_THE_EDGE if role == "edge" else BEHIND_IT:
            if kind in deployment.paths:
                yield asking_for(deployment, kind, role=role)
    host, page = deployment.place("page")
    for method in ("HEAD", "OPTIONS", "DELETE"):
        yield Asking(kind="method", role="edge", method=method, path=page, host=host)


def _behind(deployment: Deployment) -> tuple[str, ...]:
    """The application, and every role besides the edge whose headers are promised."""
    named = [str(p.parameters.get("role", "edge")) for p in deployment.promises if p.area == "headers"]
    return tuple(dict.fromkeys(("app", *(role for role in named if role != "edge"))))


def _promised(deployment: Deployment) -> Iterator[Asking]:
    """The path classes that promises name, of the role that they name."""
    for parameters in (promise.parameters for promise in deployment.promises):
        for named in (parameters.get(name) for name in NAMING):
            for kind in named if isinstance(named, tuple) else (named,):
                if kind in deployment.paths:
                    yield asking_for(deployment, str(kind), role=str(parameters.get("role", "edge")))


def _redirects(deployment: Deployment) -> Iterator[Asking]:
    """Plain HTTP, with and without a query, and for every host."""
    host, page = deployment.place("page")
    for target in (page, f"{page}?plimsoll=1"):
        yield Asking(kind="redirect", role="edge-plain", method="GET", path=target, host=host)
    for other in deployment.hosts:
        if other != host:
            yield Asking(kind="redirect", role="edge-plain", method="GET", path=page, host=other)


def _unwelcome(deployment: Deployment) -> Iterator[Asking]:
    """What should be refused: hidden files, polluted input, bodies above the limit."""
    paths, largest = deployment.paths, deployment.limits.upload_bytes
    first = deployment.hosts[0] if deployment.hosts else ""
    yield Asking(kind="nowhere", role="edge", method="GET", path=NOWHERE, host=first)
    for kind, hidden in (("dotfile", HIDDEN), ("dotfile-oddly", HIDDEN_ODDLY)):
        for path in hidden:
            yield Asking(kind=kind, role="edge", method="GET", path=path, host=first)
    if "public" in paths:
        host, path = deployment.place("public")
        for query in POLLUTED:
            yield Asking(kind="polluted", role="edge", method="GET", path=f"{path}?{query}", host=host)
    if "login" in paths and any(promise.rule == "inputs-validated" for promise in deployment.promises):
        host, path = deployment.place("login")
        for kind, body in INVALID:
            yield Asking(kind=kind, role="edge", method="POST", path=path, headers=JSON, body=body, host=host)
    if "private" in paths and largest:
        host, path = deployment.place("private")
        for kind, size in (("body-limit", largest), ("body-over", largest + 1)):
            yield Asking(kind=kind, role="edge", method="POST", path=path, body=bytes(size), host=host)
