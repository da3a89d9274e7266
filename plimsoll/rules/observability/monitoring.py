"""What monitoring files say: who is scraped, which queries are asked, and by which alerts and panels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Document, Kind, MonitoringFiles, Node, SourceFile
from plimsoll.rules.promql import Query, parsed, seconds

DEFAULT_INTERVAL = 60.0
"""Seconds between two scrapes where nothing is said (Prometheus: configuration, scrape_interval)."""

DECORATIONS = frozenset({"row", "text", "news", "dashlist", "alertlist", "welcome"})
"""Panels that ask nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address that is scraped."""

    address: str
    spot: Spot

    @property
    def host(self) -> str:
        """Its host, without the port."""
        return self.address.rpartition(":")[0] or self.address

    @property
    def port(self) -> str:
        """Its port; "" if it has none."""
        return self.address.rpartition(":")[2] if ":" in self.address else ""


@dataclass(frozen=True, slots=True)
class Scrape:
    """One job of Prometheus; `discovered` if something else than a list says whom it asks."""

    name: str
    node: Node
    document: Document
    targets: tuple[Target, ...]
    interval: float
    discovered: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One query, and who asks it: an alert, a recording rule, a panel."""

    who: str
    text: str
    query: Query
    node: Node
    spot: Spot


def configurations(monitoring: MonitoringFiles) -> tuple[Document, ...]:
    """The configurations of Prometheus that say whom they scrape; those that leave something out with dots do not."""
    return tuple(
        document
        for document in monitoring.for_production().of(Kind.PROMETHEUS)
        if document.root["scrape_configs"].is_list
        and not (document.source.fragment and any("..." in line for line in document.source.text.splitlines()))
    )


def scrapes(monitoring: MonitoringFiles) -> Iterator[Scrape]:
    """Every job that is scraped."""
    for document in configurations(monitoring):
        default = seconds(document.root.at("global.scrape_interval").text) or DEFAULT_INTERVAL
        for node in document.root["scrape_configs"].items:
            yield Scrape(
                name=node["job_name"].text,
                node=node,
                document=document,
                targets=tuple(_targets(node["static_configs"])),
                interval=seconds(node["scrape_interval"].text) or default,
                discovered=any(key.endswith("_sd_configs") for key in node.keys),
            )


def _targets(static: Node) -> Iterator[Target]:
    for group in static.items:
        yield from (Target(each.text, each.spot) for each in group["targets"].items if each.text)


def fits_name(pattern: str, rules: SourceFile) -> bool:
    """Whether a pattern of `rule_files` takes a file, by their last parts: the folder is the server's own."""
    wanted, name = pattern.rpartition("/")[2], rules.name.rpartition("/")[2]
    return bool(re.fullmatch(re.escape(wanted).replace(r"\*", ".*").replace(r"\?", "."), name))


def loads(configuration: Document, rules: SourceFile) -> bool:
    """Whether a configuration names a file of rules; a block of a guide that says no name may be any of them."""
    named = configuration.root["rule_files"].items
    nameless = re.fullmatch(rf"{Kind.ALERTS}-L\d+", rules.name)
    return bool(named and nameless) or any(fits_name(each.text, rules) for each in named)


def alerts_of(configuration: Document, monitoring: MonitoringFiles) -> list[Node]:
    """The alerts that a configuration evaluates; where it is the only one, those that it forgets to load as well."""
    alone = len(configurations(monitoring)) == 1
    return [
        rule
        for document in monitoring.for_production().of(Kind.ALERTS)
        if loads(configuration, document.source) or alone
        for rule in _rules_in(document)
        if rule["alert"]
    ]


def alert_rules(monitoring: MonitoringFiles) -> Iterator[Node]:
    """Every rule that alerts."""
    return (rule for rule in _rules(monitoring) if rule["alert"])


def recorded(monitoring: MonitoringFiles) -> frozenset[str]:
    """The metrics that rules record."""
    return frozenset(rule["record"].text for rule in _rules(monitoring) if rule["record"])


def _rules(monitoring: MonitoringFiles) -> Iterator[Node]:
    for document in monitoring.for_production().of(Kind.ALERTS):
        yield from _rules_in(document)


def _rules_in(document: Document) -> Iterator[Node]:
    for group in document.root["groups"].items:
        yield from (rule for rule in group["rules"].items if rule.is_table)


def panels(document: Document) -> Iterator[Node]:
    """Every panel of a dashboard that asks something, those within rows, too."""
    root = document.root["dashboard"] if document.root["dashboard"].is_table else document.root
    for panel in root["panels"].items:
        inner = panel["panels"].items
        yield from (each for each in (*([] if inner else [panel]), *inner) if each["type"].text not in DECORATIONS)


def dashboards(monitoring: MonitoringFiles) -> tuple[Document, ...]:
    """Every dashboard."""
    return monitoring.for_production().of(Kind.DASHBOARD)


def asked(monitoring: MonitoringFiles) -> Iterator[Asked]:
    """Every query of alerts, recording rules and panels of Prometheus."""
    for rule in _rules(monitoring):
        who = f"the alert {rule['alert'].text}" if rule["alert"] else f"the rule {rule['record'].text}"
        if rule["expr"].text:
            yield Asked(who, rule["expr"].text, parsed(rule["expr"].text), rule, rule["expr"].spot)
    for document in dashboards(monitoring):
        for panel in panels(document):
            for target in panel["targets"].items:
                if target["expr"].text:
                    who = f"the panel {panel['title'].text!r}"
                    yield Asked(who, target["expr"].text, parsed(target["expr"].text), target, target["expr"].spot)


def spread(query: Query) -> set[str]:
    """The windows that a query looks back."""
    return {selector.window for selector in query.selectors if selector.window}
