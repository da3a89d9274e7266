"""What a host does to intruders, where its programs listen, and whether anybody looks at it from outside."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import Ban, Bans, Listening
from plimsoll.observations.artefacts import Schedules

__all__ = ["bans_brute_force", "listens_on", "scan_recorded"]

SERVICES = ("ssh", "http")
EVERYWHERE = frozenset({"", "*", "0.0.0.0", "::"})
LOOPBACK = ("127.0.0.0/8", "::1/128")
SCANNER = re.compile(r"(?:^|[\s/;&|])nmap(?=\s)")
RECORDED = re.compile(r"\s-o[NXGA]\b|>>?\s*[^\s&]|\|\s*(?:tee|logger)\b")
"""How a scan's result is kept: one of nmap's output options, a redirection, or a program that stores it."""

FROM_INSIDE = re.compile(r"\s(?:localhost|127(?:\.\d+){3}|::1)(?=\s|$)")
SECONDS_PER_DAY = 86_400


def bans_brute_force(
    promise: Promise, seen: Bans, *, jail: str, service: str, max_retry: int, ban_seconds: int
) -> Finding:
    """Whoever fails that often is banned for at least that long: he alone, at once, and not for ever.

    `service` is what the jail guards, ssh or http (basic authentication). Where nobody was tried, what fail2ban states
    is judged, and the finding says so.
    """
    expected = f"banned by {jail} after {max_retry} wrong tries, for {ban_seconds} s"
    evidence = [line.where for line in seen.lines]
    ban = next((each for each in seen.bans if each.jail == jail), None)
    if service not in SERVICES:
        return promise.unknown(f"nobody here tries passwords at {service!r}", expected=expected, hint="ssh or http")
    if seen.refusal:
        return promise.broken(
            expected=expected,
            actual=seen.refusal,
            message=f"fail2ban does not start, so nobody is ever banned: {seen.refusal}",
            hint="fail2ban-server -t says what it objects to; the log of every jail must exist when it starts",
            evidence=evidence,
        )
    if ban is None or ban.max_retry is None or ban.ban_seconds is None:
        return promise.broken(
            expected=expected,
            actual=f"no jail {jail}",
            message=f"fail2ban runs no jail {jail}: nobody is banned however often he fails",
            hint=f"[{jail}] enabled = true, in jail.local",
            evidence=evidence,
        )
    stated = f"maxretry {ban.max_retry}, bantime {ban.ban_seconds} s"
    if ban.max_retry > max_retry or 0 <= ban.ban_seconds < ban_seconds:
        return promise.broken(
            expected=expected,
            actual=stated,
            message=f"the jail {jail} is laxer than promised: {stated}{_line(seen, jail)}",
            hint=f"maxretry = {max_retry}, bantime = {ban_seconds}",
            evidence=evidence,
        )
    if not ban.tries:
        return promise.kept(expected=expected, actual=f"{stated}, as fail2ban states it; nobody was tried here")
    return _tried(promise, seen, ban, expected, stated) or promise.kept(
        expected=expected,
        actual=f"{stated}; {ban.after} after {ban.tries} tries, another client {ban.neighbour}, back after the ban "
        f"(shortened to {ban.shortened} s for this run)",
        evidence=evidence,
    )


def listens_on(promise: Promise, seen: Listening, *, port: int, networks: tuple[str, ...]) -> Finding:
    """Whatever listens on that port does so on addresses of these networks or of the loopback, and on no other."""
    expected = f"port {port} on addresses of {', '.join(networks)} only"
    allowed = [ip_network(network) for network in (*networks, *LOOPBACK)]
    found = [each for each in seen.listeners if each.port == port]
    evidence = [f"{each.where}: {each.address or '*'}:{each.port}" for each in found]
    if not found:
        return promise.unknown(f"nothing listens on port {port}", expected=expected, evidence=list(seen.files))
    for each in found:
        place = _address(each.address)
        if place is None and each.address not in EVERYWHERE:
            return promise.unknown(f"cannot tell which address {each.address} is", expected=expected, evidence=evidence)
        if place is None or place.is_unspecified or not any(place in network for network in allowed):
            return promise.broken(
                expected=expected,
                actual=f"{each.address or '*'}:{port}",
                message=f"{each.where}: port {port} is listened on at {_shown(each.address)}, outside of "
                f"{', '.join(networks)}",
                hint="listen_addresses = 'localhost,ADDRESS': the firewall is the second line, not the only one",
                evidence=evidence,
            )
    at_rest = ", as its file says at rest" if seen.at_rest else ""
    return promise.kept(expected=expected, actual=f"{', '.join(e.address for e in found)}{at_rest}", evidence=evidence)


def scan_recorded(promise: Promise, schedules: Schedules, *, at_least_every_days: int) -> Finding:
    """A crontab scans the host's ports from outside at least that often, and keeps the result."""
    expected = f"a port scan at least every {at_least_every_days} days, its result kept"
    lines = [line for line in schedules.lines if SCANNER.search(line.command)]
    evidence = [f"{line.file}:{line.line}: {line.schedule} {line.command}" for line in lines or schedules.lines]
    troubles = []
    for line in lines:
        where = f"{line.file}:{line.line}"
        if line.worst_gap is None:
            troubles.append((f"{where}: the schedule cannot be read: {line.trouble}", "minute hour day month weekday"))
        elif line.worst_gap > at_least_every_days * SECONDS_PER_DAY:
            days = line.worst_gap / SECONDS_PER_DAY
            troubles.append((f"{where}: up to {days:g} days pass between two scans", "0 4 1 * * is once a month"))
        elif not RECORDED.search(line.command):
            troubles.append((f"{where}: the scan's result is kept nowhere", "nmap … -oN FILE, or into the log"))
        elif FROM_INSIDE.search(line.command):
            hint = "name the host as strangers do: from inside no firewall stands in the way"
            troubles.append((f"{where}: the scan looks from inside, at the host's own loopback", hint))
        else:
            return promise.kept(expected=expected, actual=f"{where}: {line.schedule}", evidence=evidence)
    message, hint = troubles[0] if troubles else ("no crontab scans any port", "nmap … -oN FILE once a month")
    holes = [
        Hole(spot=Spot(line.file, line.line), what=what.partition(": ")[2], fix=fix)
        for line, (what, fix) in zip(lines, troubles, strict=True)
    ]
    return promise.broken(
        expected=expected, actual="no such line", message=message, hint=hint, evidence=evidence, holes=holes
    )


