"""Secrets in environment files: that nobody guesses them, that nobody else has them, that no repository does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import EnvironmentFiles, Purpose, Variable
from plimsoll.observations.secrets import EMPTY, EXAMPLE
from plimsoll.rules.secrets_env.names import HIDDEN, MEANT_FOR_BROWSERS, is_public, is_secret
from plimsoll.rules.secrets_env.urls import address_in

__all__ = ["public_variables_open", "secrets_not_committed", "secrets_not_guessable", "secrets_not_reused"]

SHORTEST = 12
"""Characters below which a secret that a machine remembers has no excuse (NIST SP 800-63B, 5.1.1 asks people for 8)."""

FEWEST_DISTINCT = 6
GUESSED = re.compile(
    r"password|passwd|secret|admin|default|qwerty|letmein|welcome|12345|abc123|changeit|root|test(ing)?\b",
    re.IGNORECASE,
)
"""What guessers try first, in whatever words stand around it (NIST SP 800-63B, 5.1.1.2)."""

ISSUED = re.compile(
    r"(sk|rk)_live_[0-9A-Za-z]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{30,}|xox[abpr]-[0-9A-Za-z-]{20,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|sk-(proj-)?[0-9A-Za-z_-]{32,}|-----BEGIN [A-Z ]*PRIVATE KEY"
)
"""Keys by the form that who issues them gives them: Stripe, AWS, GitHub, Slack, SendGrid, OpenAI; PEM."""

RANDOM_LENGTH = 20
RANDOM_DISTINCT = 12


DATABASE = re.compile(r"^(PG|POSTGRES(QL)?|DB|DATABASE)_?(ADMIN|ROOT)?_?")
"""What names of a database's account begin with: PGPASSWORD and POSTGRES_PASSWORD are one password."""


