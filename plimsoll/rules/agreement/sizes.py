"""That what is promised of memory and connections fits what there is: containers, machines, the server's own limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import (
    ComposeFiles,
    EnvironmentFiles,
    MachineFiles,
    Manifests,
    PostgresFiles,
    Programs,
    Purpose,
    RedisFiles,
    Service,
    SourceFile,
)
from plimsoll.rules.agreement.places import (
    POSTGRES_IMAGE,
    REDIS_IMAGE,
    command_of,
    environment_of,
    flags_of,
    project_of,
    services_with,
)
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.database.programs import constructions
from plimsoll.rules.database.units import CLUSTER, ENGINE, GIB, MIB, REDIS, in_bytes, postgres_bytes, shown
from plimsoll.rules.texts import whole_number

__all__ = ["connections_suffice", "memory_fits_containers", "memory_fits_machines"]

DEFAULT_CONNECTIONS = 100
RESERVED = 3
"""PostgreSQL's own max_connections and superuser_reserved_connections (manual, 20.3.1)."""

POOLS = re.compile(
    r"^(DB|DATABASE|PG|POSTGRES|TYPEORM|PRISMA)_?(POOL(_?(SIZE|MAX))?|MAX_?(POOL|CONNECTIONS)|CONNECTION_LIMIT)$"
)
HEAP = re.compile(r"--max[-_]old[-_]space[-_]size[= ](?P<size>[0-9]+)")
SHARE = 0.4
"""The most of a machine's memory that shared_buffers uses well (PostgreSQL manual, 20.4.1)."""

WORST = 1.2
"""Not all connections sort at once; what is above the machine's memory by a fifth is beyond such luck."""

MACHINE = re.compile(
    r"\b(?:db-custom-[0-9]+-(?P<custom>[0-9]+)|(?P<azure>GP|MO|B)_Gen5_(?P<cores>[0-9]+)"
    r"|db\.(?P<family>[a-z][0-9]+[a-z]{0,2})\.(?P<size>micro|small|medium|large|(?P<times>[0-9]*)xlarge))\b"
)
SIZES: Mapping[str, float] = {"micro": 0.125, "small": 0.25, "medium": 0.5, "large": 1}
"""Shares of what an instance of size large has."""

LARGE: Mapping[str, int] = {"t": 8, "m": 8, "r": 16, "x": 32}
"""GiB of an instance of size large, by the first letter of its family (Amazon RDS: hardware specifications)."""

PER_CORE: Mapping[str, int] = {"GP": 5, "MO": 10, "B": 2}
"""GiB per core of Azure's database servers of the fifth generation (Azure Database for PostgreSQL: pricing tiers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So much of something, what it is called, and where it is stated."""

    number: int
    name: str
    spot: Spot


def connections_suffice(
    promise: Promise,
    environment: EnvironmentFiles | None,
    programs: Programs | None,
    compose: ComposeFiles | None,
    manifests: Manifests | None,
    postgres: PostgresFiles | None,
) -> Finding:
    """The pools of all replicas together take no more connections than PostgreSQL has for them.

    Where nothing states max_connections it is 100, of which three are kept for its administrator.
    """
    most = _most_connections(postgres, compose)
    pool = max(_pools(environment, programs), key=lambda amount: amount.number, default=None)
    copies = max(_replicas(compose, manifests, programs), key=lambda amount: amount.number, default=None)
    if pool and copies and project_of(pool.spot.file, compose) != project_of(copies.spot.file, compose):
        pool = None
    limit = most.number if most else DEFAULT_CONNECTIONS
    holes = []
    if pool and copies and pool.number * copies.number > limit - RESERVED:
        said = f"PostgreSQL has {limit - RESERVED}" + ("" if most else ", as nothing sets max_connections")
        asked = f"ask for {pool.number * copies.number} connections"
        what = f"{copies.number} {copies.name} with {pool.name} of {pool.number} {asked}, {said}"
        beside = (copies.spot, *((most.spot,) if most else ()))
        fix = f"a pool of {max(1, (limit - RESERVED) // copies.number)}, or PgBouncer in between"
        holes.append(Hole(spot=pool.spot, what=what, fix=fix, beside=beside))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each.name}: {each.number}" for each in (pool, copies, most) if each]
        if pool and copies
        else [],
        expected="pools times replicas within max_connections",
        nothing="no file states both the size of a pool and how many replicas have one",
    )


def _most_connections(postgres: PostgresFiles | None, compose: ComposeFiles | None) -> Amount | None:
    for service in services_with(compose, POSTGRES_IMAGE):
        if flag := whole_number(flags_of(service).get("max_connections", "")):
            return Amount(number=flag, name="max_connections", spot=service.node["command"].spot)
    setting = postgres.last("max_connections") if postgres else None
    if setting and (number := whole_number(setting.value)):
        return Amount(number=number, name=setting.name, spot=setting.spot)
    return None


