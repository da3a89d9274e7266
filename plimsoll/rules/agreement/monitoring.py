"""The files of monitoring against each other, and against what compose would run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, DataSources, Kind, MonitoringFiles, Node
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.observability.monitoring import (
    Target,
    alert_rules,
    configurations,
    dashboards,
    fits_name,
    loads,
    panels,
)
from plimsoll.shape import nearest

__all__ = ["alertmanagers_run", "data_sources_provisioned", "routes_match", "rules_loaded"]

OWN_SOURCES = ("-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "default")
MATCHER = re.compile(r"\s*(?P<label>\w+)\s*(?P<operator>=~|!~|!=|=)\s*\"?(?P<value>[^\"]*)\"?\s*")
ELSEWHERE = ("localhost", "host.docker.internal")


def rules_loaded(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Prometheus loads the files of rules that are there, and those it loads are there."""
    rules = [document.source for document in monitoring.for_production().of(Kind.ALERTS)]
    servers = configurations(monitoring)
    holes, looked = list[Hole](), list[str]()
    for rule in rules if servers else ():
        looked.append(f"{rule.spot(1)}: {rule.name}")
        if not any(loads(server, rule) for server in servers):
            named = servers[0].root["rule_files"]
            what = f"{rule.name} is loaded by nobody: its rules are never evaluated"
            fix = f"rule_files: [{rule.name.rpartition('/')[2]}]"
            spot = named.spot if named else servers[0].source.spot(1)
            holes.append(Hole(spot=spot, what=what, fix=fix, beside=(rule.spot(1),)))
    for server in servers:
        for each in () if server.source.fragment else server.root["rule_files"].items:
            looked.append(f"{each.spot}: {each.text}")
            if not any(fits_name(each.text, rule) for rule in rules):
                what = f"{each.text} is not there: no rule of it is evaluated"
                holes.append(Hole(spot=each.spot, what=what, fix="a file that is there"))
    return promise.judged(
        holes, looked=looked, expected="rules that are loaded", nothing="no configuration of Prometheus has rules"
    )


def routes_match(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every route of Alertmanager fits an alert that there is."""
    alerts = list(alert_rules(monitoring))
    said = {"alertname": {alert["alert"].text for alert in alerts}}
    for alert in alerts:
        for label in alert["labels"].keys:
            said.setdefault(label, set()).add(alert["labels"][label].text)
    holes, looked = list[Hole](), list[str]()
    for document in monitoring.for_production().of(Kind.ALERTMANAGER) if alerts else ():
        for spot_node, label, operator, value in _matchers(document.root["route"]):
            if label not in said or operator not in ("=", "=~"):
                continue
            looked.append(f"{spot_node.spot}: {label}{operator}{value}")
            if not any(_fits(operator, value, each) for each in said[label]):
                what = f"no alert has {label} {value}: nothing comes to this receiver{nearest(value, said[label])}"
                fix = f"one of {', '.join(sorted(said[label]))}"
                holes.append(
                    Hole(spot=spot_node.spot, what=what, fix=fix, beside=(alerts[0].at(f"labels.{label}").spot,))
                )
    return promise.judged(
        holes, looked=looked, expected="routes that an alert takes", nothing="there are not both alerts and routes"
    )


def _matchers(route: Node) -> Iterator[tuple[Node, str, str, str]]:
    for node in (each for each in route.walk() if each.is_table and each is not route):
        for each in node["matchers"].items:
            if found := MATCHER.fullmatch(each.text):
                yield each, found["label"], found["operator"], found["value"]
        for key, operator in (("match", "="), ("match_re", "=~")):
            for label in node[key].keys:
                yield node[key][label], label, operator, node[key][label].text


def _fits(operator: str, value: str, given: str) -> bool:
    try:
        return value == given if operator == "=" else bool(re.fullmatch(value, given))
    except re.error:  # RE2 is not Python's
        return True


def alertmanagers_run(promise: Promise, monitoring: MonitoringFiles, compose: ComposeFiles) -> Finding:
    """The Alertmanager that Prometheus tells by the name of a container is a service that compose would run."""
    services = {s.name: s for s in services_of(compose)}
    told = [
        Target(each.text, each.spot)
        for document in configurations(monitoring)
        for manager in document.root.at("alerting.alertmanagers").items
        for group in manager["static_configs"].items
        for each in group["targets"].items
    ]
    named = [target for target in told if target.host and "." not in target.host and target.host not in ELSEWHERE]
    known = {name for service in services.values() for name in (service.name, *_also_called(service.node))}
    return promise.judged(
        [
            Hole(
                spot=target.spot,
                what=f"alerts are told to {target.address}, and no service is called {target.host}: nobody hears them",
                fix=f"a service {target.host}, or the address at which Alertmanager is",
                beside=tuple(service.node.spot for service in services.values())[:1],
            )
            for target in named
            if target.host not in known
        ]
        if services
        else [],
        looked=[f"{target.spot}: {target.address}" for target in named] if services else [],
        expected="an Alertmanager that runs",
        nothing="Prometheus tells nobody by the name of a container, or no compose file is there",
    )


def _also_called(service: Node) -> tuple[str, ...]:
    networks = service["networks"]
    aliases = tuple(text for name in networks.keys for text in networks[name]["aliases"].texts)
    return (service["container_name"].text, *aliases)


def data_sources_provisioned(promise: Promise, monitoring: MonitoringFiles, sources: DataSources) -> Finding:
    """Every panel asks a data source that Grafana is given."""
    provided = [each for document in sources.of() for each in document.root["datasources"].items]
    names = {each[key].text for each in provided for key in ("uid", "name") if each[key]}
    holes, looked = list[Hole](), list[str]()
    for document in dashboards(monitoring):
        for panel in panels(document):
            said = panel["datasource"]
            name = said["uid"] if said.is_table else said
            if not name.text or "$" in name.text or name.text in OWN_SOURCES:
                continue
            looked.append(f"{panel.spot}: {panel['title'].text} asks {name.text}")
            if name.text not in names:
                what = (
                    f"{panel['title'].text!r} asks {name.text}, which Grafana does not know{nearest(name.text, names)}"
                )
                fix = f"one of {', '.join(sorted(names))}"
                holes.append(Hole(spot=name.spot, what=what, fix=fix, beside=tuple(each.spot for each in provided[:1])))
    return promise.judged(
        holes, looked=looked, expected="data sources that are provisioned", nothing="no panel names a data source"
    )