def secrets_not_guessable(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """No environment file for production or staging gives a secret a value that is guessed or was to be replaced.

    A gap (`<48 random bytes, base64>`), a reference (`${JWT_SECRET}`) and a file (`…_FILE`) are no values. In a
    fragment, as guides show them, a value that asks to be replaced is a gap too.
    """
    secrets = [(v, word) for v in environment.for_production(files) for word in [_secret(v)] if word is not None]
    return promise.judged(
        [hole for variable, word in secrets for hole in _guessable(variable, word)],
        looked=[f"{v.spot}: {v.name}: {v.kind}, {v.length} characters" for v, _ in secrets],
        expected="secrets that nobody guesses, or none",
        nothing="no environment file for production names a secret",
    )


def _secret(variable: Variable) -> str | None:
    """The secret in a variable: its value, or the password in its address; None if it holds none."""
    if is_secret(variable.name):
        return variable.value
    where = address_in(variable.value) if variable.literal else None
    return where.password if where and where.password and not where.gap else None


def _guessable(variable: Variable, word: str) -> Iterator[Hole]:
    if not variable.literal:
        if variable.kind == EMPTY and not variable.source.fragment:
            yield Hole(spot=variable.spot, what=f"{variable.name} is empty", fix="a value, or no line at all")
        return
    whole = not variable.source.fragment
    why = ""
    if variable.kind == EXAMPLE and is_secret(variable.name):
        why = "has a value that was meant to be replaced" if whole else ""
    elif (guessed := GUESSED.search(word)) and not _random(word):
        why = f"contains {guessed[0].lower()!r}, which guessers try first, and works as it stands"
    elif len(word) < SHORTEST:
        why = f"has {len(word)} characters"
    elif len(set(word)) < FEWEST_DISTINCT:
        why = f"repeats {len(set(word))} characters"
    if why:
        held = "" if is_secret(variable.name) else "the password in "
        fix = "openssl rand -base64 48; where the file is shown to others, a gap: <48 random bytes, base64>"
        yield Hole(spot=variable.spot, what=f"{held}{variable.name} {why}", fix=fix)


def secrets_not_committed(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """No environment file that lies among a deployment's sources states a real secret, in examples least of all."""
    stated = list(environment.of(files))
    return promise.judged(
        [
            Hole(
                spot=variable.spot,
                what=f"{variable.name} holds what looks like a real secret ({why})",
                fix="change the secret where it is used; here, say how it is made or where it comes from",
            )
            for variable in stated
            if variable.literal and (why := _real(variable))
        ],
        looked=[f"{source.spot()}: {source.name}" for source in environment.files(files)],
        expected="no real secret in any file",
        nothing="no environment file is there",
    )


def _real(variable: Variable) -> str:
    """Why a value looks like a secret that works somewhere; "" if it does not."""
    if variable.kind == EXAMPLE:
        return ""
    if issued := ISSUED.match(variable.value):
        return f"it begins like one that was issued: {issued[0][:7]}…"
    word = _secret(variable)
    if word is None:
        return ""
    return f"{len(word)} random characters" if _random(word) else ""


def _random(word: str) -> bool:
    """Whether a word looks as if a generator had made it: long, of many characters, of all kinds or hexadecimal."""
    kinds = all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", r"\d"))
    hexadecimal = re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", word)
    return len(word) >= RANDOM_LENGTH and len(set(word)) >= RANDOM_DISTINCT and bool(kinds or hexadecimal)


def secrets_not_reused(
    promise: Promise, environment: EnvironmentFiles, *, names: tuple[str, ...] = (), files: str = ""
) -> Finding:
    """No two environments, and no two variables, share a secret: who has one has no other.

    With `names`, each of these is stated for production and for staging, and differs.
    """
    stated = [v for v in environment.of(files) if is_secret(v.name) and (not names or v.name in names)]
    holes = list(_reused([v for v in stated if v.literal and v.length >= SHORTEST]))
    holes += _referred(stated)
    for name in names:
        told = {v.source.purpose for v in environment.of(files) if v.name == name}
        if Purpose.STAGING not in told or len(told) == 1:
            lacking = "staging" if Purpose.STAGING not in told else "production"
            what = f"{name} is stated for no {lacking}: nobody can tell that it differs"
            holes.append(
                Hole(spot=environment.sources[0].spot(), what=what, fix=f"a file for {lacking} that states it")
            )
    return promise.judged(
        holes,
        looked=[f"{v.spot}: {v.name}" for v in stated],
        expected="a secret of its own for each use and each environment",
        hint="make a new one for each: openssl rand -base64 48",
        nothing="no environment file names a secret",
    )


def _reused(stated: list[Variable]) -> Iterator[Hole]:
    first: dict[str, Variable] = {}
    for variable in stated:
        other = first.setdefault(variable.digest, variable)
        if other is variable or (_one_use(other, variable) and other.source.purpose is variable.source.purpose):
            continue
        what = (
            f"{variable.name} has the value of {other.name}"
            if other.name != variable.name
            else f"{variable.name} has the same value for {variable.source.purpose} as for {other.source.purpose}"
        )
        yield Hole(
            spot=variable.spot, what=what, fix="a value of its own: openssl rand -base64 48", beside=(other.spot,)
        )


def _one_use(one: Variable, other: Variable) -> bool:
    """Whether two variables are one secret: of several services, of both its ends, or of one account by two names."""
    if one.name == other.name or DATABASE.sub("", one.name) == DATABASE.sub("", other.name):
        return True
    ends = one.name.split("_")[-2:] == other.name.split("_")[-2:]
    return ends and one.source.name != other.source.name


def _referred(stated: list[Variable]) -> Iterator[Hole]:
    """Two environments that take a secret from the same address of a secret store."""
    first: dict[tuple[str, str], Variable] = {}
    for variable in stated:
        if re.match(r"(vault|arn|op|sm|projects)[:/]", variable.value):
            other = first.setdefault((variable.name, variable.digest), variable)
            if other.source.purpose is not variable.source.purpose:
                both = f"for {variable.source.purpose} as for {other.source.purpose}"
                what = f"{variable.name} comes from the same place {both}"
                yield Hole(
                    spot=variable.spot, what=what, fix="a secret of each environment's own", beside=(other.spot,)
                )


def public_variables_open(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """No variable that build tools write into what browsers load has the name of a secret."""
    stated = [variable for variable in environment.of(files) if is_public(variable.name)]
    return promise.judged(
        [
            Hole(
                spot=variable.spot,
                what=f"{variable.name} is built into what every browser loads, and is named like a secret",
                fix="a name without the public prefix; if it was ever built in, a new secret",
            )
            for variable in stated
            if HIDDEN.search(variable.name) and not MEANT_FOR_BROWSERS.search(variable.value)
        ],
        looked=[f"{variable.spot}: {variable.name}" for variable in stated],
        expected="nothing secret in what browsers load",
        nothing="no variable has the prefix by which browsers get to see it",
    )
