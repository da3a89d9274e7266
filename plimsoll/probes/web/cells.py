"""What the header matrix asks beyond the survey: virtual host x path class x status x method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import dirname

from plimsoll.model import Deployment
from plimsoll.probes.web.askings import NOWHERE, ON_THE_EDGE, Asking, askings_of

ELSEWHERE = ("page", "static", "missing")
"""The path classes asked for on every host, whichever of them has the example."""

MALFORMED = "/%zz"
"""A path that no server can decode (RFC 3986, 2.1): 400 from most."""

LONG = 9_000
"""Characters of a long path or header: nginx takes 8 KiB of either (large_client_header_buffers), Apache 8190 bytes."""


def cells_of(deployment: Deployment) -> tuple[Asking, ...]:
    """The requests that fill the matrix, without those that the survey asks anyway."""
    cells: dict[Asking, Asking] = {}
    for host in deployment.hosts or ("",):
        for cell in _of_host(deployment, host):
            cells.setdefault(_request(cell), cell)
    surveyed = {_request(asking) for asking in askings_of(deployment)}
    return tuple(cell for request, cell in cells.items() if request not in surveyed)


def _of_host(deployment: Deployment, host: str) -> Iterator[Asking]:
    """One host's classes, methods and statuses; of a class that another host has, the same path."""
    places = {
        kind: deployment.place(kind)
        for kind in ON_THE_EDGE
        if kind in deployment.paths and (kind in ELSEWHERE or deployment.place(kind)[0] == host)
    }
    paths = {"missing": NOWHERE, **{kind: path for kind, (_, path) in places.items()}}
    page = Asking(kind="page", role="edge", method="GET", path=paths["page"], host=host)
    for kind, path in paths.items():
        yield replace(page, kind=kind, path=path)
    for method in ("HEAD", "OPTIONS", "DELETE"):
        yield replace(page, method=method, kind="method")
    yield replace(page, kind="hidden", path="/.env")
    yield replace(page, kind="malformed", path=MALFORMED)
    yield replace(page, kind="long-uri", path=f"{page.path}?{'x' * LONG}")
    yield replace(page, kind="long-header", headers=(("X-Plimsoll", "x" * LONG),))
    if "static" in paths:
        static = replace(page, kind="static", path=paths["static"])
        yield replace(static, headers=(("If-None-Match", "*"),))
        yield replace(static, method="POST")
        yield replace(static, kind="directory", path=f"{dirname(static.path).rstrip('/')}/")
    if largest := deployment.limits.upload_bytes:
        yield replace(page, kind="body-over", method="POST", body=bytes(largest + 1))


def _request(asking: Asking) -> Asking:
    """The request alone, whatever it is asked for."""
    return replace(asking, kind="")
