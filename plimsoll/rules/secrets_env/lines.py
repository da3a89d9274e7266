"""The lines of environment files: that all who read them read the same, and that they are for production."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import EnvironmentFiles, Purpose, Variable
from plimsoll.rules.secrets_env.urls import RESERVED, Address, address_in

__all__ = ["addresses_sound", "encryption_not_disabled", "environment_lines_plain", "production_mode"]

MODES: Mapping[str, str] = {
    "NODE_ENV": "production",
    "RAILS_ENV": "production",
    "RACK_ENV": "production",
    "APP_ENV": "production",
    "FLASK_ENV": "production",
    "ASPNETCORE_ENVIRONMENT": "Production",
}
"""What frameworks are told that they run for production with; anything else costs speed, and shows insides."""

SLOW = re.compile(r"dev|test|local|debug", re.IGNORECASE)
SWITCHES = re.compile(r"^(DEBUG|APP_DEBUG|FLASK_DEBUG|DJANGO_DEBUG)$")
ON = frozenset({"1", "true", "on", "yes"})
UNVERIFIED: Mapping[str, str] = {
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
    "PYTHONHTTPSVERIFY": "0",
    "GIT_SSL_NO_VERIFY": "1",
}
"""Switches that take every certificate for a good one, of all connections of the process."""


def environment_lines_plain(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """Every line of an environment file means the same to a shell, to Docker and dotenv, and no name stands twice."""
    stated = list(environment.of(files))
    holes = [Hole(spot=v.spot, what=f"{v.name}: {v.trap}", fix=_plain(v)) for v in stated if v.trap]
    first: dict[tuple[str, str, int], Variable] = {}
    for variable in stated:
        place = (variable.name, variable.source.name, variable.source.first)
        other = first.setdefault(place, variable)
        if other is not variable:
            what = f"{variable.name} stands twice: some readers take the first value, some the last"
            holes.append(Hole(spot=variable.spot, what=what, fix="keep one of them", beside=(other.spot,)))
    return promise.judged(
        holes,
        looked=[f"{source.spot()}: {source.name}" for source in environment.files(files)],
        expected="NAME=value, each name once",
        nothing="no environment file is there",
    )


def _plain(variable: Variable) -> str:
    if "spaces" in variable.trap:
        return f"{variable.name}=… without spaces"
    if "command" in variable.trap:
        return "state the value, or name the file that holds it in a variable that ends in _FILE"
    return "close the quote at the end of the value"


def production_mode(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """No environment file for production tells a framework that it runs for development, debugging or a test."""
    told = [v for v in environment.of(files) if v.source.purpose is Purpose.PRODUCTION or files]
    modes = [v for v in told if v.name in MODES or SWITCHES.search(v.name) or v.name in UNVERIFIED]
    return promise.judged(
        [hole for variable in modes for hole in _mode(variable)],
        looked=[f"{variable.spot}: {variable.name}={variable.value}" for variable in modes],
        expected="production mode, no debugging, certificates verified",
        nothing="no environment file for production states a mode",
    )


def _mode(variable: Variable) -> Iterator[Hole]:
    name, value = variable.name, variable.value
    if name in MODES and SLOW.search(value):
        yield Hole(spot=variable.spot, what=f"{name} is {value!r} for production", fix=f"{name}={MODES[name]}")
    elif SWITCHES.search(name) and value.lower() in ON:
        what = f"{name} is on for production: errors show their insides to whoever causes them"
        yield Hole(spot=variable.spot, what=what, fix=f"{name}=false")
    elif UNVERIFIED.get(name) == value:
        what = f"{name}={value}: every certificate is taken for a good one"
        yield Hole(spot=variable.spot, what=what, fix="add the authority's certificate to those that are trusted")


def _addresses(environment: EnvironmentFiles, files: str) -> Iterator[tuple[Variable, Address]]:
    """The addresses that files for production, staging, or as an example of them state."""
    purposes = () if files else (Purpose.PRODUCTION, Purpose.STAGING, Purpose.EXAMPLE)
    for variable in environment.of(files, purposes=purposes):
        if where := address_in(variable.value):
            yield variable, where


def addresses_sound(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """Addresses of databases and caches for production can be read, and lead somewhere else than to whoever asks.

    localhost is right where the service is on the same machine; in a container it is the container itself, so it is
    objected to where the same file says that the deployment runs in several (a service's name in another address).
    """
    stated = list(_addresses(environment, files))
    services = [(v, where) for v, where in stated if where.is_database or where.is_redis]
    remote = {v.source.name for v, where in services if not where.is_local and not where.gap}
    return promise.judged(
        [hole for v, where in services for hole in _unsound(v, where, others=v.source.name in remote)],
        looked=[f"{v.spot}: {v.name}" for v, _ in services],
        expected="addresses that every reader takes apart alike",
        nothing="no environment file for production states the address of a database or a cache",
    )


def _unsound(variable: Variable, where: Address, *, others: bool) -> Iterator[Hole]:
    if RESERVED.search(where.password) and not where.gap:
        what = f"the password in {variable.name} has characters that end it early"
        yield Hole(spot=variable.spot, what=what, fix="percent-encode the password: @ as %40, / as %2F, # as %23")
    elif where.port_text and not where.port and not where.gap:
        what = f"{variable.name} has {where.port_text!r} for a port"
        yield Hole(spot=variable.spot, what=what, fix="a number")
    elif where.is_local and others and not where.gap and variable.source.purpose is not Purpose.EXAMPLE:
        what = f"{variable.name} leads to {where.host}, the container that asks, while others name a service"
        yield Hole(spot=variable.spot, what=what, fix="the service's name")


def encryption_not_disabled(promise: Promise, environment: EnvironmentFiles, *, files: str = "") -> Finding:
    """No address of a database beyond this machine and its private networks turns encryption off."""
    databases = [(v, where) for v, where in _addresses(environment, files) if where.is_database]
    holes = []
    for variable, where in databases:
        mode = (where.query.get("sslmode") or where.query.get("ssl") or ("",))[-1]
        if mode in ("disable", "false", "no-verify") and "." in where.host and not where.is_local:
            what = f"{variable.name} leads to another machine with encryption off ({mode})"
            holes.append(
                Hole(spot=variable.spot, what=what, fix="sslmode=verify-full, with the authority's certificate")
            )
    return promise.judged(
        holes,
        looked=[f"{v.spot}: {v.name}" for v, _ in databases],
        expected="encrypted connections to databases on other machines",
        nothing="no environment file for production states the address of a database",
    )
