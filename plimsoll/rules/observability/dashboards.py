"""What dashboards show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import MonitoringFiles, Node
from plimsoll.rules.observability.monitoring import dashboards, panels

__all__ = ["dashboard_shows", "panels_complete"]

ASKED_IN = ("expr", "query", "rawSql", "rawQuery", "target", "expression", "dimensions", "metricName", "rawQueryText")
"""Where the sources that Grafana knows keep a query."""


def dashboard_shows(
    promise: Promise, monitoring: MonitoringFiles, *, panels_of: tuple[str, ...], title: str = ""
) -> Finding:
    """A dashboard has a panel for each of the promised queries, and no fewer."""
    holes, looked = list[Hole](), list[str]()
    for document in dashboards(monitoring):
        root = document.root["dashboard"] if document.root["dashboard"].is_table else document.root
        if title and root["title"].text != title:
            continue
        shown = [(panel, _queries(panel)) for panel in panels(document)]
        looked += [f"{panel.spot}: {panel['title'].text}" for panel, _ in shown]
        for wanted in panels_of:
            if not any(re.search(wanted, query) for _, queries in shown for query in queries):
                what = f"no panel of {root['title'].text!r} asks for {wanted}"
                holes.append(Hole(spot=root["panels"].spot, what=what, fix="a panel that does"))
    return promise.judged(
        holes,
        looked=looked,
        expected=f"{len(panels_of)} panels: {', '.join(panels_of)}",
        nothing="no such dashboard is there",
    )


def panels_complete(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every panel of a dashboard asks something, and has a title and a number of its own."""
    found = [(document, panel) for document in dashboards(monitoring) for panel in panels(document)]
    holes = [hole for _, panel in found for hole in _incomplete(panel)]
    seen = dict[tuple[str, str], Node]()
    for document, panel in found:
        number = panel["id"].text
        first = seen.setdefault((str(document.source.spot(1)), number), panel)
        if number and first is not panel:
            what = f"two panels have the number {number}: Grafana shows one of them"
            holes.append(Hole(spot=panel["id"].spot, what=what, fix="a number of its own", beside=(first["id"].spot,)))
    return promise.judged(
        holes,
        looked=[f"{panel.spot}: {panel['title'].text}" for _, panel in found],
        expected="panels that ask something",
        nothing="there is no dashboard",
    )


def _incomplete(panel: Node) -> Iterator[Hole]:
    name = panel["title"].text
    if not name:
        yield Hole(spot=panel.spot, what="a panel has no title", fix='"title": ...')
    if panel["libraryPanel"] or panel.at("datasource.uid").text == "-- Dashboard --":
        return
    if not _queries(panel):
        what = f"the panel {name!r} asks nothing: it has no target with a query"
        yield Hole(spot=panel.spot, what=what, fix='"targets": [{ "expr": ... }]')


def _queries(panel: Node) -> list[str]:
    return [target[key].text or key for target in panel["targets"].items for key in ASKED_IN if target[key]]
