"""What is there, and how much of it can be read at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath

from plimsoll.artefacts import nginx_text, trees
from plimsoll.artefacts.kinds import by_name
from plimsoll.model import Spot
from plimsoll.observations.artefacts import Entry, Inventory, Kind, SourceFile, Trouble

TREES = frozenset(
    {
        Kind.ALERTMANAGER,
        Kind.ALERTS,
        Kind.COMPOSE,
        Kind.DASHBOARD,
        Kind.DATASOURCES,
        Kind.DEPENDENCIES,
        Kind.ECS,
        Kind.HELM_VALUES,
        Kind.KUBERNETES,
        Kind.OPENAPI,
        Kind.PACKAGE,
        Kind.PROMETHEUS,
        Kind.RAILWAY,
        Kind.VERCEL,
        Kind.WORKFLOW,
    }
)
"""Kinds that are YAML, JSON or TOML, whatever they are called."""

ENDINGS = frozenset({".yml", ".yaml", ".json", ".toml"})
"""Names that promise a tree where nothing else tells what a file is."""

TEMPLATE = "a template: what it says is known only once it is rendered"


def take(sources: Iterable[SourceFile], seen_at: datetime) -> Inventory:
    """The inventory of all files."""
    files = tuple(sources)
    entries, repeated = list[Entry](), list[Trouble]()
    for source in files:
        whole = source.spot(1) if source.file else Spot(source.name)
        trouble, spot, broken = source.trouble, whole, False
        if source.kind is Kind.TEMPLATE:
            trouble = TEMPLATE
        elif source.kind is Kind.NGINX:
            try:
                nginx_text.read(source.text)
            except nginx_text.NotNginx as error:
                trouble, spot, broken = f"is no nginx configuration: {error.said}", source.spot(error.line), True
        elif is_tree(source):
            reading = trees.read(source)
            repeated += reading.repeated
            if reading.troubles:
                trouble, spot, broken = reading.troubles[0].what, reading.troubles[0].spot, reading.broken
        entries.append(
            Entry(
                name=source.name,
                kind=source.kind,
                spot=spot,
                lines=len(source.text.splitlines()),
                trouble=trouble,
                broken=broken,
                ours=not trouble or source.kind is not Kind.UNREADABLE or _is_ours(source.name),
            )
        )
    return Inventory(sources=files, entries=tuple(entries), repeated=tuple(repeated), seen_at=seen_at)


def is_tree(source: SourceFile) -> bool:
    """Whether a file is YAML, JSON or TOML, by its kind, or by its name where nothing tells its kind."""
    return source.kind in TREES or (source.kind is Kind.OTHER and PurePosixPath(source.name).suffix.lower() in ENDINGS)


def _is_ours(name: str) -> bool:
    """Whether a file that could not be read is one that would have been, by its name: a picture would not."""
    return by_name(name) is not Kind.OTHER or PurePosixPath(name).suffix.lower() in (*ENDINGS, ".conf", "")
