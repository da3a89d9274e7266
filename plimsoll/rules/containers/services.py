"""The services of compose files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.observations.artefacts import ComposeFiles, Document, Node


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its name, what is said of it, and the document it stands in."""

    name: str
    node: Node
    document: Document


def services_of(compose: ComposeFiles, *, files: str = "") -> Iterator[Service]:
    """Every service of the files whose names match a pattern; without one, of those for production."""
    for document in (compose if files else compose.for_production()).of(files=files):
        services = document.root["services"]
        for name in services.keys:
            yield Service(name, services[name], document)
