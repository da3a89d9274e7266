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

NOWHERE = "/plimsoll-asks-for-what-nobody-has"
"""A path that no site has: what it answers here is what it answers to anything."""

ON_THE_EDGE = ("page", "static", "public", "private", "missing")
BEHIND_IT = ("health", "ready", "metrics", "page", "missing", "private")
"""The path classes asked for at the edge, and those asked for at the application itself."""

POLLUTED = ("limit=1&limit=2", "filter%5B%24gt%5D=1")
"""A repeated parameter, and an operator of a query language in a parameter's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request of the survey. `host` is another of the deployment's than the first."""

    kind: str
    role: str
    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""
    host: str = ""


def askings_of(deployment: Deployment) -> Iterator[Asking]:
    """Every request of the survey; stacks drop those with methods they do not allow, and roles they do not show."""
    yield from dict.fromkeys((*_ordinary(deployment), *_promised(deployment)))
    yield from _redirects(deployment)
    yield from _unwelcome(deployment)


def _ordinary(deployment: Deployment) -> Iterator[Asking]:
    """One request for each class of response, at the edge and behind it, and one with every other method."""
    paths = deployment.paths
    for role, kinds in (("edge", ON_THE_EDGE), ("app", BEHIND_IT)):
        for kind in kinds:
            if kind in paths:
                yield Asking(kind=kind, role=role, method="GET", path=paths[kind])
    for method in ("HEAD", "OPTIONS", "DELETE"):
        yield Asking(kind="method", role="edge", method=method, path=paths["page"])


def _promised(deployment: Deployment) -> Iterator[Asking]:
    """The path classes that promises name, of the role that they name."""
    for parameters in (promise.parameters for promise in deployment.promises):
        kind, role = str(parameters.get("path", "")), str(parameters.get("role", "edge"))
        if kind in deployment.paths:
            yield Asking(kind=kind, role=role, method="GET", path=deployment.paths[kind])


def _redirects(deployment: Deployment) -> Iterator[Asking]:
    """Plain HTTP, with and without a query, and for every host."""
    page = deployment.paths["page"]
    for target in (page, f"{page}?plimsoll=1"):
        yield Asking(kind="redirect", role="edge-plain", method="GET", path=target)
    for host in deployment.hosts[1:]:
        yield Asking(kind="redirect", role="edge-plain", method="GET", path=page, host=host)


def _unwelcome(deployment: Deployment) -> Iterator[Asking]:
    """What should be refused: hidden files, polluted input, bodies above the limit."""
    paths, largest = deployment.paths, deployment.limits.upload_bytes
    yield Asking(kind="nowhere", role="edge", method="GET", path=NOWHERE)
    for path in HIDDEN:
        yield Asking(kind="dotfile", role="edge", method="GET", path=path)
    if "public" in paths:
        for query in POLLUTED:
            yield Asking(kind="polluted", role="edge", method="GET", path=f"{paths['public']}?{query}")
    if "private" in paths and largest:
        for kind, size in (("body-limit", largest), ("body-over", largest + 1)):
            yield Asking(kind=kind, role="edge", method="POST", path=paths["private"], body=bytes(size))
