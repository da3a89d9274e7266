"""The files of monitoring against each other, and against what compose would run."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, DataSources, Kind, MonitoringFiles, Node
from plimsoll.rules.observability.monitoring import (
    Target,
    alert_rules,
    configurations,
    dashboards,
    panels,
    scrapes,
)
from plimsoll.shape import nearest

__all__ = ["data_sources_provisioned", "routes_match", "rules_loaded", "targets_run"]

OWN_SOURCES = ("-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "default")
MATCHER = re.compile(r"\s*(?P<label>\w+)\s*(?P<operator>=~|!~|!=|=)\s*\"?(?P<value>[^\"]*)\"?\s*")
ELSEWHERE = ("localhost", "host.docker.internal")


def rules_loaded(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Prometheus loads the files of rules that are there, and those it loads are there."""
    rules = monitoring.for_production().of(Kind.ALERTS)
    holes, looked = list[Hole](), list[str]()
    for document in configurations(monitoring):
        named = document.root["rule_files"].items
        for rule in rules:
            looked.append(f"{rule.source.spot(1)}: {rule.source.name}")
            last = rule.source.name.rpartition("/")[2]
            nameless = re.fullmatch(rf"{Kind.ALERTS}-L\d+", last)
            if not any(fnmatch.fnmatch(last, each.text.rpartition("/")[2]) for each in named) and not (
                nameless and named
            ):
                what = f"{rule.source.name} is loaded by nobody: its rules are never evaluated"
                spot = document.root["rule_files"].spot if named else document.source.spot(1)
                holes.append(Hole(spot=spot, what=what, fix=f"rule_files: [{last}]", beside=(rule.source.spot(1),)))
        if not document.source.fragment:
            holes += [
                Hole(
                    spot=each.spot,
                    what=f"{each.text} is not there: no rule of it is evaluated",
                    fix="a file that is there",
                )
                for each in named
                if not any(
                    fnmatch.fnmatch(rule.source.name.rpartition("/")[2], each.text.rpartition("/")[2]) for rule in rules
                )
            ]
            looked += [f"{each.spot}: {each.text}" for each in named]
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


def targets_run(promise: Promise, monitoring: MonitoringFiles, compose: ComposeFiles) -> Finding:
    """Every target that has the name of a container is a service that compose would run, at a port it has."""
    services = {
        name: d.root["services"][name] for d in compose.for_production().of() for name in d.root["services"].keys
    }
    spots = tuple(d.root["services"].spot for d in compose.for_production().of())
    targets = [target for scrape in scrapes(monitoring) for target in scrape.targets]
    targets += [
        Target(each.text, each.spot)
        for document in configurations(monitoring)
        for manager in document.root.at("alerting.alertmanagers").items
        for group in manager["static_configs"].items
        for each in group["targets"].items
    ]
    named = [
        t for t in targets if "." not in t.host and t.host not in ELSEWHERE and not t.host.startswith("[") and t.host
    ]
    holes = list[Hole]()
    for target in named if services else ():
        service = services.get(target.host)
        if service is None:
            if any(
                node["container_name"].text == target.host or target.host in _aliases(node)
                for node in services.values()
            ):
                continue
            what = f"{target.address} is asked, and no service is called {target.host}{nearest(target.host, services)}"
            fix = f"one of {', '.join(services)}, or a service {target.host}"
            holes.append(Hole(spot=target.spot, what=what, fix=fix, beside=spots[:1]))
        elif (ports := _ports(service)) and target.port and target.port not in ports:
            what = f"{target.address} is asked, and {target.host} listens on {', '.join(sorted(ports))}"
            beside = (service["healthcheck"].spot if service["healthcheck"] else service.spot,)
            holes.append(Hole(spot=target.spot, what=what, fix=f"{target.host}:{min(ports)}", beside=beside))
    return promise.judged(
        holes,
        looked=[f"{target.spot}: {target.address}" for target in named] if services else [],
        expected="targets that run",
        nothing="no target has the name of a container, or no compose file is there",
    )


def _aliases(service: Node) -> tuple[str, ...]:
    networks = service["networks"]
    return tuple(text for name in networks.keys for text in networks[name]["aliases"].texts)


def _ports(service: Node) -> set[str]:
    """The ports that a service says it listens on, of those that are said at all."""
    asked = re.findall(r"https?://(?:localhost|127\.0\.0\.1):(\d+)", " ".join(service.at("healthcheck.test").texts))
    inside = [text.partition("/")[0].rpartition(":")[2] for text in (*service["ports"].texts, *service["expose"].texts)]
    long = [each["target"].text for each in service["ports"].items if each.is_table]
    return {port for port in (*asked, *inside, *long) if port.isdigit()}


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