def _pools(environment: EnvironmentFiles | None, programs: Programs | None) -> Iterator[Amount]:
    for variable in environment.variables if environment else ():
        meant = variable.source.purpose in (Purpose.PRODUCTION, Purpose.EXAMPLE) and POOLS.match(variable.name)
        if meant and (number := whole_number(variable.value)):
            yield Amount(number=number, name="a pool", spot=variable.spot)
    for source in programs.sources if programs else ():
        for made in constructions(source, "Pool"):
            value, spot = made.options.get("max", ("", made.spot))
            if number := whole_number(value):
                yield Amount(number=number, name="a pool", spot=spot)


def _replicas(compose: ComposeFiles | None, manifests: Manifests | None, programs: Programs | None) -> Iterator[Amount]:
    total, first = 0, None
    for service in services_of(compose) if compose else ():
        if POSTGRES_IMAGE.search(service.node["image"].text) or not _asks(service):
            continue
        count = service.node.at("deploy.replicas")
        stated = whole_number(count.text)
        total += 1 if stated is None else stated
        first = first or (count.spot if count else service.node.spot)
    if first and total > 1:
        yield Amount(number=total, name="replicas", spot=first)
    for document in manifests.for_production().documents if manifests else ():
        if document.root["kind"].text == "HorizontalPodAutoscaler":
            most = document.root.at("spec.maxReplicas")
            if number := whole_number(most.text):
                yield Amount(number=number, name="replicas at most", spot=most.spot)
    for source in programs.sources if programs else ():
        if found := re.search(r"\binstances['\"]?\s*:\s*['\"]?([0-9]+)", source.text):
            line = source.text.count("\n", 0, found.start()) + 1
            yield Amount(number=whole_number(found[1]) or 0, name="processes", spot=source.spot(line))


def _asks(service: Service) -> bool:
    """Whether a service is the database's client: it waits for it, or is told its address."""
    waits = (*service.node["depends_on"].keys, *service.node["depends_on"].texts)
    return any(re.search(r"postgres|^db$|database", each) for each in waits) or any(
        name in ("DATABASE_URL", "PGHOST") for name, _, _ in environment_of(service)
    )


def memory_fits_containers(
    promise: Promise,
    compose: ComposeFiles | None,
    manifests: Manifests | None,
    postgres: PostgresFiles | None,
    redis: RedisFiles | None,
) -> Finding:
    """What a server or Node.js may use of memory is less than what its container has before it is killed."""
    wants: list[tuple[Amount, Amount]] = []
    for service in services_with(compose, POSTGRES_IMAGE):
        wants += _pairs(_limit(service), _buffers(service, postgres))
    for service in services_with(compose, REDIS_IMAGE):
        wants += _pairs(_limit(service), _most_memory(service, redis))
    for service in services_of(compose) if compose else ():
        told = [(value, spot) for name, value, spot in environment_of(service) if name == "NODE_OPTIONS"]
        told.append((command_of(service), service.node["command"].spot))
        for text, spot in told:
            wants += _pairs(_limit(service), _heap(text, spot))
    for document in manifests.for_production().documents if manifests else ():
        for node in document.root.walk():
            limit = node.at("resources.limits.memory")
            size = in_bytes(limit.text, CLUSTER) if limit else None
            for entry in node["env"].items:
                if size and entry["name"].text == "NODE_OPTIONS":
                    most = Amount(number=size, name="the container's limit", spot=limit.spot)
                    wants += _pairs(most, _heap(entry["value"].text, entry.spot))
    return promise.judged(
        [
            Hole(
                spot=want.spot,
                what=f"{want.name} of {shown(want.number)} does not fit into {have.name} of {shown(have.number)}",
                fix="three quarters of the limit at most: the rest is for everything beside it",
                beside=(have.spot,),
            )
            for want, have in wants
            if want.number >= have.number
        ],
        looked=[f"{want.spot}: {want.name}: {shown(want.number)} of {shown(have.number)}" for want, have in wants],
        expected="room beside what the program takes by itself",
        nothing="no file states both what a program takes and what it has",
    )


def _pairs(have: Amount | None, want: Amount | None) -> list[tuple[Amount, Amount]]:
    return [(want, have)] if have and want else []


def _limit(service: Service) -> Amount | None:
    for node in (service.node.at("deploy.resources.limits.memory"), service.node["mem_limit"]):
        size = in_bytes(node.text, ENGINE) if node else None
        if size:
            return Amount(number=size, name=f"the limit of {service.name}", spot=node.spot)
    return None


