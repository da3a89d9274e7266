"""What a port negotiates with clients that want TLS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from plimsoll.model import Finding, Promise
from plimsoll.observations import NginxConfig, TlsSurvey, TlsSurveys
from plimsoll.rules.texts import whole_number
from plimsoll.rules.tls.surveys import Said, chosen, over, shortened

__all__ = ["http2_offered", "tls_groups", "tls_order", "tls_suites", "tls_versions"]

EDGE = "edge"
TLS13 = "TLSv1.3"
ALIASES = {"prime256v1": "secp256r1", "p-256": "secp256r1", "p-384": "secp384r1", "p-521": "secp521r1"}
"""What else groups are called: by OpenSSL, and by NIST."""


def tls_versions(
    promise: Promise, surveys: TlsSurveys, *, versions: tuple[str, ...], or_fewer: bool = False, role: str = EDGE
) -> Finding:
    """Each of these protocol versions is accepted and every other is refused.

    With `or_fewer`, one of them is enough.
    """
    expected = f"{'only from' if or_fewer else ''} {', '.join(versions)} and nothing else".strip()

    def judged(survey: TlsSurvey) -> Said:
        seen = {h.version: h for h in survey.versions}
        actual = f"accepted: {', '.join(survey.accepted)}"
        evidence = tuple(
            f"{survey.where}: {h.version}: {h.outcome} {h.detail or h.suite}".rstrip() for h in survey.versions
        )
        wrong = unsure = ""
        refused = [v for v in versions if v in seen and seen[v].outcome == "refused"]
        untold = [v for v in {*seen, *versions} if v not in seen or seen[v].outcome == "unmeasured"]
        if excess := [v for v in survey.accepted if v not in versions]:
            wrong = f"{survey.where} still speaks {', '.join(excess)}"
        elif refused and not (or_fewer and set(survey.accepted) & set(versions)):
            wrong = f"{survey.where} refuses {', '.join(refused)}, which is promised"
        elif untold and not (or_fewer and set(untold) <= set(versions)):
            why = next((seen[v].detail for v in untold if v in seen), "it was not tried")
            unsure = f"{survey.where}: nobody could tell whether {', '.join(sorted(untold))} is spoken: {why}"
        return Said(actual=actual, wrong=wrong, unsure=unsure, evidence=evidence)

    hint = "nginx: ssl_protocols names what is spoken (RFC 8996 retired TLS 1.0 and 1.1)"
    return over(promise, surveys.of(role), judged, expected=expected, hint=hint)


def tls_suites(
    promise: Promise, surveys: TlsSurveys, config: NginxConfig | None, *, allowed: tuple[str, ...], role: str = EDGE
) -> Finding:
    """Every suite that is accepted is allowed, and every name in the configured cipher string is real.

    Names are OpenSSL's. The suites of TLS 1.3 are judged where the list names one of them.
    """
    modern = [name for name in allowed if _is_modern(name)]
    expected = f"no suite{'' if modern else ' before TLS 1.3'} but {', '.join(allowed)}"
    if role == EDGE and config is not None and (ghosts := _ghosts(promise, config, expected)):
        return ghosts

    def judged(survey: TlsSurvey) -> Said:
        asked = [h for h in survey.suites if modern or h.version != TLS13]
        accepted = list(dict.fromkeys(h.suite for h in asked if h.outcome == "accepted"))
        said = Said(
            actual=f"accepted: {', '.join(accepted) or 'none'}",
            evidence=tuple(f"{survey.where}: {h.version} {h.suite}" for h in asked if h.outcome == "accepted"),
        )
        if excess := [suite for suite in accepted if suite not in allowed]:
            return _with(said, wrong=f"{survey.where} also accepts {shortened(excess)}")
        if untold := [h for h in asked if h.outcome == "unmeasured" and h.suite not in allowed]:
            return _with(said, unsure=f"{survey.where}: {len(untold)} suites could not be tried: {untold[0].detail}")
        versions = [v for v in survey.accepted if modern or v != TLS13]
        if versions and not accepted:
            return _with(
                said, unsure=f"{survey.where}: no suite of {versions[-1]} was accepted, so none could be judged"
            )
        return said

    hint = "name the allowed suites in ssl_ciphers"
    return over(promise, surveys.of(role), judged, expected=expected, hint=hint)


def tls_order(
    promise: Promise, surveys: TlsSurveys, *, decides: Literal["client", "server"], role: str = EDGE
) -> Finding:
    """Where both sides have several suites in common, the promised side's order decides."""

    def judged(survey: TlsSurvey) -> Said:
        evidence = tuple(f"{survey.where}: {version}: the {side} decides" for version, side in survey.orders.items())
        actual = ", ".join(f"{version}: {side}" for version, side in survey.orders.items())
        if other := [version for version, side in survey.orders.items() if side != decides]:
            said = f"{survey.where}: with {', '.join(other)} the {survey.orders[other[0]]}'s order decides"
            return Said(actual=actual, wrong=said, evidence=evidence)
        if not survey.orders:
            return Said(unsure=f"{survey.where} accepts no two suites of one version, so no order shows")
        return Said(actual=actual, evidence=evidence)

    hint = f"nginx: ssl_prefer_server_ciphers {'on' if decides == 'server' else 'off'}"
    return over(promise, surveys.of(role), judged, expected=f"the {decides}'s order of suites decides", hint=hint)


