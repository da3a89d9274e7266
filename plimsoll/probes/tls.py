"""The TLS survey of one endpoint: what it negotiates, what it refuses, and the certificate it shows."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook
from plimsoll.observations import Certificate, Handshake, TlsSurvey
from plimsoll.probes.certificate import read_certificate
from plimsoll.probes.connection import trust
from plimsoll.probes.handshake import Hand, Shaken, offer, offer_alone
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

DEADLINE = 10.0
"""Seconds for the whole survey, the per-probe deadline of the smoke run."""

SIDE_BY_SIDE = 8
"""Handshakes at once: a round trip each, and far from the connection limits of any server."""

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
"""The versions that the ssl module can offer; it never could offer SSLv3."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""What an HTTP/2 client says first: the preface and an empty SETTINGS frame (RFC 9113, 3.4 and 6.5)."""

FRAME_HEADER, FRAME_TYPE, SETTINGS = 9, 3, 4
"""A frame's header has nine bytes, the fourth tells its type; the server's first frame is SETTINGS (RFC 9113, 4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suites:
    """What TLS 1.2 looked like: the first handshake, every suite offered and the server's answer, whose order rules."""

    first: Shaken
    suites: tuple[Handshake, ...] = ()
    prefers_own_order: bool | None = None


def survey(
    endpoint: Endpoint, *, hosts: tuple[str, ...] = (), deadline: float = DEADLINE, source: str = ""
) -> TlsSurvey:
    """What the endpoint negotiates, within `deadline` seconds in total. Raises CouldNotLook if it answers nothing.

    For each of `hosts`, chain and name are verified with that host's SNI against the endpoint's authority.
    """
    hand = Hand(endpoint=endpoint, deadline=Deadline.after(deadline), source=source)
    offers = {name: offer_alone(version) for name, version in VERSIONS.items() if name != "TLSv1.2"}
    trusted = trust(endpoint.authority)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        tls12 = pool.submit(_suites, hand)
        single = {name: pool.submit(_shake, hand, context) for name, context in offers.items()}
        both = pool.submit(hand.shake, offer(alpn=("h2", "http/1.1")))
        http2 = pool.submit(hand.shake, offer(alpn=("h2",)), say=PREFACE)
        http1 = pool.submit(hand.shake, offer(alpn=("http/1.1",)))
        resumed = pool.submit(_resumed, hand)
        chains = {host: pool.submit(hand.shake, trusted, host=host) for host in hosts}
    seen = {name: tls12.result().first if name == "TLSv1.2" else single[name].result() for name in VERSIONS}
    if all(shaken.outcome == "unmeasured" for shaken in seen.values()):
        raise CouldNotLook(f"no TLS handshake with {endpoint.host}: {seen['TLSv1.3'].detail}")
    tls13 = seen["TLSv1.3"]
    answer = http2.result().answer
    return TlsSurvey(
        host=endpoint.host,
        versions=tuple(shaken.as_version(name) for name, shaken in seen.items()),
        suites=(*((tls13.as_version("TLSv1.3"),) if tls13.accepted else ()), *tls12.result().suites),
        alpn=tuple(dict.fromkeys(s.result().alpn for s in (both, http2, http1) if s.result().alpn)),
        http2_preface=len(answer) >= FRAME_HEADER and answer[FRAME_TYPE] == SETTINGS,
        certificate=_certificate(reversed(seen.values())),
        chain_trouble={host: s.result().detail for host, s in chains.items() if s.result().outcome != "unmeasured"},
        prefers_own_order=tls12.result().prefers_own_order,
        resumed=resumed.result(),
        seen_at=datetime.now(UTC),
    )


def _shake(hand: Hand, context: ssl.SSLContext | str) -> Shaken:
    return hand.shake(context) if isinstance(context, ssl.SSLContext) else Shaken(outcome="unmeasured", detail=context)


def _suites(hand: Hand) -> Suites:
    """Every TLS 1.2 suite that this machine knows: all are offered, then all but those chosen, until none is taken."""
    context = offer(ssl.TLSVersion.TLSv1_2)
    shaken = first = hand.shake(context)
    left = [suite["name"] for suite in context.get_ciphers() if suite["protocol"] != "TLSv1.3"]
    taken: list[str] = []
    while shaken.accepted and shaken.suite in left:
        left.remove(shaken.suite)
        taken.append(shaken.suite)
        if not left:
            break
        context.set_ciphers(":".join((*left, "@SECLEVEL=0")))
        shaken = hand.shake(context)
    rest = "unmeasured" if shaken.accepted else shaken.outcome
    return Suites(
        first=first,
        suites=(
            *(Handshake(version="TLSv1.2", outcome="accepted", suite=name) for name in taken),
            *(Handshake(version="TLSv1.2", outcome=rest, suite=name, detail=shaken.detail) for name in left),
        ),
        prefers_own_order=_prefers_own_order(hand, context, taken),
    )


def _prefers_own_order(hand: Hand, context: ssl.SSLContext, taken: list[str]) -> bool | None:
    """Whether two suites get the same answer in either order; None if there are no two, or no answer."""
    chosen = []
    for pair in ((taken[0], taken[-1]), (taken[-1], taken[0])) if len(taken) > 1 else ():
        context.set_ciphers(":".join((*pair, "@SECLEVEL=0")))
        chosen.append(hand.shake(context).suite)
    return chosen[0] == chosen[1] if chosen and all(chosen) else None


def _resumed(hand: Hand) -> bool | None:
    """Whether a second TLS 1.2 handshake took up the session of the first; None if there was no first."""
    context = offer(ssl.TLSVersion.TLSv1_2)
    first = hand.shake(context)
    if first.session is None:
        return None
    second = hand.shake(context, session=first.session)
    return second.resumed if second.accepted else None


def _certificate(newest_first: Iterable[Shaken]) -> Certificate | None:
    """The leaf of the newest version that was accepted; None if there was none or none that can be read."""
    for shaken in newest_first:
        if shaken.certificate:
            try:
                return read_certificate(shaken.certificate)
            except ValueError:
                return None
    return None
