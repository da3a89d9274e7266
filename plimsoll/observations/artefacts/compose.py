"""Compose files, and what they say of each service (the compose specification, compose-spec.io)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.published import Mapped, mapped
from plimsoll.observations.artefacts.source import Document, Trees

VARIABLE = re.compile(r"\$\{\w+(?P<how>:?[-?+])?(?P<default>[^}]*)\}|\$\w+")
IMAGE = re.compile(r"^(?P<name>.*?)(?::(?P<tag>[\w][\w.-]*))?(?:@(?P<digest>\w+:[0-9a-fA-F]+))?$")
HOST = "host"
DEFAULT = "default"
"""The network of a service that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mount of a service: a named volume, a path of the host, or ("") a volume that nobody named."""

    source: str
    target: str
    spot: Spot

    @property
    def named(self) -> bool:
        """Whether it is a volume with a name, and no path of the host."""
        return bool(self.source) and self.source[0] not in "./~$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One service that another waits for; `condition` is "" where the short form says none."""

    name: str
    condition: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its name, what is said of it, and the document it stands in."""

    name: str
    node: Node
    document: Document

    @property
    def image(self) -> str:
        """The image without tag and digest; of a variable, its default."""
        return _image(self.node["image"].text)[0]

    @property
    def tag(self) -> str:
        """The image's tag, "" if it has none."""
        return _image(self.node["image"].text)[1]

    @property
    def digest(self) -> str:
        """The image's digest, "" if it has none."""
        return _image(self.node["image"].text)[2]

    @property
    def program(self) -> str:
        """The last part of the image's name: `postgres` of `docker.io/library/postgres:15`; "" where it is built."""
        return self.image.rpartition("/")[2]

    @property
    def whole(self) -> bool:
        """Whether all of it stands here: an override says neither what it is made of, nor does what extends another."""
        return bool(self.node["image"] or self.node["build"]) and not self.node["extends"]

    @property
    def recipe(self) -> str:
        """The Dockerfile that it is built from, as its folder calls it; "" where it is not built."""
        build = self.node["build"]
        if not build:
            return ""
        context = build["context"].text if build.is_table else build.text
        file = build["dockerfile"].text or "Dockerfile"
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.document.source.name), context or ".", file))

    @property
    def where(self) -> str:
        """Its name and place, for evidence."""
        return f"{self.node.spot}: {self.name}"

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that it is on; none where it shares those of the host or of another service."""
        if self.node["network_mode"]:
            return ()
        stated = self.node["networks"]
        return (stated.keys or stated.texts) if stated else (DEFAULT,)

    @property
    def on_host(self) -> bool:
        """Whether its network is the host's own, so that its ports meet the host's firewall."""
        return self.node["network_mode"].text == HOST

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """What it waits for."""
        stated = self.node["depends_on"]
        if stated.is_list:
            return tuple(Dependency(name=each.text, condition="", spot=each.spot) for each in stated)
        found = [(name, stated[name]) for name in stated.keys]
        return tuple(
            Dependency(name=n, condition=e["condition"].text or "service_started", spot=e.spot) for n, e in found
        )

    @property
    def environment(self) -> Mapping[str, Node]:
        """Its variables as the file itself states them; those without a value are the shell's."""
        return dict(pairs(self.node["environment"]))

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Its volumes in either syntax."""
        return tuple(_mount(each) for each in self.node["volumes"])

    @property
    def ports(self) -> tuple[Mapped, ...]:
        """What it publishes; a port that cannot be told is there with `trouble`."""
        return () if self.on_host else tuple(found for entry in self.node["ports"] for found in mapped(entry))

    @property
    def command(self) -> str:
        """Its command in one line."""
        return " ".join(self.node["command"].texts)

    @property
    def replicas(self) -> int:
        """How many of it run."""
        stated = self.node.at("deploy.replicas") or self.node["scale"]
        return stated.value if isinstance(stated.value, int) and not isinstance(stated.value, bool) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFiles(Trees):
    """Compose files."""

    def services(self, *, files: str = "") -> Iterator[Service]:
        """Every service of the files whose names match a pattern; without one, of those for production."""
        for document in (self if files else self.for_production()).of(files=files):
            stated = document.root["services"]
            yield from (Service(name, stated[name], document) for name in stated.keys)


def pairs(node: Node) -> Iterator[tuple[str, Node]]:
    """The names and values of a table, or of a list of NAME=value; a name alone is a value that is not there."""
    if not node.is_list:
        yield from ((name, node[name]) for name in node.keys)
        return
    for each in node:
        name, equals, value = each.text.partition("=")
        yield name, Node(spot=each.spot, text=value, value=value, missing=not equals)


def filled(text: str) -> str:
    """The text with the defaults of its variables in their places; one without a default is nothing."""
    return VARIABLE.sub(lambda found: (found["default"] or "") if found["how"] in ("-", ":-") else "", text)


def _image(text: str) -> tuple[str, str, str]:
    match = IMAGE.match(filled(text))
    return (match["name"] or "", match["tag"] or "", match["digest"] or "") if match else ("", "", "")


def _mount(entry: Node) -> Mount:
    if entry.is_table:
        return Mount(source=entry["source"].text, target=entry["target"].text, spot=entry.spot)
    parts = filled(entry.text).split(":")
    source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    return Mount(source=source, target=target, spot=entry.spot)
