"""A deployment that already runs somewhere. Nothing is started, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult

from plimsoll.errors import BadInput
from plimsoll.model import Deployment, Live
from plimsoll.shape import WrongShape, web_address
from plimsoll.stacks.protocol import HTTP, HTTPS, Endpoint

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""All that a live target is asked with (RFC 9110, 9.2.1), but for one TRACE, which carries no credentials to echo."""


class LiveStack:
    """The endpoints of a running deployment: the edge, and where it answers plain HTTP, if only there."""

    kind = "live"
    methods = SAFE
    secrets: tuple[str, ...] = ()

    def __init__(self, deployment: Deployment) -> None:
        if deployment.live is None:
            raise BadInput(
                "this deployment does not say where it runs live",
                key="--stack",
                hint='[live] url = "https://…" or --url',
            )
        self.provides = frozenset(deployment.live.provides)
        self.intrusive = "intrusive" in deployment.live.allow
        self.images: Mapping[str, str] = {"edge": deployment.live.url}
        self.artefacts: Path = deployment.root
        self.endpoints = tuple(_endpoints(deployment, deployment.live))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing was started, so nothing is stopped."""


def _endpoints(deployment: Deployment, live: Live) -> Iterator[Endpoint]:
    url = _checked(live.url)
    assert url.hostname is not None  # noqa: S101 - just checked
    port = url.port or (HTTPS if url.scheme == "https" else HTTP)
    edge = Endpoint(
        role="edge",
        scheme=url.scheme,
        host=deployment.hosts[0] if deployment.hosts else url.hostname,
        port=port,
        address=(live.address or url.hostname, port),
        authority=deployment.root / live.ca if live.ca else None,
    )
    yield edge
    plain = port if url.scheme == "http" else live.plain_port or (HTTP if port == HTTPS else 0)
    if plain:
        yield replace(
            edge, role="edge-plain", scheme="http", port=plain, address=(edge.address[0], plain), authority=None
        )


def _checked(text: str) -> SplitResult:
    try:
        return web_address(text)
    except WrongShape as error:
        raise BadInput(str(error), key="url", hint="https://host or https://host:port") from error
