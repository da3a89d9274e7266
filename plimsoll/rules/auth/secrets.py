"""Secrets that nobody guesses: long enough, random, and not what a guide showed."""

from __future__ import annotations

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import LoggedIn, StatedSecret, StatedSecrets
from plimsoll.observations.secrets import ELSEWHERE, EMPTY, EXAMPLE

__all__ = ["secret_strength"]

FEWEST_DISTINCT = 8
"""Different characters of a random text of 16 and more: fewer come about in less than one of a billion."""

STRONG = "openssl rand -base64 48 makes 64 characters that nobody guesses"


def secret_strength(
    promise: Promise, stated: StatedSecrets, login: LoggedIn | None, *, names: tuple[str, ...], length: int = 32
) -> Finding:
    """Every one of these variables has, wherever it is stated, a value of that many characters that nobody guesses.

    A value may say how it is made: `<32 random bytes, base64>`. Where a login gives tokens, they are not signed with a
    well-known secret either.
    """
    expected = f"{', '.join(names)}: at least {length} characters, of nobody's example"
    found = [secret for name in names for secret in stated.named(name)]
    wrong = [f"{name} is stated in none of {', '.join(stated.files)}" for name in names if not stated.named(name)]
    weak = [(secret, why) for secret in found if (why := _weakness(secret, length))]
    wrong += [f"{secret.where}: {secret.name} {why}" for secret, why in weak]
    if login and login.token and login.token.guessed:
        wrong.append("the tokens of a running login are signed with a well-known example secret")
    evidence = [f"{s.where}: {s.name}: {s.kind}, {s.length} characters" for s in found if s.kind != ELSEWHERE]
    evidence += [f"{s.where}: {s.name}: comes from elsewhere" for s in found if s.kind == ELSEWHERE]
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=wrong[0] if len(wrong) == 1 else f"{len(wrong)} secrets are weak: {'; '.join(wrong)}",
            hint=STRONG,
            evidence=evidence,
            holes=[Hole(spot=Spot(s.file, s.line), what=f"{s.name} {why}", fix=STRONG) for s, why in weak],
        )
    measured = {secret.name for secret in found if secret.kind != ELSEWHERE}
    if unseen := [name for name in names if name not in measured]:
        message = f"{unseen[0]} comes from elsewhere: how long it is does not show in any file"
        return promise.unknown(message, expected=expected, evidence=evidence)
    shortest = min(secret.length for secret in found if secret.kind != ELSEWHERE)
    return promise.kept(expected=expected, actual=f"the shortest has {shortest} characters", evidence=evidence)


def _weakness(secret: StatedSecret, length: int) -> str:
    """What is wrong with the value; "" for nothing that shows."""
    if secret.kind == ELSEWHERE:
        return ""
    if secret.kind == EMPTY:
        return "is empty"
    if secret.kind == EXAMPLE:
        return "is an example that was meant to be replaced"
    if secret.length < length:
        return f"has {secret.length} characters"
    if secret.distinct < FEWEST_DISTINCT:
        return f"repeats {secret.distinct} characters"
    return ""
