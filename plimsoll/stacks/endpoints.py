"""Where the services of a started stack are asked, and what each is asked to know that it serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Service
from plimsoll.stacks.configs.nginx import tls_ports
from plimsoll.stacks.environment import Surroundings
from plimsoll.stacks.protocol import Addresses, Endpoint
from plimsoll.stacks.readiness import Question

READY: Mapping[str, str] = {"prometheus": "/-/ready", "grafana": "/api/health", "identity": "/"}
"""What says that a service of these recipes serves; an application is asked what its own settings name."""

DEFAULT_READY = "/ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The endpoints of one stack: `addresses` has those that can be reached from here."""

    surroundings: Surroundings
    addresses: Addresses

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every TCP port of every replica of every service, in the deployment's order.

        The ports of an edge that speak no TLS are of a role of their own, edge-plain, if others do.
        """
        services = self.surroundings.deployment.services.values()
        return tuple(endpoint for service in services for endpoint in self._of(service))

    def questions(self, endpoints: Iterable[Endpoint]) -> list[Question]:
        """What the endpoints are asked, first those that others wait for, the edge last."""
        deployment = self.surroundings.deployment
        asked = []
        for endpoint in endpoints:
            service = deployment.services.get(endpoint.role)
            if service is None:  # an edge's plain port: the other one tells as much
                continue
            if service.recipe == "nginx":
                host, path = deployment.place("ready") if "ready" in deployment.paths else (endpoint.host, "/")
                asked.append(Question(endpoint=endpoint, host=host, path=path, rank=2))
            elif endpoint.scheme == "http":
                path = self._ready_path(service)
                asked.append(Question(endpoint=endpoint, host=endpoint.host, path=path, rank=1))
            else:
                asked.append(Question(endpoint=endpoint, host=endpoint.host, user=service.settings.get("user", "app")))
        return sorted(asked, key=lambda question: question.rank)

    def _ready_path(self, service: Service) -> str:
        if service.recipe in READY:
            return READY[service.recipe]
        deployment = self.surroundings.deployment
        stated = deployment.place("ready")[1] if "ready" in deployment.paths else DEFAULT_READY
        return self.surroundings.variables(service).get("PATH_READY", stated)

    def _of(self, service: Service) -> Iterator[Endpoint]:
        known = self.surroundings
        encrypted = tls_ports(service, known.artefacts) if service.recipe == "nginx" else frozenset()
        named = service.recipe in ("nginx", "app")  # those that answer to the deployment's own names
        for replica in self.addresses.get(service.role, ()):
            for port, address in replica.items():
                scheme = self._scheme(service, port, encrypted)
                tls = scheme in ("https", "rediss") or (scheme == "postgresql" and known.postgres(service).encrypts)
                yield Endpoint(
                    role=f"{service.role}-plain" if encrypted and scheme == "http" else service.role,
                    scheme=scheme,
                    host=known.deployment.hosts[0] if named else service.role,
                    port=port,
                    address=address,
                    authority=known.materials.authority if tls else None,
                )

    def _scheme(self, service: Service, port: int, encrypted: frozenset[int]) -> str:
        if service.recipe == "postgres":
            return "postgresql"
        if service.recipe == "redis":
            return "rediss" if port == self.surroundings.redis(service).tls_port else "redis"
        return "https" if port in encrypted else "http"
