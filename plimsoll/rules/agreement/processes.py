"""What PM2 runs on a host, against what passes requests to it, scrapes it and rotates its logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import (
    JavaScripts,
    Kind,
    MonitoringFiles,
    NginxFiles,
    Node,
    ProcessFiles,
    SettingsFiles,
)
from plimsoll.rules.nginx import spot
from plimsoll.rules.observability.monitoring import scrapes
from plimsoll.rules.rollout.processes import apps_of

__all__ = ["local_upstreams_listened", "logs_rotated", "workers_scraped_apart"]

LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):(?P<port>\d{1,5})")
INSTRUMENT = re.compile(r"(?:\w+\.)?(Counter|Gauge|Histogram|Summary)")
GATHERED = re.compile(r"AggregatorRegistry|pm2-prom|pm2-metrics|pm2-prometheus|initMetrics")
"""What adds up the metrics of several processes (prom-client: usage with the cluster module; pm2-prom-module)."""

ONE = ("1", "")
LOGS = ("error_file", "out_file", "log_file", "combine_logs_file")
FOREVER = ("/dev/null", "NULL", "/dev/stdout", "/dev/stderr")
"""Where logs go that nobody need rotate."""


def local_upstreams_listened(promise: Promise, processes: ProcessFiles, nginx: NginxFiles) -> Finding:
    """Every port of this host to which nginx passes an application's requests is one that PM2 has it listen on."""
    listening = {port: app for app in apps_of(processes) for port in _ports(app)}
    holes, looked = list[Hole](), list[str]()
    for tree in nginx.for_production():
        asked = [
            (directive, found["port"])
            for directive in tree.named("server")
            if directive.context and directive.context[-1].startswith("upstream") and directive.arguments
            if (found := LOCAL.fullmatch(directive.arguments[0]))
        ]
        for block in {directive.context for directive, port in asked if port in listening}:
            peers = [(directive, port) for directive, port in asked if directive.context == block]
            app = next(listening[port] for _, port in peers if port in listening)
            looked += [f"{spot(directive)}: {port}" for directive, port in peers]
            for directive, port in peers:
                if port not in listening:
                    what = (
                        f"nginx passes requests to port {port}, and PM2 has {app['name'].text} listen on "
                        f"{', '.join(sorted(listening))} only: a cluster shares one port"
                    )
                    fix = "one server, or increment_var: 'PORT' with exec_mode: 'fork'"
                    holes.append(Hole(spot=spot(directive), what=what, fix=fix, beside=(app.spot,)))
    return promise.judged(
        holes, looked=looked, expected="ports that PM2 listens on", nothing="nginx passes nothing to what PM2 runs here"
    )


def workers_scraped_apart(
    promise: Promise, processes: ProcessFiles, monitoring: MonitoringFiles, scripts: JavaScripts | None
) -> Finding:
    """Processes that share a port are not scraped through it, unless something adds up what they count.

    Each scrape would be answered by another of them, and a counter that goes down is taken for one that starts anew.
    """
    clusters = [app for app in apps_of(processes) if app["instances"].text not in ONE and not app["increment_var"]]
    sources = scripts.sources if scripts else ()
    gathered = any(GATHERED.search(source.text) for source in sources)
    declared = [call for call in scripts.calls if INSTRUMENT.fullmatch(call.name)] if scripts else []
    targets = [target for scrape in scrapes(monitoring) for target in scrape.targets]
    holes, looked = list[Hole](), list[str]()
    for app in clusters:
        ports = set(_ports(app))
        looked += [f"{target.spot}: {target.address}" for target in targets]
        through = [target for target in targets if target.port in ports]
        where = [target.spot for target in through] or ([call.spot for call in declared[:1]] if not targets else [])
        looked += [str(each) for each in where]
        for place in where if not gathered else []:
            what = (
                f"{app['instances'].text} processes of {app['name'].text} count for themselves behind one port: each "
                "scrape is answered by another of them"
            )
            fix = "pm2-prom-module, or a port of its own for each process"
            holes.append(Hole(spot=place, what=what, fix=fix, beside=(app["instances"].spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="processes that are scraped one by one, or added up",
        nothing="no cluster of PM2 is measured",
    )


def logs_rotated(promise: Promise, processes: ProcessFiles, settings: SettingsFiles) -> Finding:
    """Every log that PM2 writes is one that logrotate rotates."""
    rotated = [
        (pattern, source.spot(number))
        for source in settings.of(Kind.LOGROTATE)
        for number, line in enumerate(source.text.splitlines(), start=1)
        for pattern in _patterns(line)
    ]
    written = [app[key] for app in apps_of(processes) for key in LOGS if app[key] and app[key].text not in FOREVER]
    holes = [
        Hole(
            spot=log.spot,
            what=f"PM2 writes {log.text}, and logrotate turns over {', '.join(dict.fromkeys(p for p, _ in rotated))}: "
            "this one grows for ever",
            fix=f"a log at {rotated[0][0]}",
            beside=(rotated[0][1],),
        )
        for log in written
        if rotated and not any(_is_one_of(log.text, pattern) for pattern, _ in rotated)
    ]
    return promise.judged(
        holes,
        looked=[f"{log.spot}: {log.text}" for log in written] if rotated else [],
        expected="logs that are rotated",
        nothing="there are not both logs of PM2 and logrotate's files",
    )


def _patterns(line: str) -> list[str]:
    """The paths at which a section of logrotate's begins (logrotate(8))."""
    return re.findall(r"[\"']?(/[^\s\"'{]+)[\"']?", line) if re.match(r"\s*[\"']?/", line) else []


def _is_one_of(path: str, pattern: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\?", "[^/]"), path))


def _ports(app: Node) -> Iterator[str]:
    """The ports that an application is told to listen on, by its environments."""
    for key in app.keys:
        port = app[key]["PORT"].text if key.startswith("env") else ""
        if port.isascii() and port.isdigit():
            many = int(app["instances"].text) if re.fullmatch(r"\d{1,3}", app["instances"].text) else 1
            spread = many if app["increment_var"].text == "PORT" else 1
            yield from (str(int(port[:5]) + number) for number in range(max(spread, 1)))