def _buffers(service: Service, postgres: PostgresFiles | None) -> Amount | None:
    if flag := flags_of(service).get("shared_buffers", ""):
        size = postgres_bytes(flag.strip("'\""), "8kB")
        return Amount(number=size, name="shared_buffers", spot=service.node["command"].spot) if size else None
    setting = postgres.last("shared_buffers") if postgres else None
    size = postgres_bytes(setting.value, "8kB") if setting and _uses(service, setting.source) else None
    return Amount(number=size, name="shared_buffers", spot=setting.spot) if setting and size else None


def _most_memory(service: Service, redis: RedisFiles | None) -> Amount | None:
    flag = re.search(r"--maxmemory\s+(\S+)", command_of(service))
    if flag:
        size = in_bytes(flag[1], REDIS)
        return Amount(number=size, name="maxmemory", spot=service.node["command"].spot) if size else None
    setting = redis.last("maxmemory") if redis else None
    size = in_bytes(setting.value, REDIS) if setting and _uses(service, setting.source) else None
    return Amount(number=size, name="maxmemory", spot=setting.spot) if setting and size else None


def _uses(service: Service, source: SourceFile) -> bool:
    """Whether a service is handed that file, as a volume, a secret or a configuration."""
    file = source.name.rpartition("/")[2]
    handed = (service.node, service.document.root["secrets"], service.document.root["configs"])
    return source.fragment or any(node.text.split(":")[0].endswith(file) for table in handed for node in table.walk())


def _heap(text: str, spot: Spot) -> Amount | None:
    found = HEAP.search(text)
    return Amount(number=(whole_number(found["size"]) or 0) * MIB, name="a heap", spot=spot) if found else None


def memory_fits_machines(promise: Promise, postgres: PostgresFiles, machines: MachineFiles) -> Finding:
    """What PostgreSQL is told about memory fits every machine that files name for it."""
    told = {s.name: s for s in postgres.settings if s.source.purpose is Purpose.PRODUCTION}
    sizes = {
        name: Amount(number=size, name=name, spot=told[name].spot)
        for name, unit in (("shared_buffers", "8kB"), ("effective_cache_size", "8kB"), ("work_mem", "kB"))
        if name in told and (size := postgres_bytes(told[name].value, unit))
    }
    named = [machine for source in machines.sources for machine in _machines(source)]
    most = told.get("max_connections")
    connections = (whole_number(most.value) if most else None) or DEFAULT_CONNECTIONS
    holes = []
    for machine in named if sizes else ():
        has = f"{machine.name} has {shown(machine.number)}"
        buffers, cached, work = (sizes.get(name) for name in ("shared_buffers", "effective_cache_size", "work_mem"))
        if buffers and buffers.number > machine.number * SHARE:
            what = f"shared_buffers is {shown(buffers.number)}, and {has}: more than {SHARE:.0%} of it slows it down"
            fix = f"shared_buffers = {machine.number // 4 // MIB}MB"
            holes.append(Hole(spot=buffers.spot, what=what, fix=fix, beside=(machine.spot,)))
        if cached and cached.number > machine.number:
            what = f"effective_cache_size is {shown(cached.number)}, and {has}: no such cache can be there"
            fix = f"effective_cache_size = {machine.number * 3 // 4 // MIB}MB"
            holes.append(Hole(spot=cached.spot, what=what, fix=fix, beside=(machine.spot,)))
        total = (buffers.number if buffers else 0) + (work.number * connections if work else 0)
        if work and most and total > machine.number * WORST:
            what = f"{connections} connections with work_mem {shown(work.number)} may take {shown(total)}, and {has}"
            fix = f"work_mem = {max(1, (machine.number // 2) // connections // MIB)}MB"
            holes.append(Hole(spot=work.spot, what=what, fix=fix, beside=(most.spot, machine.spot)))
    return promise.judged(
        holes,
        looked=[f"{machine.spot}: {machine.name}: {shown(machine.number)}" for machine in named] if sizes else [],
        expected="settings that fit the machine",
        nothing="no file names a database's machine, or what PostgreSQL may take of it",
    )


def _machines(source: SourceFile) -> Iterator[Amount]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        for found in MACHINE.finditer(line):
            if found["custom"]:
                size = int(found["custom"]) * MIB
            elif found["azure"]:
                size = int(found["cores"]) * PER_CORE[found["azure"]] * GIB
            else:
                share = SIZES.get(found["size"]) or 2 * int(found["times"] or 1)
                size = int(LARGE.get(found["family"][0], 0) * share * GIB)
            if size:
                yield Amount(number=size, name=found[0], spot=source.spot(number))
