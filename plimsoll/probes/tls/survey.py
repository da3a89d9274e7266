"""The TLS survey of one port for one virtual host: what it negotiates, what it refuses, and who it says that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.observations import TlsSurvey, TlsSurveys
from plimsoll.observations.tls import VERSIONS
from plimsoll.probes.tls import openssl
from plimsoll.probes.tls.certificate import chains
from plimsoll.probes.tls.handshake import Answer, Hand, Shaken, offer
from plimsoll.probes.tls.hello import EXTENDED_MASTER_SECRET, RENEGOTIATION_INFO
from plimsoll.probes.tls.negotiation import Negotiation
from plimsoll.probes.tls.sessions import PREFACE, WAYS, protocols, resumed
from plimsoll.probes.tls.starttls import serves_plaintext
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

DEADLINE = 10.0
"""Seconds for the survey of one virtual host, the per-probe deadline of the smoke run."""

SIDE_BY_SIDE = 8
"""Handshakes at once: a round trip each, and far from the connection limits of any server."""

TLS13 = VERSIONS[-1]

USUAL = ("h2", "http/1.1")
"""What browsers offer by ALPN."""

ALPN: Mapping[tuple[str, ...], bytes] = {("h2",): PREFACE, ("http/1.1",): b""}
"""What is offered by ALPN, and what is said once it was chosen."""


def surveys(
    places: Sequence[tuple[Endpoint, str]], *, deadline: float = DEADLINE, source: str = "", user: str = "postgres"
) -> TlsSurveys:
    """What each endpoint negotiates with clients of a virtual host of it, all side by side, within one deadline."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool, ThreadPoolExecutor(max(len(places), 1)) as desk:

        def one(endpoint: Endpoint, host: str) -> TlsSurvey:
            hand = Hand(endpoint=endpoint, host=host, deadline=Deadline.after(deadline), source=source)
            return survey(hand, pool, user=user)

        found = tuple(desk.map(one, *zip(*places, strict=True))) if places else ()
    return TlsSurveys(surveys=found, seen_at=datetime.now(UTC))


def survey(hand: Hand, pool: Executor, *, user: str = "postgres") -> TlsSurvey:
    """What the endpoint negotiates with clients of this virtual host. Handshakes are made side by side in the pool."""
    negotiation = Negotiation(hand=hand, pool=pool)
    # PostgreSQL says "no encryption" to any address that it has no line for: its own machine's is the one it knows.
    source = hand.source if hand.endpoint.scheme in ("http", "https") else ""
    plaintext = pool.submit(serves_plaintext, hand.endpoint, deadline=hand.deadline, source=source, user=user)
    usual = pool.submit(hand.shake, offer(alpn=USUAL))
    answers = _with_usual(negotiation.versions(), usual.result())
    spoken = [version for version, answer in answers.items() if answer.accepted]
    endpoint = hand.endpoint
    seen = TlsSurvey(
        role=endpoint.role,
        scheme=endpoint.scheme,
        host=hand.host,
        port=endpoint.port,
        versions=tuple(answer.seen(version, suite=answer.flight.suite) for version, answer in answers.items()),
        seen_at=datetime.now(UTC),
    )
    if not spoken:
        silence = next((a.detail for a in reversed(answers.values()) if a.outcome == "unmeasured"), "")
        trouble = f"no TLS handshake with {hand.host}: {silence}" if silence else ""
        return replace(seen, plaintext=plaintext.result(), trouble=trouble)
    shown = pool.submit(openssl.shown, hand)
    renegotiates = pool.submit(openssl.renegotiates, hand) if spoken != [TLS13] else None
    ways = {way: pool.submit(resumed, hand, way) for way, (version, _) in WAYS.items() if version in spoken}
    alpn = {names: pool.submit(hand.shake, offer(alpn=names), say=say) for names, say in ALPN.items()}
    alpn[USUAL] = usual
    found = negotiation.suites(answers)
    suites = tuple(suite for suite, _ in found)
    flights = [flight for _, flight in found]
    session = shown.result()
    seen = replace(
        _with_extensions(seen, answers),
        suites=suites,
        groups=negotiation.groups(suites),
        orders=negotiation.orders(suites),
        fallback_refused=negotiation.fallback_refused(answers),
        chains=chains(
            hand,
            [*([session.chain] if session else []), *(flight.certificates for flight in flights)],
            stapled=[
                *([session.chain[0]] if session and session.stapled else []),
                *(flight.certificates[0] for flight in flights if flight.stapled and flight.certificates),
            ],
        ),
    )
    chosen = protocols({names: shaken.result() for names, shaken in alpn.items()})  # last: silence takes all the time
    return replace(
        seen,
        alpn=chosen.names,
        http2_preface=chosen.http2,
        resumed={way: answer for way, told in ways.items() if (answer := told.result()) is not None},
        renegotiates=renegotiates.result() if renegotiates else False,
        plaintext=plaintext.result(),
    )


def _with_usual(answers: dict[str, Answer], shaken: Shaken) -> dict[str, Answer]:
    """The answers; a version that a common client was given is spoken, whatever the server made of our hellos."""
    if shaken.accepted and shaken.version in answers and not answers[shaken.version].accepted:
        return {**answers, shaken.version: Answer(outcome="accepted", detail="to a common client's hello alone")}
    return answers


def _with_extensions(seen: TlsSurvey, answers: Mapping[str, Answer]) -> TlsSurvey:
    """The survey with what the server's hellos said besides; TLS 1.3 has no compression and needs no extensions."""
    old = [a.flight for version, a in answers.items() if a.accepted and version != TLS13]
    extended = [flight.extensions for flight in old if flight.version != VERSIONS[0]]
    return replace(
        seen,
        compressed=any(flight.compressed for flight in old),
        secure_renegotiation=all(RENEGOTIATION_INFO in each for each in extended) if extended else None,
        extended_master_secret=all(EXTENDED_MASTER_SECRET in each for each in extended) if extended else None,
    )
