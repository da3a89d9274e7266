"""That addresses lead to services that are there, to databases that are created, with passwords that are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import (
    ComposeFiles,
    EnvironmentFiles,
    Manifests,
    PostgresFiles,
    Programs,
    Purpose,
    RedisFiles,
    SqlStatements,
)
from plimsoll.rules.agreement.places import (
    POSTGRES_IMAGE,
    REDIS_IMAGE,
    Stated,
    addresses,
    command_of,
    environment_of,
    project_of,
    services_with,
)
from plimsoll.rules.database.programs import constructions
from plimsoll.rules.database.sql import CREATES_DATABASE, CREATES_ROLE, matches, plain, running
from plimsoll.rules.secrets_env.urls import GAPS
from plimsoll.rules.texts import whole_number

__all__ = ["addresses_reach_services", "clients_use_addresses", "databases_agree", "redis_password_agrees"]


@dataclass(frozen=True, slots=True)
class Made:
    """A database or a role that a file creates: where, and by which service of compose ("" for an SQL file)."""

    name: str
    spot: Spot
    service: str = ""


def databases_agree(
    promise: Promise,
    environment: EnvironmentFiles | None,
    compose: ComposeFiles | None,
    manifests: Manifests | None,
    sql: SqlStatements | None,
) -> Finding:
    """Addresses of databases name one that is created where they lead, by compose or an SQL file, and its role."""
    databases = [*_created(sql, CREATES_DATABASE), *_given(compose, "POSTGRES_DB")]
    roles = [*_created(sql, CREATES_ROLE), *_given(compose, "POSTGRES_USER")]
    stated = [each for each in addresses(environment, compose, manifests) if each.address.is_database]
    named = [(each.name, each.address.path, each.spot, each.address.host) for each in stated]
    asking = [(each.name, each.address.user, each.spot, each.address.host) for each in stated]
    for variable in environment.variables if environment else ():
        if variable.source.purpose in (Purpose.PRODUCTION, Purpose.EXAMPLE) and variable.literal:
            told = (variable.name, variable.value, variable.spot, "")
            named += [told] * (variable.name in ("PGDATABASE", "POSTGRES_DB"))
            asking += [told] * (variable.name in ("PGUSER", "POSTGRES_USER"))
    return promise.judged(
        [*_strange(named, databases, "database", compose), *_strange(asking, roles, "role", compose)],
        looked=[f"{spot}: {name}: {value}" for name, value, spot, _ in named] if databases else [],
        expected="databases and roles that are created",
        nothing="nothing creates a database, or no address names one",
    )


def _created(sql: SqlStatements | None, pattern: re.Pattern[str]) -> Iterator[Made]:
    for statement, match in matches(running(sql), pattern) if sql else ():
        yield Made(plain(match["name"]), statement.spot)


def _given(compose: ComposeFiles | None, variable: str) -> Iterator[Made]:
    """What the services of PostgreSQL are told to create when they start for the first time."""
    for service in services_with(compose, POSTGRES_IMAGE):
        if service.document.source.purpose is Purpose.PRODUCTION:
            yield from (Made(v, spot, service.name) for name, v, spot in environment_of(service) if name == variable)


def _strange(
    named: list[tuple[str, str, Spot, str]], everything: list[Made], what: str, compose: ComposeFiles | None
) -> Iterator[Hole]:
    """Names that nobody creates where they lead; where a name is a variable, or nobody tells, nothing is said."""
    for name, value, spot, host in named:
        project = project_of(spot.file, compose)
        made = [each for each in everything if project_of(each.spot.file, compose) == project]
        services, everywhere = {each.service for each in made}, [each for each in made if not each.service]
        there = [each for each in made if host in ("", each.service)] if host in ("", *services) else []
        there += [each for each in everywhere if each not in there]
        known = {each.name for each in there} | {"postgres"}
        gap = not value or value.lower() in GAPS or "$" in value or value.startswith("<") or "your" in value
        if there and not gap and value not in known and not any("$" in each for each in known):
            said = f"{name} names the {what} {value}, and what is created is {there[0].name}"
            yield Hole(spot=spot, what=said, fix=there[0].name, beside=(there[0].spot,))


def addresses_reach_services(
    promise: Promise,
    compose: ComposeFiles,
    environment: EnvironmentFiles,
    postgres: PostgresFiles | None,
) -> Finding:
    """Addresses in environment files that name a service of compose name the port it listens on in its container."""
    ports: dict[tuple[str, str], tuple[int, Spot]] = {}
    for image, port in ((POSTGRES_IMAGE, 5432), (REDIS_IMAGE, 6379)):
        for service in services_with(compose, image):
            flag = re.search(r"(?:\s-p|--port|\bport=)\s*(\d+)", command_of(service))
            given = [value for name, value, _ in environment_of(service) if name == "PGPORT"]
            said = flag[1] if flag else "".join(given)
            home = project_of(service.document.source.name, compose)
            ports[home, service.name] = (whole_number(said) or port, service.node.spot)
    conf = postgres.last("port") if postgres else None
    places = (
        (each, (project_of(each.spot.file, compose), each.address.host)) for each in addresses(environment, None, None)
    )
    stated = [(each, place) for each, place in places if place in ports]
    holes = []
    for each, place in stated:
        port, spot = ports[place]
        moved = conf and each.address.is_database and conf.value == str(each.address.port)
        if each.address.port and each.address.port != port and not moved:
            what = f"{each.name} leads to port {each.address.port} of {each.address.host}, which listens on {port}"
            holes.append(Hole(spot=each.spot, what=what, fix=f"{each.address.host}:{port}", beside=(spot,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each.name}" for each, _ in stated],
        expected="ports that the services listen on",
        nothing="no address names a database or a cache of a compose file",
    )


def redis_password_agrees(
    promise: Promise, environment: EnvironmentFiles, redis: RedisFiles | None, compose: ComposeFiles | None
) -> Finding:
    """Where Redis asks for a password, addresses of it state one; where it is known to have none, they state none."""
    asks: Spot | None = None
    lets: Spot | None = None
    for setting in redis.settings if redis else ():
        if setting.name == "requirepass" and setting.value not in ("", '""'):
            asks = asks or setting.spot
    hosts = set()
    for service in services_with(compose, REDIS_IMAGE):
        command = command_of(service)
        hosts.add(service.name)
        if "--requirepass" in command:
            asks = asks or service.node["command"].spot
        elif (
            not re.search(r"\.conf\b|_conf\b|/run/secrets|aclfile", command)
            and not redis
            and not service.node["configs"]
        ):
            lets = lets or service.node.spot
    stated = [each for each in addresses(environment, compose, None) if each.address.is_redis and _there(each, hosts)]
    known = {project_of(spot.file, compose) for spot in (asks, lets) if spot}
    stated = [each for each in stated if known == {project_of(each.spot.file, compose)}]
    holes = []
    for each in stated:
        if asks and not each.address.password and not _templated(each):
            what = f"{each.name} states no password, and Redis asks for one"
            holes.append(Hole(spot=each.spot, what=what, fix="redis://:password@host", beside=(asks,)))
        elif lets and not asks and each.address.password and not each.address.gap:
            what = f"{each.name} states a password, and Redis has none: it refuses the login"
            fix = "redis-server --requirepass, or a file with requirepass"
            holes.append(Hole(spot=each.spot, what=what, fix=fix, beside=(lets,)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each.name}" for each in stated] if asks or lets else [],
        expected="a password on both sides, or on none",
        nothing="nothing shows whether Redis asks for a password, or no address leads to it",
    )


def _there(each: Stated, hosts: set[str]) -> bool:
    return not hosts or each.address.host in hosts or each.address.gap


def _templated(each: Stated) -> bool:
    return "$" in each.address.host or "$" in each.address.user


def clients_use_addresses(promise: Promise, programs: Programs, environment: EnvironmentFiles) -> Finding:
    """A program's clients go where the environment says, not to an address of their own."""
    stated = {each.address.scheme.rstrip("s"): each for each in addresses(environment, None, None)}
    redis = stated.get("redi")
    database = next((each for each in stated.values() if each.address.is_database), None)
    holes, looked = [], []
    for source in programs.sources:
        for name, given in (("Redis", redis), ("Pool", database), ("Client", database)):
            for made in constructions(source, name):
                value, spot = made.options.get("host", ("", made.spot))
                looked += [f"{made.spot}: new {name}"] * (given is not None)
                if given and re.fullmatch(r"['\"][\w.-]+['\"]", value) and value.strip("'\"") != given.address.host:
                    what = (
                        f"{name} goes to {value.strip(chr(39) + chr(34))}, while {given.name} says {given.address.host}"
                    )
                    fix = f"new {name}(process.env.{given.name}, {{ … }})"
                    holes.append(Hole(spot=spot, what=what, fix=fix, beside=(given.spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="clients that go where the environment says",
        nothing="no program makes a client of a database or a cache whose address is stated",
    )
