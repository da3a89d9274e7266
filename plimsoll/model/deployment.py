"""A deployment as its file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.model.promise import Promise
from plimsoll.model.recovery import Recovery
from plimsoll.model.rollout import Rollout
from plimsoll.model.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One role of a deployment and what runs it: the recipe, the artefacts, the ports inside."""

    role: str
    recipe: str
    ports: tuple[int, ...] = ()
    replicas: int = 1
    config: str = ""
    environment: str = ""
    image: str = ""
    certificate: str = ""
    key: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Where a deployment already runs.

    `address` is what every host resolves to (without one, the name service says), `address6` the same in IPv6,
    `addresses` those of hosts that resolve to something else. `ca` is a PEM file of the authority to trust,
    `plain_port` where plain HTTP is answered if not on 80, `provides` the surroundings it has (cdn, cluster), `allow`
    what it may be asked beyond a polite client's questions (intrusive, load), `ssh` how its host is logged in to:
    `user@host:port`, with the key file `ssh_key` and the known hosts file `ssh_known_hosts`; `machines` the same by the
    name of each machine, where there are several. `zone` is where this run stands. `kubernetes` is the cluster that
    runs it, by `context` and `namespace` of kubectl's own configuration or of the file `kubeconfig`; `ecs` the same by
    `region`, `cluster`, and the `profile` of the AWS command line.
    """

    url: str
    address: str = ""
    address6: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    plain_port: int = 0
    provides: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ssh: str = ""
    ssh_key: str = ""
    ssh_known_hosts: str = ""
    machines: Mapping[str, str] = field(default_factory=dict)
    zone: str = "internet"
    kubernetes: Mapping[str, str] = field(default_factory=dict)
    ecs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Where clients may be, by their networks (CIDR, IPv4 or IPv6), and the TCP ports of the host they may reach."""

    name: str
    networks: tuple[str, ...]
    reaches: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the deployment allows one client; probes stay below it. 0 is none stated.

    `quota` is requests per window on the API, `upload_bytes` the largest body.
    """

    requests_per_second: float = 20.0
    burst: int = 40
    quota: int = 0
    upload_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment as its deployment.toml describes it.

    `paths` maps a path class to an example of it: a path on the first host, or `//host/path`. `zones` are where clients
    may be, by name. `artefacts` a kind of file to its path, `generated` a path to the
    number of zero bytes a stack makes it of; all paths of files start at `root`.
    """

    name: str
    root: Path
    hosts: tuple[str, ...]
    promises: tuple[Promise, ...]
    disposable: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)
    generated: Mapping[str, int] = field(default_factory=dict)
    live: Live | None = None
    recovery: Recovery | None = None
    rollout: Rollout | None = None
    workload: Workload | None = None

    @property
    def runbook(self) -> Mapping[str, str]:
        """What is typed at the host for each act, of recoveries and of releases."""
        return {
            **(self.recovery.runbook if self.recovery else {}),
            **(self.rollout.runbook if self.rollout else {}),
        }

    def place(self, kind: str) -> tuple[str, str]:
        """The host and the path of the example of a path class. Raises KeyError when there is none."""
        example = self.paths[kind]
        if example.startswith("//"):
            host, _, path = example.removeprefix("//").partition("/")
            return host, f"/{path}"
        return (self.hosts[0] if self.hosts else ""), example
