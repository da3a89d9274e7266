"""Containers as the engine describes them and as they are from inside."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations import Container, Process, RunningContainers

if TYPE_CHECKING:
    from testinfra.host import Host

SIDE_BY_SIDE = 8
NANO = 1_000_000_000
CONNECT_SECONDS = 1
"""How long a connection may take; between containers of one machine it takes a fraction of a millisecond."""

MOST = 2**60
"""Bytes that mean no limit: version 1 of control groups says 2^63 less a page."""

OURS = ("sh", "bash", "cat", "sleep", "timeout", "plimsoll-superv")
"""Processes of the supervisor and of this very look."""

STATUS = re.compile(r"^Name:\s*(?P<name>\S+)$.*?^Uid:\s*(?P<uid>\d+).*?^Gid:\s*(?P<gid>\d+)", re.MULTILINE | re.DOTALL)
LIMIT = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
APPENDONLY = 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --no-auth-warning config get appendonly'
CONNECT = f'timeout {CONNECT_SECONDS} bash -c "</dev/tcp/%s" 2>/dev/null && echo %s &'
"""bash connects by itself (bash(1), REDIRECTION); an image without it tells nothing."""


def survey(deployment: Deployment, names: Mapping[str, Sequence[str]], *, deadline: float) -> RunningContainers:
    """Every container of every role. Raises CouldNotLook where the engine does not answer."""
    described = _described([name for all_of_it in names.values() for name in all_of_it], deadline=deadline)
    addresses = dict(_addresses(deployment, names, described))

    def look(role: str, name: str) -> Container:
        others = {other: address for other, address in addresses.items() if other != role}
        return _container(name, role, described[name], others, redis=_recipe(deployment, role) == "redis")

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        looking = [pool.submit(look, role, name) for role, all_of_it in names.items() for name in all_of_it]
        containers = tuple(each.result(deadline) for each in looking)
    return RunningContainers(containers=containers, seen_at=datetime.now(UTC))


def _described(names: Sequence[str], *, deadline: float) -> Mapping[str, Mapping[str, object]]:
    """What the engine says of each container."""
    command = ["docker", "inspect", "--type", "container", *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=deadline, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CouldNotLook(f"the engine does not describe its containers: {error}", hint="docker inspect") from error
    if done.returncode:
        raise CouldNotLook(f"the engine does not describe its containers: {done.stderr.strip()}", hint="docker ps -a")
    return {str(each["Name"]).removeprefix("/"): each for each in json.loads(done.stdout)}


def _container(
    name: str, role: str, described: Mapping[str, object], others: Mapping[str, tuple[str, ...]], *, redis: bool
) -> Container:
    host = _host(name)
    limits, networks = _table(described, "HostConfig"), _table(described, "NetworkSettings", "Networks")
    inside = next((int(line) for line in host.run(LIMIT).stdout.split() if line.isdecimal() and int(line) < MOST), 0)
    asked = [CONNECT % (address, other) for other, places in others.items() for address in places]
    reached = host.run(" ".join([*asked, "wait; echo ."])).stdout.split()
    appends = host.run(APPENDONLY).stdout.split() if redis else []
    return Container(
        name=name,
        role=role,
        running=_table(described, "State").get("Running") is True,
        processes=tuple(_processes(host.run("cat /proc/[0-9]*/status 2>/dev/null").stdout)),
        memory=_number(limits.get("Memory")),
        inside_memory=inside,
        cpus=_number(limits.get("NanoCpus")) / NANO,
        volumes=dict(_volumes(described, host.run("cat /proc/mounts").stdout)),
        networks=tuple(sorted(network.rpartition("-")[2] for network in networks)),
        reaches={role: role in reached for role in others} if "." in reached else {},
        settings={appends[0]: appends[1]} if len(appends) == 2 else {},  # noqa: PLR2004 - a name and its value
    )


def _host(name: str) -> Host:
    import testinfra  # noqa: PLC0415 - a tenth of a second that only looks at containers pay

    return testinfra.get_host(f"docker://{name}")


def _processes(text: str) -> Iterator[Process]:
    for part in re.split(r"(?m)^(?=Name:)", text):
        if (match := STATUS.match(part)) and match["name"] not in OURS:
            yield Process(name=match["name"], uid=int(match["uid"]), gid=int(match["gid"]))


def _volumes(described: Mapping[str, object], mounted: str) -> Iterator[tuple[str, str]]:
    """The volumes that both the engine and the kernel know, without the run's name before theirs."""
    places = {line.split()[1] for line in mounted.splitlines() if len(line.split()) > 1}
    stated = described.get("Mounts")
    for mount in stated if isinstance(stated, list) else ():
        if mount.get("Type") == "volume" and mount.get("Destination") in places:
            yield str(mount.get("Name")).rpartition("-volume-")[2], str(mount["Destination"])


def _addresses(
    deployment: Deployment, names: Mapping[str, Sequence[str]], described: Mapping[str, Mapping[str, object]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By role, the first port of its first container on each of its networks, as bash writes addresses."""
    for role, all_of_it in names.items():
        ports = deployment.services[role].ports if role in deployment.services else ()
        networks = _table(described[all_of_it[0]], "NetworkSettings", "Networks")
        found = [str(_table(networks, network).get("IPAddress") or "") for network in networks]
        if ports and any(found):
            yield role, tuple(f"{address}/{ports[0]}" for address in found if address)


def _recipe(deployment: Deployment, role: str) -> str:
    return deployment.services[role].recipe if role in deployment.services else ""


def _table(value: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    for key in keys:
        inner = value.get(key)
        value = inner if isinstance(inner, dict) else {}
    return value


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
