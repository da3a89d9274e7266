"""Whom services let in: nobody without the right password, nobody with a usual one."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import Door, Doors, Knock
from plimsoll.observations.doors import LET_IN, SILENT

__all__ = ["credentials_required", "default_credentials_refused", "passwords_scrambled"]

SCRAM = "scram-sha-256"
HINTS = {
    "redis": "requirepass, or users with passwords, in redis.conf; protected mode alone guards nothing behind a proxy",
    "postgres": "scram-sha-256 in every line of pg_hba.conf; trust lets anybody in who can reach the port",
    "grafana": "GF_SECURITY_ADMIN_PASSWORD from a secret, and anonymous access off",
    "prometheus": "basic_auth_users in web.yml, or a port that only the scraper reaches",
}


def credentials_required(promise: Promise, doors: Doors, *, role: str) -> Finding:
    """The service lets nobody in without a password, with an empty, a wrong or a usual one; the right one opens."""
    return _judged(promise, doors, role, expected="only the right password opens the door", defaults_only=False)


def default_credentials_refused(promise: Promise, doors: Doors, *, role: str) -> Finding:
    """The names and passwords that the product ships with, or that guides show, are refused."""
    return _judged(promise, doors, role, expected="no usual name and password opens the door", defaults_only=True)


def passwords_scrambled(promise: Promise, doors: Doors, *, role: str = "postgres") -> Finding:
    """PostgreSQL asks for passwords by SCRAM-SHA-256, and keeps every one so where that may be seen."""
    expected = f"{SCRAM}, asked for and stored"
    found = [door for door in doors.of(role) if door.method]
    if not found:
        return promise.unknown(_nobody(doors.of(role), role), expected=expected)
    wrong, evidence = [], []
    for door in found:
        if door.method != SCRAM:
            wrong.append(f"{door.name} asks for passwords by {door.method}")
        wrong += [
            f"{door.name} stores the password of {user} as {kind}"
            for user, kind in sorted(door.stored.items())
            if kind not in (SCRAM, "none")
        ]
        if door.storing and door.storing != SCRAM:
            wrong.append(f"{door.name} will store the next password as {door.storing}")
        told = ", ".join(f"{user} {kind}" for user, kind in sorted(door.stored.items()))
        evidence.append(f"{door.name}: asks by {door.method}; stored: {told or 'not to be seen from here'}")
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=f"passwords are not kept by {SCRAM}: {'; '.join(wrong)}",
            hint=f"password_encryption = '{SCRAM}', set every password anew, {SCRAM} in pg_hba.conf",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{len(found)} of {len(found)} by {SCRAM}", evidence=evidence)


def _judged(promise: Promise, doors: Doors, role: str, *, expected: str, defaults_only: bool) -> Finding:
    found = doors.of(role)
    knocks = [(door, knock) for door in found for knock in door.knocks if knock.default or not defaults_only]
    evidence = [f"{door.name}: {knock.where}" for door, knock in knocks]
    evidence += [f"{door.name}: {door.entered.where}" for door in found if door.entered]
    opened = [(door, knock) for door, knock in knocks if knock.result == LET_IN]
    if opened:
        door = opened[0][0]
        return promise.broken(
            expected=expected,
            actual="; ".join(f"{d.name}: {k.where}" for d, k in opened),
            message=f"{door.name} lets people in with {', '.join(k.offered for d, k in opened if d is door)}",
            hint=HINTS.get(door.kind, "ask for a password"),
            evidence=evidence,
        )
    if doubt := _doubt(found, role, [knock for _, knock in knocks]):
        return promise.unknown(doubt, expected=expected, evidence=evidence)
    known = all(door.entered for door in found)
    control = "the right password opens" if known else "the right password is not known here"
    return promise.kept(expected=expected, actual=f"{len(knocks)} knocks refused; {control}", evidence=evidence)


def _doubt(found: tuple[Door, ...], role: str, knocks: list[Knock]) -> str:
    """Why the refusals say nothing; "" where they do."""
    if not any(door.answered for door in found):
        return _nobody(found, role)
    if silent := [knock for knock in knocks if knock.result == SILENT]:
        return f"{role} neither refused nor let in: {silent[0].where}"
    if shut := [door.entered for door in found if door.entered and door.entered.result != LET_IN]:
        return f"{role} does not open to the right password either: {shut[0].where}"
    if not knocks:
        return f"nobody knocked at {role} with such a password"
    return ""


def _nobody(found: tuple[Door, ...], role: str) -> str:
    words = next((knock.words for door in found for knock in door.knocks if knock.words), "")
    return f"{role} did not answer{f': {words}' if words else ''}" if found else f"no door of {role} was seen"
