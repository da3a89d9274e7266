"""What is there, and how much of it can be read at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath

from plimsoll.artefacts import nginx_text, trees
from plimsoll.artefacts.kinds import by_name
from plimsoll.model import Spot
from plimsoll.observations.artefacts import Entry, Inventory, Kind, Purpose, SourceFile, Trouble

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

CHART = "Chart.yaml"
"""What lies at the top of a chart of Helm's."""

MEANT = frozenset({"", ".conf", *ENDINGS})
"""Names of files that would have been read."""

TRIALS = (Purpose.TEST, Purpose.EXAMPLE)
"""What a broken file may be there for."""

TEMPLATE = "a template: what it says is known only once it is rendered"


def take(sources: Iterable[SourceFile], seen_at: datetime, *, troubles: Iterable[Trouble] = ()) -> Inventory:
    """The inventory of all files; `troubles` are those that readers of other kinds had with them."""
    files = tuple(sources)
    had = _by_file(troubles)
    charts = frozenset(str(PurePosixPath(f.name).parent) for f in files if PurePosixPath(f.name).name == CHART)
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
                trouble, spot = reading.troubles[0].what, reading.troubles[0].spot
                broken = reading.broken and (source.kind is not Kind.OTHER or source.purpose not in TRIALS)
        elif trouble_there := next((t for t in had.get(whole.file, ()) if _is_in(source, t)), None):
            trouble, spot = trouble_there.what, trouble_there.spot
        entries.append(
            Entry(
                name=source.name,
                kind=source.kind,
                spot=spot,
                lines=len(source.text.splitlines()),
                trouble=trouble,
                broken=broken,
                ours=broken or _is_ours(source, charts),
            )
        )
    return Inventory(sources=files, entries=tuple(entries), repeated=tuple(repeated), seen_at=seen_at)


def _by_file(troubles: Iterable[Trouble]) -> dict[str, list[Trouble]]:
    found: dict[str, list[Trouble]] = {}
    for trouble in troubles:
        found.setdefault(trouble.spot.file, []).append(trouble)
    return found


def _is_in(source: SourceFile, trouble: Trouble) -> bool:
    """Whether a trouble is one with that file: several blocks of a guide are in one file."""
    return source.first <= max(trouble.spot.line, 1) <= source.first + source.text.count("\n")


def is_tree(source: SourceFile) -> bool:
    """Whether a file is YAML, JSON or TOML, by its kind, or by its name where nothing tells its kind."""
    return source.kind in TREES or (source.kind is Kind.OTHER and PurePosixPath(source.name).suffix.lower() in ENDINGS)


def _is_ours(source: SourceFile, charts: frozenset[str]) -> bool:
    """Whether somebody here would have read it: nobody a picture, nor what a chart renders by its values."""
    if source.kind is Kind.TEMPLATE:
        return not any(str(folder) in charts for folder in PurePosixPath(source.name).parents)
    if source.kind is not Kind.UNREADABLE:
        return source.kind is not Kind.OTHER
    return by_name(source.name) is not Kind.OTHER or PurePosixPath(source.name).suffix.lower() in MEANT
