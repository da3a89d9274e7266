"""What the edge compresses, what it keeps, and for whom."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import CachedAnswers, Families, HttpExchange, Negotiated, NginxConfig
from plimsoll.rules.blocks import seconds as seconds_of

__all__ = ["cached_briefly", "compressed", "families_alike"]

SUCCESS = range(200, 300)
MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How a body in that coding begins (RFC 1952, 2.3.1; RFC 8878, 3.1.1); br has no such beginning."""

NONCE = re.compile(r"'nonce-[^']*'")

ALIKE = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Location",
    "Content-Type",
    "Server",
)
"""Headers that must not depend on the family of a client's address."""


def compressed(
    promise: Promise,
    seen: Negotiated,
    *,
    on: tuple[str, ...] = ("page",),
    not_on: tuple[str, ...] = (),
    codings: tuple[str, ...] = ("gzip",),
    vary: bool = True,
) -> Finding:
    """Answers on these path classes are compressed for whoever takes it, and for nobody else.

    With `vary` they say so to caches (RFC 9110, 12.5.5). What is compressed already (`not_on`) is left as it is.
    """
    expected = f"{', '.join(codings)} on {', '.join(on)} for whoever takes it, nothing for others"
    asked = [(kind, way) for kind in (*on, *not_on) for way in (*codings, "none", "refused")]
    got = {(kind, way): next(iter(seen.of(f"{way} {kind}")), None) for kind, way in asked}
    evidence = [f"{way}: {e.where} {_coding(e) or 'as it is'}" for (_, way), e in got.items() if e]
    for (kind, way), exchange in got.items():
        if exchange is None or exchange.status not in SUCCESS:
            where = exchange.where if exchange else f"the {kind} path"
            return promise.unknown(f"{way}: {where} was not served", expected=expected, evidence=evidence)
    trouble, hint = "", "nginx: gzip on, gzip_types with the type in question, gzip_vary on"
    for (kind, way), exchange in got.items():
        if exchange is None or trouble:
            continue
        said = _coding(exchange)
        wanted = way if kind in on and way in codings else ""
        if said != wanted:
            names = {"none": "nobody asked for a coding", "refused": "gzip;q=0 refuses it"}
            trouble = (
                f"{names.get(way, f'Accept-Encoding: {way}')}, and it comes {said or 'as it is'}: {exchange.where}"
            )
        elif wanted and not exchange.body.startswith(MAGIC.get(wanted, b"")):
            trouble = f"Content-Encoding says {wanted}, the body is not: {exchange.where}"
        elif vary and kind in on and "accept-encoding" not in ", ".join(exchange.values("Vary")).lower():
            trouble = f"no Vary: Accept-Encoding tells caches that there are two kinds of answer: {exchange.where}"
    if trouble:
        return promise.broken(
            expected=expected,
            actual=evidence[0],
            message=f"not compressed as promised: {trouble}",
            hint=hint,
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{len(got)} answers as promised", evidence=evidence)


def cached_briefly(
    promise: Promise,
    seen: CachedAnswers,
    config: NginxConfig | None,
    *,
    on: tuple[str, ...],
    times: Mapping[str, str] | None = None,
    header: str = "X-Cache-Status",
) -> Finding:
    """The edge answers the second request for these path classes itself, and none of somebody who says who they are.

    `times` are how long each status is kept, e.g. `200 = "5m"`; the configuration says so, where it is known.
    """
    expected = f"MISS, then HIT on {', '.join(on)}; never for a cookie or a token"
    times = times or {}
    if times:
        expected += "; " + ", ".join(f"{status} for {time}" for status, time in times.items())
    evidence = [f"{e.kind}: {e.where} {header}: {_kept(e, header) or 'missing'}" for e in seen.exchanges]
    if silent := [e for e in seen.exchanges if e.status is None]:
        return promise.unknown(silent[0].where, expected=expected, evidence=evidence)
    if absent := [kind for kind in on if not seen.of(f"again {kind}")]:
        return promise.unknown(f"the {absent[0]} path was not asked", expected=expected, evidence=evidence)
    trouble = _misses(seen, on, header) or _leaks(seen, on, header) or _times(config, times)
    if trouble:
        return promise.broken(
            expected=expected,
            actual=trouble,
            message=f"the edge's cache is not as promised: {trouble}",
            hint="nginx: proxy_cache_valid, proxy_cache_bypass and proxy_no_cache $http_authorization $http_cookie",
            evidence=evidence,
        )
    at_rest = "" if config or not times else "; for how long, this run could not see"
    return promise.kept(expected=expected, actual=f"MISS, then HIT{at_rest}", evidence=evidence)


def families_alike(promise: Promise, seen: Families) -> Finding:
    """A client gets the same over IPv6 as over IPv4: status, headers that protect, where it is sent."""
    expected = "the same status and the same headers over both families"
    pairs = [
        (four, six)
        for role in ("edge", "edge-plain")
        for four in seen.of(role=role)
        for six in seen.of(f"6 {four.kind.partition(' ')[2]}", role=role)
        if four.kind.startswith("4 ")
    ]
    evidence = [f"IPv{e.kind[:1]}: {e.where}" for pair in pairs for e in pair]
    if not any(four.status is not None for four, _ in pairs):
        return promise.unknown("nothing was answered over IPv4", expected=expected, evidence=evidence)
    for four, six in pairs:
        if six.status is None and not six.cut and not six.closed:
            return promise.unknown(f"over IPv6: {six.where}", expected=expected, evidence=evidence)
        different = [name for name in ALIKE if _lasting(four, name) != _lasting(six, name)]
        if four.status == six.status and not different:
            continue
        what = f"{different[0]} {' | '.join(six.values(different[0])) or 'missing'}" if different else ""
        return promise.broken(
            expected=expected,
            actual=f"IPv4 {four.status}, IPv6 {six.status or six.trouble} {what}".rstrip(),
            message=f"IPv6 gets something else: {six.where} {what}, IPv4 {four.status}".replace(" ,", ","),
            hint="one server block with `listen 443 ssl` and `listen [::]:443 ssl`, not two blocks",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{len(pairs)} pairs of answers alike", evidence=evidence)


def _lasting(exchange: HttpExchange, name: str) -> tuple[str, ...]:
    """What the answer says under that header, without the nonces that are new on every answer (CSP Level 3, 2.3.1)."""
    return tuple(NONCE.sub("'nonce-…'", value) for value in exchange.values(name))


def _coding(exchange: HttpExchange) -> str:
    said = ", ".join(exchange.values("Content-Encoding")).lower().strip()
    return "" if said == "identity" else said


def _kept(exchange: HttpExchange, header: str) -> str:
    return ", ".join(exchange.values(header)).strip().upper()


def _misses(seen: CachedAnswers, on: tuple[str, ...], header: str) -> str:
    """What is wrong with what is kept."""
    for kind in on:
        first, again = seen.of(f"first {kind}")[0], seen.of(f"again {kind}")[0]
        if _kept(first, header) == "HIT":
            return f"an address that nobody asked for before is answered from the cache: {first.where}"
        if _kept(again, header) != "HIT":
            said = "".join(f", Cache-Control: {value}" for value in again.values("Cache-Control"))
            return f"the second request for it gets {header}: {_kept(again, header) or 'nothing'}: {again.where}{said}"
        if again.status != first.status or again.body != first.body:
            return f"what is kept is not what was answered: {again.where}"
    return ""


def _leaks(seen: CachedAnswers, on: tuple[str, ...], header: str) -> str:
    """Who gets what was meant for somebody else."""
    for exchange in (e for kind in on for way in ("cookie", "bearer") for e in seen.of(f"{way} {kind}")):
        if _kept(exchange, header) == "HIT":
            what = "a cookie" if exchange.kind.startswith("cookie") else "a token"
            return f"a request with {what} is answered from the cache: {exchange.where}"
    for exchange in seen.exchanges:
        if _kept(exchange, header) == "HIT" and exchange.values("Set-Cookie"):
            return f"somebody's Set-Cookie is kept for everybody: {exchange.where}"
    for mine, theirs in zip(seen.of("user private"), seen.of("anyone private"), strict=False):
        if mine.status in SUCCESS and (_kept(theirs, header) == "HIT" or theirs.status in SUCCESS):
            return f"anyone gets what somebody saw who had logged in: {theirs.where}"
    return ""


def _times(config: NginxConfig | None, times: Mapping[str, str]) -> str:
    """What is wrong with how long things are kept, as the file says it."""
    if config is None:
        return ""
    said = {
        status: (d, d.arguments[-1])
        for d in config.named("proxy_cache_valid")
        for status in (d.arguments[:-1] or ("200", "301", "302"))
    }
    for status, time in times.items():
        line, value = said.get(status) or said.get("any") or (None, "nothing")
        if line is None or seconds_of(value) != seconds_of(time):
            where = f"{line.where}: " if line else ""
            return f"{where}{status} is kept for {value}, promised is {time}"
    return ""
