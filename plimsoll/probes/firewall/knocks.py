"""Which ports of a live host can be reached from where this run stands, beside what the host says itself."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment, Live
from plimsoll.observations import Ban, Bans, Listener, Listening, Published, Reachability, Reached
from plimsoll.probes.firewall.bans import jail_lines, number
from plimsoll.probes.firewall.host import Shell, shell
from plimsoll.probes.firewall.ports import UNNAMED, firewall_lines, named_ports

SECONDS = 2.0
"""How long a connection may take over a network: TCP asks again after one second (RFC 6298, 2.1)."""

SIDE_BY_SIDE = 16
REJECTED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.EACCES})
NO_FAMILY = frozenset({errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})


def survey(deployment: Deployment, live: Live, published: tuple[Published, ...]) -> Reachability:
    """Connections to every port that is named anywhere, from the zone that this run stands in.

    A closed port means something where another port of the same address answers. With `[live] ssh` the host's own
    account is beside it: its table of sockets, and its firewall's status.
    """
    listeners, status, notes = _account(deployment)
    named = {*named_ports(deployment, published), *(each.port for each in listeners if _public(each))}
    unnamed = tuple(port for port in UNNAMED if port not in named)[:2]
    questions = [(address, port) for address in _addresses(live) for port in sorted({*named, *unnamed})]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        states = list(pool.map(lambda question: _knock(*question), questions))
    rows = [
        Reached(
            zone=live.zone,
            family="IPv6" if ":" in address else "IPv4",
            address=address,
            port=port,
            state=state,
            control=False,
            listens=any(each.port == port and (_public(each) or each.address == address) for each in listeners)
            if listeners
            else None,
        )
        for (address, port), state in zip(questions, states, strict=True)
        if state  # what this machine cannot send says nothing of that one
    ]
    answering = {row.address for row in rows if row.state == "open"}
    return Reachability(
        rows=tuple(replace(row, control=row.address in answering) for row in rows),
        zones={zone.name: zone.reaches for zone in deployment.zones.values()},
        unnamed=unnamed,
        stands=live.zone,
        published=published,
        rules=tuple(firewall_lines(deployment, deployment.root)),
        status=status,
        trouble=notes,
        seen_at=datetime.now(UTC),
    )


def bans(deployment: Deployment, jails: Sequence[tuple[str, str]]) -> Bans:
    """What fail2ban on the live host says of its jails; nobody is tried there."""
    with shell(deployment) as login:
        pong = login.ask("fail2ban-client ping")
        return Bans(
            bans=tuple(_jail(login, jail, service) for jail, service in jails) if not pong.code else (),
            refusal=pong.output.strip() if pong.code else "",
            lines=tuple(jail_lines(deployment, deployment.root)),
            seen_at=datetime.now(UTC),
        )


def listening(deployment: Deployment) -> Listening:
    """Where the live host's programs listen, as its own table of sockets says."""
    with shell(deployment) as login:
        found = login.listeners()
    return Listening(listeners=found, files=("the host's sockets",), at_rest=False, seen_at=datetime.now(UTC))


def _jail(login: Shell, jail: str, service: str) -> Ban:
    stated = {name: login.ask(f"fail2ban-client get {jail} {name}") for name in ("maxretry", "bantime")}
    retries, seconds = (number(said.output.strip()) if not said.code else None for said in stated.values())
    return Ban(jail=jail, service=service, max_retry=retries, ban_seconds=seconds)


def _account(deployment: Deployment) -> tuple[tuple[Listener, ...], str, str]:
    """Where the host says that programs listen, its firewall's status, and why it could not be asked."""
    try:
        with shell(deployment) as login:
            ufw = login.ask("ufw status verbose")
            status = ufw.output if not ufw.code else login.ask("nft list ruleset").output
            return login.listeners(), status.strip(), ""
    except OutOfReach:
        return (), "", ""  # nobody asked to log in
    except CouldNotLook as error:
        return (), "", error.fact


def _addresses(live: Live) -> Iterable[str]:
    """The host's addresses in both families, as far as they are said or can be looked up."""
    name = urlsplit(live.url).hostname or ""
    said = [each for each in (live.address, live.address6) if each]
    if said:
        return said
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CouldNotLook(f"{name} cannot be looked up: {error.strerror}", hint='[live] address = "…"') from error
    return _one_of_each(str(each[4][0]) for each in found)


def _one_of_each(addresses: Iterable[str]) -> Iterator[str]:
    """The first address of each family."""
    families: set[bool] = set()
    for address in addresses:
        if (":" in address) not in families:
            families.add(":" in address)
            yield address


def _knock(address: str, port: int) -> str:
    """What becomes of one connection; nothing when this machine has no way to that family."""
    try:
        socket.create_connection((address, port), timeout=SECONDS).close()
    except TimeoutError:
        return "silent"
    except OSError as error:
        if error.errno in NO_FAMILY:
            return ""
        return "refused" if error.errno in REJECTED else "unreachable"
    return "open"


def _public(each: Listener) -> bool:
    """Whether others than the host itself can come to that address."""
    return not (each.address.startswith("127.") or each.address == "::1")
