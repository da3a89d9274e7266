"""Who Alertmanager tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, MonitoringFiles, Node

__all__ = ["receivers_reached"]

SILENT = re.compile(
    r"^(null|none|blackhole|dev-?null|void|silence|drop|empty|watchdog|deadmans?-?switch)$", re.IGNORECASE
)
"""Names of receivers that are meant to tell nobody (Alertmanager: a receiver without integrations)."""

PLACEHOLDER = re.compile(
    r"example\.(com|org|net)|(?<![a-z])your(?![a-z]|-domain)|<[\w\s-]+>|x{4,}|changeme|placeholder|T00000000|/services/\.{3}",
    re.IGNORECASE,
)
ADDRESSES = ("api_url", "url", "webhook_url", "to", "service_key", "routing_key", "token", "api_key", "bot_token")
"""Keys that say where a message goes."""


def receivers_reached(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every receiver that an alert is routed to exists, and has a real address."""
    documents = [
        d for d in monitoring.for_production().of(Kind.ALERTMANAGER) if d.root["route"] and d.root["receivers"]
    ]
    holes, looked = list[Hole](), list[str]()
    for document in documents:
        named = {receiver["name"].text: receiver for receiver in document.root["receivers"].items}
        looked.append(f"{document.source.spot(1)}: {', '.join(named)}")
        for said in _routed(document.root["route"]):
            if said.text not in named:
                what = f"alerts are routed to {said.text}, and there is no such receiver: Alertmanager refuses the file"
                holes.append(Hole(spot=said.spot, what=what, fix=f"one of {', '.join(named)}"))
        if not document.root.at("route.receiver"):
            what = "the route at the top names no receiver: Alertmanager refuses the file"
            holes.append(Hole(spot=document.root["route"].spot, what=what, fix="receiver: ..."))
        used = {said.text for said in _routed(document.root["route"])}
        for name in [name for name in named if name in used]:
            holes += _deaf(name, named[name])
    return promise.judged(
        holes,
        looked=looked,
        expected="receivers with addresses",
        nothing="no configuration of Alertmanager shows both routes and receivers",
    )


def _routed(route: Node) -> Iterator[Node]:
    return (node["receiver"] for node in route.walk() if node.is_table and node["receiver"].text)


def _deaf(name: str, receiver: Node) -> Iterator[Hole]:
    ways = [receiver[key] for key in receiver.keys if key.endswith("_configs") and receiver[key].items]
    if not ways and not SILENT.match(name):
        yield Hole(
            spot=receiver.spot,
            what=f"{name} is told nothing: it has no integration",
            fix="email_configs, slack_configs, pagerduty_configs, webhook_configs ...",
        )
    for node in (each for way in ways for each in way.walk() if each.is_table):
        for key in ADDRESSES:
            if PLACEHOLDER.search(node[key].text):
                what = f"the {key} of {name} is a placeholder: nobody is told"
                yield Hole(spot=node[key].spot, what=what, fix=f"{key}_file, or the real address")