def _tried(promise: Promise, seen: Bans, ban: Ban, expected: str, stated: str) -> Finding | None:
    """The finding when what became of the stranger is not what should have."""
    if ban.before != "open":
        return promise.unknown(
            f"the {ban.service} service could not be reached before anybody was banned ({ban.before})",
            expected=expected,
        )
    if not ban.after:
        return promise.unknown(f"the ban by {ban.jail} was over before anybody looked", expected=expected)
    message = ""
    if ban.after == "open" and ban.listed:
        message = f"{ban.jail} bans the stranger and he still comes in: the ban is a rule that his packets do not meet"
        if ban.published:
            message += f", as {ban.published} publishes the port past INPUT"
        hint = (
            "chain = DOCKER-USER for what an engine publishes; a banaction that this firewall honours; the right port"
        )
    elif ban.after == "open":
        message = f"{ban.jail} did not notice {ban.tries} wrong tries: it reads no log that the service writes to"
        hint = "logpath and backend must be where the service logs; filter must know its words"
    elif ban.neighbour != "open":
        message = f"{ban.jail} bans everybody: another client is {ban.neighbour}, too"
        hint = "ban the address that failed"
    elif not ban.released:
        message = f"{ban.jail} never lets a banned address in again, though its ban is over"
        hint = "actionunban must take the rule away"
    if not message:
        return None
    return promise.broken(
        expected=expected,
        actual=f"{stated}; after {ban.tries} tries the stranger's next connection is {ban.after}",
        message=f"{message}{_line(seen, ban.jail)}",
        hint=hint,
        evidence=[line.where for line in seen.lines],
    )


def _line(seen: Bans, jail: str) -> str:
    """Where the jail stands, as the end of a sentence."""
    return next((f" ({line.file}:{line.line})" for line in seen.lines if line.text == f"[{jail}]"), "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _shown(address: str) -> str:
    return "every address" if address in EVERYWHERE else address
