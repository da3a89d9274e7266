"""What scripts of other origins get: the promised ones, strangers, and those that look alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from plimsoll.model import Deployment
from plimsoll.observations import CrossOrigin, OriginTrial
from plimsoll.probes.web.askings import Asking, asking_for
from plimsoll.probes.web.http import Visitors, answers
from plimsoll.probes.wire import GLANCE
from plimsoll.stacks.protocol import Stack

FOREIGN = "https://plimsoll-stranger.example"
"""An origin that nobody promised anything (RFC 2606)."""

PREFLIGHTED = ("foreign", "null", "promised")
"""The likenesses whose preflights are asked, too: what lets a look-alike in does so on every method."""


def survey(
    stack: Stack, deployment: Deployment, visitors: Visitors, *, kinds: Sequence[str], origins: Sequence[str]
) -> CrossOrigin:
    """What those path classes answer to scripts of these origins and of others, with and without a preflight."""
    asked = [
        (likeness, origin, preflight, _asking(deployment, path, origin, preflight=preflight))
        for path in kinds
        for likeness, origin in _origins(origins, deployment.hosts[0] if deployment.hosts else "")
        for preflight in ((False, True) if likeness in PREFLIGHTED else (False,))
    ]
    exchanges = answers(stack, deployment, visitors, (asking for *_, asking in asked), body_limit=GLANCE)
    return CrossOrigin(
        trials=tuple(
            OriginTrial(kind=kind, origin=origin, preflight=preflight, exchange=exchange)
            for (kind, origin, preflight, _), exchange in zip(asked, exchanges, strict=True)
        ),
        seen_at=datetime.now(UTC),
    )


def _origins(promised: Sequence[str], host: str) -> Iterator[tuple[str, str]]:
    """The origins to ask as, and how each resembles the promised ones; without any, the site's own stands for them."""
    yield "foreign", FOREIGN
    yield "null", "null"
    for origin in promised:
        yield "promised", origin
    name = urlsplit(promised[0]).hostname if promised else host
    if name:
        yield "suffix", f"https://{name}.plimsoll-stranger.example"
        yield "prefix", f"https://plimsoll-stranger{name}"
        yield "subdomain", f"https://plimsoll-stranger.{name}"
        yield "plain", f"http://{name}"


def _asking(deployment: Deployment, kind: str, origin: str, *, preflight: bool) -> Asking:
    place = asking_for(deployment, kind)
    headers = (("Origin", origin), *((("Access-Control-Request-Method", "GET"),) if preflight else ()))
    method = "OPTIONS" if preflight else "GET"
    return Asking(kind=kind, role=place.role, method=method, path=place.path, host=place.host, headers=headers)
