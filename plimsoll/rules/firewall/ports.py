"""Who reaches which ports of the host: what the firewall does, not what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import Published, PublishedPorts, Reachability, Reached

__all__ = ["default_denied", "ports_published", "ports_reachable", "ports_restricted"]

CLOSED_BY = {"drop": "silent", "reject": "refused"}
"""What a client sees of the two ways to close a port."""

DEFAULT = re.compile(r"default\s+allow(?!\s+(?:outgoing|routed))|policy\s+accept|-P\s+INPUT\s+ACCEPT")
"""What lets in whatever no rule names: ufw's words, nftables' and iptables'."""

PUBLISH_LOCALLY = (
    "what an engine publishes is passed on before the host's INPUT rules: bind it to 127.0.0.1 or not at all"
)
OTHER_FAMILY = "write the rule for both families: IPV6=yes in /etc/default/ufw, `table inet` in nftables"


def ports_reachable(
    promise: Promise, seen: Reachability, *, zone: str, ports: tuple[int, ...] = (), closed_by: str = ""
) -> Finding:
    """From the zone exactly these ports of the host can be reached, in every family; all others named are closed.

    Without `ports` those that the zone declares. `closed_by` is drop or reject, where it matters how.
    """
    if zone not in seen.zones:
        return _no_zone(promise, zone)
    wanted = ports or seen.zones[zone]
    expected = f"{zone} reaches {_listed(wanted)} and nothing else"
    rows = tuple(seen.of(zone))
    return (
        _down(promise, seen, expected)
        or _opened(promise, seen, [row for row in rows if row.port not in wanted], expected)
        or _shut(promise, seen, [row for row in rows if row.port in wanted], expected)
        or _closed_otherwise(promise, [row for row in rows if row.port not in wanted], closed_by, expected)
        or _untold(promise, seen, zone, wanted, expected)
        or promise.kept(expected=expected, actual=_tried(rows), evidence=[row.where for row in rows])
    )


def ports_restricted(
    promise: Promise, seen: Reachability, *, ports: tuple[int, ...], zones: tuple[str, ...]
) -> Finding:
    """The ports can be reached from each of these zones, and from no other."""
    expected = f"{_listed(ports)} only from {', '.join(zones)}"
    if missing := [zone for zone in zones if zone not in seen.zones]:
        return _no_zone(promise, missing[0])
    rows = tuple(row for row in seen.rows if row.port in ports)
    others = [zone for zone in seen.zones if zone not in zones]
    if not others:
        return promise.unknown(f"there is no zone beside {', '.join(zones)} to be kept out", expected=expected)
    return (
        _down(promise, seen, expected)
        or _opened(promise, seen, [row for row in rows if row.zone not in zones], expected)
        or _shut(promise, seen, [row for row in rows if row.zone in zones], expected)
        or next(filter(None, (_untold(promise, seen, zone, ports, expected) for zone in seen.zones)), None)
        or promise.kept(expected=expected, actual=_tried(rows), evidence=[row.where for row in rows])
    )


def default_denied(promise: Promise, seen: Reachability, *, outgoing: bool = True) -> Finding:
    """Ports that nobody named are closed from every zone, in every family, and the host's own connections get out."""
    expected = "what nobody opened is closed" + (", and the host gets out" if outgoing else "")
    rows = tuple(row for row in seen.rows if row.port in seen.unnamed)
    silent = [row for row in seen.outgoing if row.state != "open"]
    if (finding := _down(promise, seen, expected) or _opened(promise, seen, rows, expected)) is not None:
        return finding
    if outgoing and silent:
        return promise.broken(
            expected=expected,
            actual=silent[0].where,
            message=f"the host cannot reach {silent[0].zone} over {silent[0].family}: its own connections are "
            f"{silent[0].state}{_said(seen, 'outgoing', 'output')}",
            hint="ufw default allow outgoing",
            evidence=[row.where for row in seen.outgoing],
        )
    if outgoing and not seen.outgoing:
        return promise.unknown("nobody tried whether the host gets out", expected=expected)
    for zone in seen.zones:
        if (finding := _untold(promise, seen, zone, seen.unnamed, expected)) is not None:
            return finding
    return promise.kept(expected=expected, actual=_tried(rows), evidence=[row.where for row in rows])


