"""Alerts, and whether their queries mean what they are meant to."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import MonitoringFiles
from plimsoll.rules.observability.monitoring import Asked, alert_rules, asked, scrapes
from plimsoll.rules.promql import divided_by_themselves, seconds

__all__ = ["alerts_described", "alerts_steady", "queries_meaningful", "windows_wide"]

SCRAPES_TO_BELIEVE = 2
"""Scrapes after which a state is no accident any more."""

SCRAPES_IN_A_WINDOW = 4
"""Scrapes that a rate needs to survive a lost one (Prometheus: rate() needs two samples; robustperception: 4)."""

OF_COUNTERS = ("rate", "irate", "increase")


def alerts_described(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every alert says how bad it is and, in words, what is wrong."""
    alerts = list(alert_rules(monitoring))
    holes = []
    for alert in alerts:
        name = alert["alert"].text
        if not alert.at("labels.severity"):
            what = f"{name} has no severity: nothing says whom to wake"
            holes.append(Hole(spot=alert.spot, what=what, fix="labels: { severity: critical }"))
        if not any(alert["annotations"][key].text for key in ("summary", "description", "message")):
            what = f"{name} says in no words what is wrong"
            holes.append(Hole(spot=alert.spot, what=what, fix="annotations: { summary: ... }"))
    return promise.judged(
        holes,
        looked=[f"{alert.spot}: {alert['alert'].text}" for alert in alerts],
        expected="a severity and a summary for each alert",
        nothing="there is no alert",
    )


def alerts_steady(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """An alert that waits waits for more than one scrape."""
    fastest = min((scrape.interval for scrape in scrapes(monitoring)), default=0.0)
    alerts = [alert for alert in alert_rules(monitoring) if fastest and seconds(alert["for"].text)]
    holes = [
        Hole(
            spot=alert["for"].spot,
            what=f"{alert['alert'].text} waits {alert['for'].text}, and one scrape comes every {fastest:g} s: "
            "a single lost or odd one fires it",
            fix=f"for: {SCRAPES_TO_BELIEVE * fastest:g}s or more",
        )
        for alert in alerts
        if (seconds(alert["for"].text) or 0.0) < SCRAPES_TO_BELIEVE * fastest
    ]
    return promise.judged(
        holes,
        looked=[f"{alert['for'].spot}: {alert['alert'].text} for {alert['for'].text}" for alert in alerts],
        expected=f"waits of at least {SCRAPES_TO_BELIEVE} scrapes",
        nothing="no alert waits, or nobody says how often is scraped",
    )


def windows_wide(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every rate looks back over at least four scrapes."""
    intervals = [scrape.interval for scrape in scrapes(monitoring)]
    shortest = min(intervals, default=0.0)
    rates = [
        (each, selector)
        for each in asked(monitoring)
        for selector in each.query.selectors
        if shortest and selector.window and selector.within and selector.within[-1] in OF_COUNTERS
    ]
    holes = [
        Hole(
            spot=each.spot,
            what=f"{each.who} takes the rate of {selector.metric} over {selector.window}, and one scrape comes every "
            f"{shortest:g} s: a window with fewer than two samples says nothing at all",
            fix=f"[{SCRAPES_IN_A_WINDOW * shortest:g}s] or more",
        )
        for each, selector in rates
        if 0 < (seconds(selector.window) or 0) < SCRAPES_IN_A_WINDOW * shortest
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {selector.metric}[{selector.window}]" for each, selector in rates],
        expected=f"windows of at least {SCRAPES_IN_A_WINDOW} scrapes",
        nothing="no query takes a rate, or nobody says how often is scraped",
    )


def queries_meaningful(promise: Promise, monitoring: MonitoringFiles) -> Finding:
    """Every query can be read, and is able to say what it is asked for."""
    queries = list(asked(monitoring))
    return promise.judged(
        [hole for each in queries for hole in _meaningless(each)],
        looked=[f"{each.spot}: {each.who}" for each in queries],
        expected="queries that Prometheus takes and that can come true",
        nothing="there is no query",
    )


def _meaningless(each: Asked) -> Iterator[Hole]:
    query = each.query
    if query.trouble:
        yield Hole(spot=each.spot, what=f"{each.who} cannot be read: {query.trouble}", fix="promtool check rules")
        return
    for selector in query.selectors:
        if selector.within and selector.within[-1] in OF_COUNTERS and not selector.window:
            what = (
                f"{each.who} takes the {selector.within[-1]} of {selector.metric} over no time: Prometheus refuses it"
            )
            yield Hole(spot=each.spot, what=what, fix=f"{selector.metric}[5m]")
        if "histogram_quantile" not in selector.within:
            continue
        inner = selector.within[selector.within.index("histogram_quantile") + 1 :]
        if selector.metric and not selector.metric.endswith("_bucket") and not inner and ":" not in selector.metric:
            what = f"{each.who} takes a quantile of {selector.metric}, no bucket of a histogram: it is never anything"
            yield Hole(spot=each.spot, what=what, fix=f"sum by (le) (rate({selector.metric}_bucket[5m]))")
        elif (
            "sum" in inner
            and ("by", "le") not in query.grouped
            and not any(word == "without" for word, _ in query.grouped)
        ):
            what = f"{each.who} sums away `le`, and a quantile needs it: it never has a value"
            yield Hole(spot=each.spot, what=what, fix="sum by (le) (...)")
    for above, _ in divided_by_themselves(query):
        yield Hole(
            spot=each.spot,
            what=f"{each.who} divides every series of {above.metric} by itself, as both sides are matched label by "
            "label: it is 1 wherever it is anything",
            fix=f"sum(rate({above.metric}{{...}}[5m])) / sum(rate({above.metric}[5m]))",
        )
