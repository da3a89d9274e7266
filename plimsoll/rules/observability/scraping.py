"""Whom Prometheus scrapes, how often, and whom it tells."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import MonitoringFiles
from plimsoll.rules.observability.monitoring import Scrape, alerts_of, configurations, scrapes
from plimsoll.rules.promql import seconds

__all__ = ["alerts_delivered", "scraped_every", "scrapes_sound"]


def scraped_every(
    promise: Promise, monitoring: MonitoringFiles, *, job: str, interval: int, others: int = 0
) -> Finding:
    """A job is scraped as often as promised, in seconds, and so are the others."""
    holes, looked = list[Hole](), list[str]()
    found = [scrape for scrape in scrapes(monitoring) if scrape.name == job]
    for scrape in found:
        looked.append(f"{scrape.node.spot}: {job} every {scrape.interval:g} s")
        if scrape.interval > interval:
            said = scrape.node["scrape_interval"]
            what = f"{job} is scraped every {scrape.interval:g} s, not every {interval} s"
            fix = f"scrape_interval: {interval}s"
            holes.append(Hole(spot=said.spot if said else scrape.node.spot, what=what, fix=fix))
        default = scrape.document.root.at("global.scrape_interval")
        if others and (seconds(default.text) or others + 1) > others:
            what = f"what says nothing of itself is scraped every {default.text or '1m'}, not every {others} s"
            holes.append(Hole(spot=default.spot, what=what, fix=f"scrape_interval: {others}s"))
    return promise.judged(holes, looked=looked, expected=f"every {interval} s", nothing=f"no job is called {job}")


def scrapes_sound(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every job of Prometheus has a name of its own, ends before its next turn, and asks each address once."""
    every = list(scrapes(monitoring))
    holes = [hole for scrape in every for hole in _unsound(scrape)]
    names = dict[str, Scrape]()
    addresses = dict[tuple[str, str, str], Scrape]()
    for scrape in every:
        first = names.setdefault(scrape.name, scrape)
        if first is not scrape and first.document is scrape.document:
            what = f"two jobs are called {scrape.name}: Prometheus refuses the file"
            holes.append(Hole(spot=scrape.node.spot, what=what, fix="another name", beside=(first.node.spot,)))
        path = scrape.node["metrics_path"].text or "/metrics"
        for target in scrape.targets:
            asked = " ".join(each.text for each in scrape.node["params"].walk())
            key = (scrape.document.source.name, target.address, f"{path} {asked}")
            other = addresses.setdefault(key, scrape)
            if other is not scrape:
                what = f"{target.address}{path} is scraped by two jobs, and every sum over both counts it twice"
                holes.append(Hole(spot=target.spot, what=what, fix="one of them", beside=(other.node.spot,)))
    return promise.judged(
        holes,
        looked=[f"{scrape.node.spot}: {scrape.name}" for scrape in every],
        expected="jobs that Prometheus takes, each address asked once",
        nothing="no configuration of Prometheus says whom it scrapes",
    )


def _unsound(scrape: Scrape) -> Iterator[Hole]:
    own = scrape.node["scrape_timeout"]
    timeout = own or scrape.document.root.at("global.scrape_timeout")
    longest = seconds(timeout.text) or 0.0
    if longest > scrape.interval:
        what = f"{scrape.name} may take {longest:g} s and is due every {scrape.interval:g} s: the file is refused"
        fix = "a scrape_timeout below the scrape_interval"
        yield Hole(spot=timeout.spot, what=what, fix=fix, beside=() if own else (scrape.node.spot,))
    path = scrape.node["metrics_path"]
    if path and not path.text.startswith("/"):
        yield Hole(spot=path.spot, what=f"the path {path.text!r} does not begin with /", fix=f"/{path.text}")
    for target in scrape.targets:
        if "/" in target.address:
            what = f"the target {target.address!r} is no address: Prometheus takes host and port only"
            fix = "host:port, with `scheme:` and `metrics_path:` beside it"
            yield Hole(spot=target.spot, what=what, fix=fix)


def alerts_delivered(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Where there are alerts, Prometheus knows an Alertmanager to tell."""
    told = [
        (document, alerts) for document in configurations(monitoring) if (alerts := alerts_of(document, monitoring))
    ]
    holes = [
        Hole(
            spot=document.root["alerting"].spot if document.root["alerting"] else document.source.spot(1),
            what=f"{len(alerts)} alerts, the first {alerts[0]['alert'].text}, reach nobody: no Alertmanager is named",
            fix="alerting: alertmanagers: - static_configs: - targets: [...]",
            beside=(alerts[0].spot,),
        )
        for document, alerts in told
        if not document.root.at("alerting.alertmanagers").items
    ]
    return promise.judged(
        holes,
        looked=[f"{document.source.spot(1)}: {len(alerts)} alerts" for document, alerts in told],
        expected="an Alertmanager to tell",
        nothing="there is no configuration of Prometheus with alerts",
    )