def ports_published(promise: Promise, seen: PublishedPorts, *, zone: str = "internet") -> Finding:
    """The compose file publishes no port to the world that the zone may not reach; those on 127.0.0.1 are nobody's."""
    if zone not in seen.zones:
        return _no_zone(promise, zone)
    allowed = seen.zones[zone]
    expected = f"compose publishes {_listed(allowed)} at most"
    evidence = [f"{each.where}: {each.service} on {_bound(each)}" for each in seen.ports]
    if wide := [each for each in seen.ports if not each.local and each.port not in allowed]:
        told = [
            f"publishes {each.service} on {_bound(each)}, which {zone} must not reach: "
            "no firewall of the host is asked for it"
            for each in wide
        ]
        return promise.broken(
            expected=expected,
            actual=f"{wide[0].port}/{wide[0].protocol} of {wide[0].service}",
            message=f"{wide[0].where} {told[0]}",
            hint=PUBLISH_LOCALLY,
            evidence=evidence,
            holes=[
                Hole(spot=Spot(each.file, each.line), what=what, fix=PUBLISH_LOCALLY)
                for each, what in zip(wide, told, strict=True)
            ],
        )
    actual = f"{len(seen.ports)} published, as {', '.join(seen.files)} says at rest"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _no_zone(promise: Promise, zone: str) -> Finding:
    hint = f'[zones.{zone}] networks = ["10.0.1.0/24"], reaches = [5432]'
    return promise.unknown(f"this deployment has no zone {zone}", expected=f"a zone {zone}", hint=hint)


def _down(promise: Promise, seen: Reachability, expected: str) -> Finding | None:
    """The finding when the firewall did not come up, or when nobody could tell because of something else."""
    if seen.refusal:
        file = seen.rules[0].file if seen.rules else "the firewall's file"
        return promise.broken(
            expected=expected,
            actual=seen.refusal,
            message=f"{file} does not go through, so the host stands half open: {seen.refusal}",
            hint="run it by hand: the line it stopped at is the one to mend",
        )
    return promise.unknown(seen.trouble, expected=expected) if seen.trouble else None


def _opened(promise: Promise, seen: Reachability, rows: Iterable[Reached], expected: str) -> Finding | None:
    """The finding on the first connection that should not have come through."""
    through = [row for row in rows if row.state == "open"]
    if not through:
        return None
    # What is passed on to a container is named first: nobody finds that in the firewall's own rules.
    row = next((row for row in through if row.by), through[0])
    families = sorted({each.family for each in through if (each.zone, each.port) == (row.zone, row.port)})
    tried = {each.family for each in seen.of(row.zone, row.port)}
    fact = f"port {row.port} can be reached from {row.zone} over {' and '.join(families)}"
    published = next((each for each in seen.published if each.port == row.port and not each.local), None)
    if row.by and published:
        listed = _listed_by_status(seen, row.port)
        cause = f"{published.where} publishes it past the firewall, {listed}"
        hint = PUBLISH_LOCALLY
    elif len(families) < len(tried):
        cause = f"the rules hold for {', '.join(sorted(tried - set(families)))} only{_said(seen, str(row.port))}"
        hint = OTHER_FAMILY
    else:
        cause = _cause(seen, row)
        hint = "open it only to the networks that need it: ufw allow from NETWORK to any port PORT"
    return promise.broken(
        expected=expected,
        actual=row.where,
        message=f"{fact}: {cause}",
        hint=hint,
        evidence=[each.where for each in through],
    )


def _shut(promise: Promise, seen: Reachability, rows: Iterable[Reached], expected: str) -> Finding | None:
    """The finding on the first connection that should have come through, and would have without the firewall."""
    for row in rows:
        if row.state != "open" and row.control and row.listens is not False:
            others = [e for e in seen.of(row.zone, row.port) if e.family != row.family and e.state == "open"]
            only = f", over {others[0].family} it can" if others else ""
            return promise.broken(
                expected=expected,
                actual=row.where,
                message=f"port {row.port} cannot be reached from {row.zone} over {row.family} ({row.state}){only}"
                f"{_said(seen, str(row.port))}",
                hint=OTHER_FAMILY if others else f"ufw allow {row.port}/tcp, or from the zone's networks",
                evidence=[e.where for e in seen.of(row.zone, row.port)],
            )
    return None