def tls_groups(
    promise: Promise,
    surveys: TlsSurveys,
    *,
    allowed: tuple[str, ...] = (),
    offered: tuple[str, ...] = (),
    role: str = EDGE,
) -> Finding:
    """Every key exchange group accepted is allowed, and each one promised is offered.

    A prime of the server's own is called `DH 2048`; a longer one is allowed as well.
    """
    limits, wanted = _groups(allowed), _groups(offered)
    parts = [f"no key exchange group but {', '.join(allowed)}"] * bool(allowed)
    expected = " and ".join([*parts, *([f"{', '.join(offered)} offered"] if offered else [])]) or "any group"

    def judged(survey: TlsSurvey) -> Said:
        accepted = list(dict.fromkeys(h.group for h in survey.groups if h.outcome == "accepted"))
        measured = _groups(h.group for h in survey.groups if h.outcome != "unmeasured")
        untold = [h for h in survey.groups if h.outcome == "unmeasured" and not _groups([h.group]) & measured]
        said = Said(
            actual=f"accepted: {', '.join(accepted) or 'none'}",
            evidence=tuple(f"{survey.where}: {h.version} {h.group}" for h in survey.groups if h.outcome == "accepted"),
        )
        if excess := [group for group in accepted if allowed and not _allowed(group, limits)]:
            return _with(said, wrong=f"{survey.where} also exchanges keys by {shortened(excess)}")
        if missing := [group for group in offered if _groups([group]) & (measured - _groups(accepted))]:
            return _with(said, wrong=f"{survey.where} does not exchange keys by {', '.join(missing)}")
        unsure = [h for h in untold if allowed and not _allowed(h.group, limits)]
        unseen = [group for group in offered if not _groups([group]) & measured]
        if unsure or unseen:
            names = shortened(unseen or [h.group for h in unsure])
            why = (untold[0].detail if untold else "") or "it was not tried"
            return _with(said, unsure=f"{survey.where}: nobody could tell about {names}: {why}")
        return said

    hint = "nginx: ssl_ecdh_curve names the groups; X25519MLKEM768 needs OpenSSL 3.5"
    return (
        over(promise, surveys.of(role), judged, expected=expected, hint=hint)
        if wanted | limits
        else promise.unknown("this promise names no group", expected=expected, hint="allowed = […] or offered = […]")
    )


def http2_offered(promise: Promise, surveys: TlsSurveys, *, hosts: tuple[str, ...] = (), role: str = EDGE) -> Finding:
    """The server chooses h2 when it is offered, and then speaks it (RFC 9113, 3.4: its SETTINGS come first)."""

    def judged(survey: TlsSurvey) -> Said:
        settings = "seen" if survey.http2_preface else "not seen"
        actual = f"ALPN: {', '.join(survey.alpn) or 'nothing chosen'}; SETTINGS {settings}"
        good = "h2" in survey.alpn and survey.http2_preface
        return Said(actual=actual, wrong="" if good else f"{survey.where} does not offer HTTP/2")

    seen = chosen(surveys, role, hosts)
    expected = "h2 chosen by ALPN, and a SETTINGS frame after it"
    if unasked := [host for host in hosts if host not in {survey.host for survey in seen}]:
        return promise.unknown(
            f"{', '.join(unasked)} was not asked for", expected=expected, hint="list it in the deployment's hosts"
        )
    hint = "nginx: `listen 443 ssl http2;` (since 1.25.1: `http2 on;`)"
    return over(promise, seen, judged, expected=expected, hint=hint)


def _ghosts(promise: Promise, config: NginxConfig, expected: str) -> Finding | None:
    """The finding that the cipher string names what exists nowhere."""
    ghosts = sorted({name for names in config.unknown_suites.values() for name in names})
    if not ghosts:
        return None
    said = config.named("ssl_ciphers")
    where = next((d.where for d in said if " ".join(d.arguments) in config.unknown_suites), "the configuration")
    return promise.broken(
        expected=expected,
        actual=f"ssl_ciphers names {', '.join(ghosts)}",
        message=f"{where}: ssl_ciphers names suites that exist in no TLS library: {', '.join(ghosts)}",
        hint="AES-256-GCM suites end in SHA384; `openssl ciphers -v STRING` shows what a string resolves to",
        evidence=[
            f"ssl_ciphers {text} resolves to {', '.join(names) or 'nothing'}" for text, names in config.suites.items()
        ],
    )


def _is_modern(suite: str) -> bool:
    """Whether it is a suite of TLS 1.3: those name no key exchange."""
    return suite.startswith("TLS_") and "_WITH_" not in suite


def _groups(names: Iterable[str]) -> frozenset[str]:
    """Groups under one spelling each."""
    return frozenset(ALIASES.get(name.lower(), name.lower()) for name in names)


def _allowed(group: str, limits: frozenset[str]) -> bool:
    """Whether the group is among those allowed, or a longer prime than one of them."""
    bits, smallest = _bits(group.lower()), [bits for limit in limits if (bits := _bits(limit)) is not None]
    if bits is not None and smallest:
        return bits >= min(smallest)
    return bool(_groups([group]) & limits)


def _bits(group: str) -> int | None:
    """How long a server's own prime is; None of what is no prime."""
    return whole_number(group[3:]) if group.startswith("dh ") else None


def _with(said: Said, *, wrong: str = "", unsure: str = "") -> Said:
    return Said(actual=said.actual, evidence=said.evidence, wrong=wrong, unsure=unsure)
