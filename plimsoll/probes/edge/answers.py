"""The same address asked in several ways: compressed or not, again, as somebody, over the other family."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.errors import OutOfReach
from plimsoll.observations import CachedAnswers, Families, HttpExchange, Negotiated
from plimsoll.probes.edge.asker import SIDE_BY_SIDE, Asker
from plimsoll.probes.wire import Client, Headers
from plimsoll.stacks.protocol import Accounts

NOTHING = "plimsoll=nobody"
"""A cookie and a token that no site knows: they only show what a cache makes of anybody's."""


def negotiated(asker: Asker, kinds: Iterable[str], codings: Iterable[str]) -> Negotiated:
    """What each path class gets with each coding, with none said, and with gzip refused."""
    accepted = {coding: (("Accept-Encoding", coding),) for coding in codings}
    ways: dict[str, Headers] = {**accepted, "none": (), "refused": (("Accept-Encoding", "gzip;q=0, identity"),)}
    seen = [asker.get(kind, f"{way} {kind}", headers=headers) for kind in kinds for way, headers in ways.items()]
    return Negotiated(exchanges=tuple(seen), seen_at=datetime.now(UTC))


def cached(asker: Asker, kinds: Iterable[str]) -> CachedAnswers:
    """What an address that nobody asked for before gets at first, again, and with a cookie or a token.

    Where the stack has an account for us, also what somebody else gets after we have seen our private page.
    """
    seen = []
    ways: dict[str, Headers] = {
        "first": (),
        "again": (),
        "cookie": (("Cookie", NOTHING),),
        "bearer": (("Authorization", "Bearer nobody"),),
    }
    for kind in kinds:
        query = f"plimsoll={secrets.token_hex(4)}"
        seen += [asker.get(kind, f"{way} {kind}", headers=headers, query=query) for way, headers in ways.items()]
    paths = asker.deployment.paths
    if "login" in paths and "private" in paths and (bearer := _bearer(asker)):
        query = f"limit={secrets.randbelow(90) + 1}"
        seen += [
            asker.get("private", f"{who} private", headers=headers, query=query)
            for who, headers in (("user", bearer), ("anyone", ()))
        ]
    return CachedAnswers(exchanges=tuple(seen), seen_at=datetime.now(UTC))


def families(asker: Asker, address6: str) -> Families:
    """What pages get over IPv4 and IPv6, encrypted and plain. Raises OutOfReach without an IPv6 address to ask."""
    if not address6:
        raise OutOfReach("no IPv6 address is known of this deployment", hint='[live] address6 = "…"')
    asking = [
        (role, kind, family)
        for role in asker.roles("edge", "edge-plain")
        for kind in ("page", "missing")
        if kind in asker.deployment.paths
        for family in ("4", "6")
    ]

    def ask(role: str, kind: str, family: str) -> HttpExchange:
        endpoint, path = asker.at(kind, role)
        where = endpoint if family == "4" else replace(endpoint, address=(address6, endpoint.address[1]))
        asker.visitors.source()
        return replace(Client(where, deadline=asker.deadline).exchange(f"{family} {kind}", "GET", path), role=role)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        seen = tuple(pool.map(ask, *zip(*asking, strict=True)))
    return Families(exchanges=seen, seen_at=datetime.now(UTC))


def _bearer(asker: Asker) -> Headers:
    """The header of somebody who has just logged in; nothing if nobody can."""
    if not isinstance(asker.stack, Accounts) or "POST" not in asker.stack.methods:
        return ()
    endpoint, path = asker.at("login")
    user, password = asker.stack.account
    client = asker.visitors.client(endpoint)
    told = client.exchange(
        "login",
        "POST",
        path,
        headers=(("Content-Type", "application/json"),),
        body=json.dumps({"email": user, "password": password}).encode(),
    )
    try:
        return (("Authorization", f"Bearer {json.loads(told.body)['access_token']}"),)
    except (ValueError, KeyError, TypeError):
        return ()