def _closed_otherwise(promise: Promise, rows: Iterable[Reached], closed_by: str, expected: str) -> Finding | None:
    """The finding on the first closed port that is closed in another way than promised."""
    if closed_by not in ("", *CLOSED_BY):
        return promise.unknown(f"a port is closed by drop or by reject, not by {closed_by!r}", expected=expected)
    for row in rows:
        if closed_by and row.control and row.state != CLOSED_BY[closed_by]:
            return promise.broken(
                expected=f"{expected}, closed by {closed_by}",
                actual=row.where,
                message=f"port {row.port} is {row.state} from {row.zone} over {row.family}, not closed by {closed_by}",
                hint=f"ufw default {'deny' if closed_by == 'drop' else 'reject'} incoming",
                evidence=[row.where],
            )
    return None


def _untold(
    promise: Promise, seen: Reachability, zone: str, ports: Iterable[int], expected: str
) -> Finding | None:  # fmt: skip
    """The finding when a connection from the zone means nothing, or one that matters was not tried."""
    rows = tuple(seen.of(zone))
    if seen.stands not in ("", zone):
        return promise.unknown(
            f"this run stands in {seen.stands}, and nobody in {zone} told what can be reached from there",
            expected=expected,
            hint='run it from there too, with [live] zone = "…"',
            out_of_reach=True,
        )
    if untried := [port for port in ports if not any(row.port == port for row in rows)]:
        return promise.unknown(f"nobody tried port {untried[0]} from {zone}", expected=expected)
    for row in rows:
        if row.state != "open" and not row.control:
            return promise.unknown(
                f"port {row.port} is {row.state} from {zone} over {row.family}, but so was a connection that should "
                "have come through: nothing can be told",
                expected=expected,
            )
    return None


def _cause(seen: Reachability, row: Reached) -> str:
    """Which line opens a port; where none names it, the default does."""
    named = [line for line in seen.rules if _names(line.text, row.port)]
    wide = [line for line in named if not any(_names(line.text, word) for word in ("from", "saddr"))]
    default = next((line for line in seen.rules if DEFAULT.search(line.text)), None)
    if wide or (named and not default):
        return f"{(wide or named)[0].where} opens it"
    cause = "it is open by default" + (f": {default.where}" if default else ", and no rule names it")
    return f"{cause}, {_listed_by_status(seen, row.port)}" if seen.stands and seen.status else cause


def _said(seen: Reachability, *words: str) -> str:
    """The first line of the firewall's file that holds one of the words, as the end of a sentence."""
    return next((f": {line.where}" for line in seen.rules if any(_names(line.text, word) for word in words)), "")


def _names(text: str, word: object) -> bool:
    """Whether a line holds the word by itself: 80 is not in 8080."""
    for mark in "/,:{}=":
        text = text.replace(mark, " ")
    return str(word) in text.split()


def _listed_by_status(seen: Reachability, port: int) -> str:
    """What the firewall's own account says of a port that goes past it."""
    if not seen.status:
        return "which its status does not show"
    return f"although `ufw status` {'lists it' if _names(seen.status, port) else 'lists no such port'}"


def _bound(each: Published) -> str:
    return f"{each.address or 'every address'}, port {each.port}/{each.protocol}"


def _listed(ports: Iterable[int]) -> str:
    return ", ".join(map(str, ports)) or "no port"


def _tried(rows: tuple[Reached, ...]) -> str:
    closed = [row for row in rows if row.state != "open"]
    families = " and ".join(sorted({row.family for row in rows}))
    states = ", ".join(sorted({row.state for row in closed}))
    return f"{len(rows) - len(closed)} connections open, {len(closed)} closed ({states or 'none'}), over {families}"
