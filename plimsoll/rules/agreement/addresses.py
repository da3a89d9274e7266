"""Names and ports at which compose files let services be found, for rules that compare them with what others ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import ComposeFiles, Dockerfile, Dockerfiles, Service
from plimsoll.rules.containers.services import ADMINISTRATION, DATA

LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1")
OWN_PORT = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):([0-9]{1,5})\b")
SCHEMES = "https?|wss?|postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|nats|kafka|tcp|grpcs?|smtps?|memcached?"
"""Of URLs whose host is a machine; that of `s3://name` is none."""

URL = re.compile(
    rf"\b(?:{SCHEMES})(?:\+\w+)?://(?:[^\s/@]*@)?(?P<host>[A-Za-z0-9_.-]+)(?::(?P<port>[0-9]{{1,5}}))?(?=[/?,\s\"']|$)"
)
SEVERAL = ("mysql", "elasticsearch", "rabbitmq")
"""Images that listen on further ports."""

USUAL = {image: port for image, port in {**ADMINISTRATION, **DATA}.items() if image not in SEVERAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That somebody is at a port, and where that is said."""

    port: int
    spot: Spot
    how: str = "its file says"


@dataclass(frozen=True, slots=True)
class Town:
    """All services of the compose files, found by their names, with the recipes that they are built from."""

    services: tuple[Service, ...]
    recipes: tuple[Dockerfile, ...] = ()

    @classmethod
    def of(cls, compose: ComposeFiles, dockerfiles: Dockerfiles | None = None) -> Town:
        """The services for production."""
        return cls(tuple(compose.services()), dockerfiles.recipes if dockerfiles else ())

    def called(self, host: str, *, near: Service | None = None) -> tuple[Service, ...]:
        """The services that answer to a name: those in the same file, else the only one in any other."""
        found = tuple(service for service in self.services if host in names_of(service))
        beside = tuple(service for service in found if near and service.document is near.document)
        return beside or (found if len(found) == 1 else ())

    def knows(self, host: str) -> bool:
        """Whether a service of any file answers to a name."""
        return any(host in names_of(service) for service in self.services)

    def recipe(self, service: Service) -> Dockerfile | None:
        """The Dockerfile of a service, if it is among the files."""
        return next((each for each in self.recipes if service.recipe and each.source.name == service.recipe), None)

    def listens(self, service: Service) -> tuple[Claim, ...]:
        """Where a service listens: as PORT says, else as its image exposes, else as is usual; () if nobody tells."""
        stated = service.environment.get("PORT")
        if stated and (port := number(stated.text)):
            return (Claim(port=port, spot=stated.spot, how="PORT is"),)
        recipe = self.recipe(service)
        exposed = [*(exposed_by(recipe) if recipe else ()), *_stated(service)]
        if exposed:
            return tuple(exposed)
        usual = USUAL.get(service.program)
        moved = re.search(r"(^|\s)(-p|--?[\w.-]*port|--web\.listen-address)\b", service.command) or _moved(service)
        spot = service.node["image"].spot
        return (Claim(port=usual, spot=spot, how="its image listens on"),) if usual and not moved else ()


def names_of(service: Service) -> tuple[str, ...]:
    """The names under which its neighbours find a service."""
    networks = service.node["networks"]
    aliases = [alias for name in networks.keys for alias in networks[name]["aliases"].texts]
    own = [service.node[key].text for key in ("container_name", "hostname") if service.node[key]]
    return (service.name, *own, *aliases)


def exposed_by(recipe: Dockerfile) -> Iterator[Claim]:
    """The ports that an image says it listens at: its PORT variable, else its EXPOSE."""
    for stage in recipe.lineage(recipe.final):
        for each in stage.named("ENV"):
            if found := re.search(r"\bPORT[= ]\"?([0-9]{1,5})\b", each.text):
                yield Claim(port=int(found[1]), spot=each.spot, how="its image sets PORT")
                return
    exposed = [
        (each, word) for stage in recipe.lineage(recipe.final) for each in stage.named("EXPOSE") for word in each.words
    ]
    if any("$" in word for _, word in exposed):
        return  # nobody can tell which one it is in the end
    for each, word in exposed:
        if port := number(word.partition("/")[0]):
            yield Claim(port=port, spot=each.spot, how="its image exposes")


def own_ports(text: str) -> tuple[int, ...]:
    """The ports of itself that a command asks."""
    return tuple(int(port) for port in OWN_PORT.findall(text))


def agrees(port: int, claims: Iterable[Claim]) -> bool:
    """Whether somebody says that it listens there; where nobody says anything, nothing contradicts."""
    return not claims or any(claim.port == port for claim in claims)


def listed(claims: Iterable[Claim]) -> str:
    """The ports in words, with who says so."""
    every = tuple(claims)
    ports = " and ".join(str(claim.port) for claim in every)
    return f"{every[0].how} {ports}" if every else "no port"


def number(text: str) -> int:
    """The port that a text says; 0 if it says none."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0


def is_name(host: str) -> bool:
    """Whether a host can only be a neighbour's name: one label, and not this machine."""
    return bool(host) and "." not in host and host not in LOCAL and "$" not in host and not host.isdigit()


def _stated(service: Service) -> Iterator[Claim]:
    for each in service.node["expose"]:
        if port := number(each.text.partition("/")[0]):
            yield Claim(port=port, spot=each.spot, how="its `expose` says")


def _moved(service: Service) -> bool:
    return any(name in service.environment for name in ("PGPORT", "GF_SERVER_HTTP_PORT", "MYSQL_TCP_PORT"))
