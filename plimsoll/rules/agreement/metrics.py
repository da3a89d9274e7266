"""Metrics that alerts and dashboards ask for, against those that somebody exports and somebody scrapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ExportedMetrics, Family, MonitoringFiles
from plimsoll.rules.observability.monitoring import Asked, Scrape, asked, configurations, recorded, scrapes
from plimsoll.rules.promql import Matcher, Selector
from plimsoll.shape import nearest

__all__ = ["jobs_scraped", "labels_exported", "metrics_exported"]

PROMETHEUS = re.compile(r"(up|ALERTS|ALERTS_FOR_STATE|scrape_\w+|prometheus_\w+|promhttp_\w+|go_\w+|alertmanager_\w+)")
"""What Prometheus knows of everything it scrapes, and what it exports itself."""

DEFAULTS = re.compile(r"(process|nodejs|python|jvm|dotnet)_\w+")
"""What the client libraries export by themselves (prom-client: collectDefaultMetrics)."""

EXPORTERS: Mapping[str, tuple[str, str]] = {
    "node_": ("node[-_]?exp|^node|^hosts?$|machine", "9100"),
    "pg_": ("postgres|pg|database|db", "9187"),
    "redis_": ("redis|cache", "9121"),
    "nginx_": ("nginx|edge", "9113"),
    "container_": ("cadvisor|kubelet|container|docker", "8080"),
    "kube_": ("kube[-_]state|ksm|kubernetes", "8080"),
    "probe_": ("blackbox|probe", "9115"),
    "mysql_": ("mysql|maria", "9104"),
    "mongodb_": ("mongo", "9216"),
    "rabbitmq_": ("rabbit", "15692"),
    "kafka_": ("kafka", "9308"),
    "haproxy_": ("haproxy", "8404"),
    "traefik_": ("traefik", "8080"),
}
"""Well-known exporters: how jobs that scrape them are called, and their ports (Prometheus: port allocations)."""

OF_THE_TARGET = frozenset({"job", "instance", "__name__", "le", "quantile"})
"""Labels that come from the scrape or from the type (Prometheus: jobs and instances)."""


def metrics_exported(promise: Promise, monitoring: MonitoringFiles, exported: ExportedMetrics) -> Finding:
    """Every metric that an alert or a dashboard asks for is exported by the application, or by a known exporter."""
    series = {name for family in exported.families for name in (family.name, *family.series)}
    own = recorded(monitoring)
    uses = list(_uses(monitoring)) if series else []
    holes = list[Hole]()
    for each, selector in uses:
        name = selector.metric
        if name in series or name in own or ":" in name or PROMETHEUS.fullmatch(name) or DEFAULTS.fullmatch(name):
            continue
        if any(name.startswith(prefix) for prefix in EXPORTERS):
            continue
        what = f"{each.who} asks for {name}, which nothing exports"
        fix = f"one of {', '.join(sorted(family.name for family in exported.families)[:6])}"
        holes.append(Hole(spot=each.spot, what=what, fix=fix, beside=_declared(exported)))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {selector.metric}" for each, selector in uses],
        expected="metrics that are exported",
        nothing="no file tells what the application exports",
    )


def labels_exported(promise: Promise, monitoring: MonitoringFiles, exported: ExportedMetrics) -> Finding:
    """Every label that a query selects or groups by is one that the metric has."""
    families = {name: family for family in exported.families for name in family.series}
    given = {label for scrape in scrapes(monitoring) for label in _given(scrape)}
    holes, looked = list[Hole](), list[str]()
    for each, selector in _uses(monitoring):
        family = families.get(selector.metric)
        if family is None or family.more or (not family.labels and family.type in ("", "untyped")):
            continue
        known = family.labels | OF_THE_TARGET | given
        asked_for = [matcher.label for matcher in selector.matchers]
        if len(each.query.selectors) == 1 or len({s.metric for s in each.query.selectors}) == 1:
            asked_for += [label for word, label in each.query.grouped if word == "by"]
        looked.append(f"{each.spot}: {selector.metric} by {', '.join(asked_for) or 'no label'}")
        for label in dict.fromkeys(label for label in asked_for if label not in known):
            holes.append(_no_label(each, family, label))
    return promise.judged(
        holes,
        looked=looked,
        expected="labels that the metrics have",
        nothing="no query asks for a metric whose labels are known",
    )


def _no_label(each: Asked, family: Family, label: str) -> Hole:
    labels = sorted(family.labels - OF_THE_TARGET)
    what = f"{each.who} asks for the label {label} of {family.name}, which has {', '.join(labels) or 'no label'}"
    return Hole(
        spot=each.spot,
        what=f"{what}: it finds nothing{nearest(label, labels)}",
        fix=f"one of {', '.join(labels)}" if labels else "no label",
        beside=(family.spot,),
    )


def jobs_scraped(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every job that a query names, and every exporter whose metrics it asks for, is scraped."""
    known = list(scrapes(monitoring))
    names = {scrape.name for scrape in known}
    renamed = any(scrape.discovered and scrape.node["relabel_configs"] for scrape in known)
    remote = any(document.root["remote_read"] for document in configurations(monitoring))
    beside = tuple(document.root["scrape_configs"].spot for document in configurations(monitoring))
    holes, looked = list[Hole](), list[str]()
    for each, selector in _uses(monitoring) if known and not renamed and not remote else ():
        looked.append(f"{each.spot}: {selector.metric}")
        jobs = [matcher for matcher in selector.matchers if matcher.label == "job"]
        for matcher in jobs:
            if not any(_matches(matcher, name) for name in names):
                what = (
                    f"{each.who} asks for the job {matcher.value}, and no job of that name is scraped: it never fires"
                )
                fix = f"one of {', '.join(sorted(names))}, or a job {matcher.value}"
                holes.append(Hole(spot=each.spot, what=what, fix=fix, beside=beside))
        prefix = next((prefix for prefix in EXPORTERS if selector.metric.startswith(prefix)), "")
        if prefix and not jobs and not any(_exports(scrape, prefix) for scrape in known):
            what = (
                f"{each.who} asks for {selector.metric}, and nothing that exports {prefix}* is scraped: it never fires"
            )
            fix = f"a job for the exporter, by default at port {EXPORTERS[prefix][1]}"
            holes.append(Hole(spot=each.spot, what=what, fix=fix, beside=beside))
    return promise.judged(
        holes,
        looked=looked,
        expected="jobs and exporters that are scraped",
        nothing="no configuration of Prometheus says whom it scrapes, or nobody asks anything",
    )


