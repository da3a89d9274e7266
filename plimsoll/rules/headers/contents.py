"""Whether the Content-Security-Policy of pages forbids what it is there to forbid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, NginxConfig, Outage
from plimsoll.rules.headers.browsers import rendered
from plimsoll.rules.headers.coverage import UNREAD, Hole, explained, holes_in, on_every_response, responses_of
from plimsoll.rules.headers.csp import (
    FALLBACKS,
    INLINE,
    NOTHING,
    Sources,
    in_force,
    parsed,
    policies,
    split,
    standing_in,
    too_wide,
)

__all__ = ["content_security_policy", "csp_strict"]

POLICY = "Content-Security-Policy"
ANYONE = ("*", "http:", "https:", "data:", "blob:", "filesystem:", "http://*", "https://*", "ws:", "wss:")
"""Script sources that let in what anybody may have written."""
NONCE = "'nonce-"


def content_security_policy(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    allowed: Mapping[str, tuple[str, ...]],
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every response carries policies that together allow no source beyond those named (CSP Level 3)."""
    responses = responses_of(survey, outage, matrix, role=role, except_on=except_on)
    holes = _judged(responses, lambda each: too_wide(each, allowed))
    wanted = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in allowed.items())
    return on_every_response(
        promise,
        responses,
        explained(holes, forwarded, config, role=role),
        expected=f"{POLICY}: no more than {wanted}",
        hint="" if holes and not holes[0].why else "take the source out, or name a hash or a nonce for what is inline",
    )


def csp_strict(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    forwarded: ForwardedRequest | None,
    config: NginxConfig | None,
    *,
    frame_ancestors: bool = False,
    styles: bool = False,
    known_hosts: tuple[str, ...] = (),
    dead: tuple[str, ...] = (),
    role: str = "edge",
    except_on: tuple[str, ...] = UNREAD,
) -> Finding:
    """Every page's policy lets no injected script run: none inline, evaluated or from anywhere, no plugin, no base.

    With `frame_ancestors` it says who may frame, with `styles` it holds for style sheets as well. A host in `dead`, or
    one that is not in `known_hosts` where any are named, may belong to a stranger tomorrow.
    """
    expected = f"{POLICY} without 'unsafe-inline', 'unsafe-eval' and wildcards for scripts; object-src and base-uri set"

    def wrong(each: Sequence[str]) -> Iterator[str]:
        yield from dict.fromkeys(_wrong(each))

    def _wrong(each: Sequence[str]) -> Iterator[str]:
        weak = [dict(_weaknesses(parsed(one), frame_ancestors=frame_ancestors, styles=styles)) for one in each]
        for topic in weak[0] if weak else ():
            if all(topic in one for one in weak):  # every policy is enforced: one that is strict is enough
                yield weak[0][topic]
        for host in sorted({host for one in each for host in _hosts(parsed(one))}):
            if host in dead or (known_hosts and host not in known_hosts):
                yield f"{host} is none of the hosts that serve us"

    responses = rendered(responses_of(survey, outage, matrix, role=role, except_on=except_on))
    holes = explained(_judged(responses, wrong), forwarded, config, role=role)
    reused, once_only = _nonces(responses)
    if reused:
        holes += [
            Hole(exchange=each, name=POLICY, seen=f"{POLICY}: {nonce}", why="the nonce was used before")
            for each, nonce in reused
        ]
    if not holes and once_only:
        return promise.unknown(
            "a nonce was seen on one response only: whether it changes could not be told", expected=expected
        )
    return on_every_response(
        promise,
        responses,
        holes,
        expected=expected,
        hint=""
        if holes and not holes[0].why
        else "nonces made anew for every response, or hashes, instead of 'unsafe-inline'",
    )


def _judged(responses: Sequence[HttpExchange], wrong: Callable[[Sequence[str]], Iterable[str]]) -> list[Hole]:
    """The responses whose policies are wrong or that have none."""

    def fault(values: tuple[str, ...]) -> str | None:
        enforced = split(values)
        return ("; ".join(wrong(enforced)) or None) if enforced else ""

    return holes_in(responses, POLICY, fault)


def _weaknesses(said: Sources, *, frame_ancestors: bool, styles: bool) -> Iterator[tuple[str, str]]:
    """What one policy leaves open: the topic, and in words."""
    for name in ("script-src", "script-src-elem", "script-src-attr", *(("style-src",) if styles else ())):
        given = standing_in(name, said)
        if given is None:
            base = f"{name.partition('-src')[0]}-src"
            yield base, f"neither {base} nor default-src is set"
            continue
        loose = _loose(name, given)
        if loose:
            yield name, f"{_named(name, said)} allows {' '.join(loose)}"
    objects = standing_in("object-src", said)
    if objects is None or (objects not in ((), (NOTHING,)) and set(objects) - {"'self'"}):
        yield "object-src", "object-src is not 'none', nor does default-src stand in for it"
    if "base-uri" not in said or set(said["base-uri"]) - {NOTHING, "'self'"}:
        yield "base-uri", "base-uri is not set to 'none' or 'self'"
    if frame_ancestors and "frame-ancestors" not in said:
        yield "frame-ancestors", "frame-ancestors is not set"


def _loose(name: str, given: Sequence[str]) -> list[str]:
    """The sources in force that let in what an attacker writes."""
    open_ = {INLINE, "'unsafe-eval'", *(() if name.startswith("style") else ANYONE), "*"}
    return [each for each in in_force(name, given) if each in open_ or each.startswith(("*.", "https://*."))]


def _named(name: str, said: Sources) -> str:
    """The directive whose sources stand for that one."""
    given = standing_in(name, said)
    return next(each for each in (name, *FALLBACKS.get(name, ()), "default-src") if said.get(each) == given)


def _hosts(said: Sources) -> Iterator[str]:
    """The hosts that a policy names, without scheme, port and path."""
    for sources in said.values():
        for source in sources:
            bare = source.partition("://")[2] or source
            host = bare.partition("/")[0].partition(":")[0]
            if "." in host and not source.startswith("'"):
                yield host


def _nonces(responses: Sequence[HttpExchange]) -> tuple[list[tuple[HttpExchange, str]], bool]:
    """The responses whose nonce another had before them, and whether only one response had any."""
    told = [
        (exchange, word)
        for exchange in responses
        if exchange.method == "GET"
        for policy in policies(exchange)
        for word in policy.replace(";", " ").split()
        if word.startswith(NONCE)
    ]
    seen: dict[str, HttpExchange] = {}
    reused = [(exchange, nonce) for exchange, nonce in told if seen.setdefault(nonce, exchange) is not exchange]
    return reused, len({id(each) for each in seen.values()}) == 1 and not reused
