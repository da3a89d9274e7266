"""Whether markup that somebody sends comes back as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Echo, EchoedMarkup
from plimsoll.probes.web.askings import NOWHERE
from plimsoll.probes.web.hosts import endpoint_at
from plimsoll.probes.web.http import JSON, Visitors, logged_in
from plimsoll.probes.wire import Client
from plimsoll.stacks.protocol import Stack

PAYLOADS = ("<script>plimsoll()</script>", "\"'><img src=x onerror=plimsoll()>")
"""Markup that does no harm and would run: as an element, and out of an attribute (WSTG-INPV-01 and -02)."""


def survey(stack: Stack, deployment: Deployment, visitors: Visitors, *, shown_on: str) -> EchoedMarkup:
    """What pages show of markup in their address, and of what somebody stored where this stack has an account."""
    echoes = [*_reflected(stack, deployment, visitors)]
    if "POST" in stack.methods and {shown_on, "private"} <= deployment.paths.keys():
        with suppress(OutOfReach):  # where nobody can write, what is reflected was seen all the same
            echoes += _stored(stack, deployment, visitors, shown_on)
    return EchoedMarkup(payloads=PAYLOADS, echoes=tuple(echoes), seen_at=datetime.now(UTC))


def _reflected(stack: Stack, deployment: Deployment, visitors: Visitors) -> Iterator[Echo]:
    """The page and a missing one, with markup in the query and in the path."""
    host, page = deployment.place("page")
    edge = endpoint_at(stack, deployment, "edge", host)

    def ask(path: str) -> Echo:
        marker = _marker()
        sent = quote(f"{marker}{' '.join(PAYLOADS)}")
        client = visitors.client(edge)
        return Echo(way="reflected", marker=marker, page=client.exchange("echo", "GET", path.format(sent)))

    paths = (f"{page}?q={{}}", f"{NOWHERE}/{{}}")
    with ThreadPoolExecutor(len(paths)) as pool:
        yield from pool.map(ask, paths)


def _stored(stack: Stack, deployment: Deployment, visitors: Visitors, shown_on: str) -> Iterator[Echo]:
    """The page that shows what people wrote, after somebody wrote markup; what was written is removed again."""
    told, proof = logged_in(stack, deployment, visitors)
    if not proof:
        raise OutOfReach(f"the login failed: {told.where}")
    host, records = deployment.place("private")
    writer = visitors.client(endpoint_at(stack, deployment, "edge", host))
    board_host, board = deployment.place(shown_on)
    reader = visitors.client(endpoint_at(stack, deployment, "edge", board_host))
    marker = _marker()
    body = json.dumps({"title": f"{marker} {' '.join(PAYLOADS)}", "published": True}).encode()
    written = writer.exchange("markup", "POST", records, headers=(*JSON, *proof), body=body)
    try:
        yield Echo(way="stored", marker=marker, page=reader.exchange("echo", "GET", board), written=written)
    finally:
        _removed(writer, records, written.body, proof)


def _removed(writer: Client, records: str, answer: bytes, proof: tuple[tuple[str, str], ...]) -> None:
    """What was written is gone, if the answer says which it is."""
    try:
        number = json.loads(answer)["id"]
    except (ValueError, KeyError, TypeError):
        return
    writer.exchange("markup", "DELETE", f"{records}/{number}", headers=proof)


def _marker() -> str:
    return f"plimsoll{uuid4().hex[:12]}"