def _uses(monitoring: MonitoringFiles) -> Iterator[tuple[Asked, Selector]]:
    return ((each, s) for each in asked(monitoring) for s in each.query.selectors if s.metric)


def _declared(exported: ExportedMetrics) -> tuple[Spot, ...]:
    return tuple(dict.fromkeys(Spot(f.spot.file, 0) if f.spot.line == 1 else f.spot for f in exported.families[:1]))


def _given(scrape: Scrape) -> Iterator[str]:
    """Labels that a configuration adds by itself."""
    for group in scrape.node["static_configs"].items:
        yield from group["labels"].keys
    for key in ("relabel_configs", "metric_relabel_configs"):
        yield from (each["target_label"].text for each in scrape.node[key].items if each["target_label"])
    yield from scrape.document.root.at("global.external_labels").keys


def _matches(matcher: Matcher, name: str) -> bool:
    if matcher.operator in ("!=", "!~") or "$" in matcher.value:
        return True
    if matcher.operator == "=":
        return matcher.value == name
    try:
        return bool(re.fullmatch(matcher.value, name))
    except re.error:  # RE2 is not Python's
        return True


def _exports(scrape: Scrape, prefix: str) -> bool:
    called, port = EXPORTERS[prefix]
    hosts = " ".join(target.host for target in scrape.targets)
    return bool(
        any(target.port == port for target in scrape.targets)
        or re.search(called, scrape.name, re.IGNORECASE)
        or re.search(called, hosts, re.IGNORECASE)
        or (scrape.discovered and not scrape.targets and "dns" not in " ".join(scrape.node.keys))
    )
