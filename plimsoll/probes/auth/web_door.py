"""Knocking at the pages of Grafana and Prometheus: what is shown without a password, and with the usual ones."""

from __future__ import annotations

import base64
import json

from plimsoll.observations import Door, HttpExchange, Knock
from plimsoll.observations.doors import LET_IN, REFUSED, SILENT
from plimsoll.probes.wire import Client, Headers
from plimsoll.stacks.protocol import EVERY_METHOD, Endpoint

OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403
JSON: Headers = (("Content-Type", "application/json"),)

GRAFANA_USUAL = (("admin", "admin"), ("admin", "prom-operator"), ("admin", "password"), ("admin", "grafana"))
"""What Grafana ships with, what its chart for Kubernetes does, and what compose files of guides say."""

GRAFANA_PRIVATE, GRAFANA_LOGIN = "/api/org", "/login"
PROMETHEUS_PRIVATE = "/api/v1/status/config"
WRONG = "plimsoll-nobody-has-this-password"


def knock_at_grafana(endpoint: Endpoint, *, right: tuple[str, str] | None, politely: bool, seconds: float) -> Door:
    """What becomes of the usual logins, by the login page and by basic authentication; `politely` of none."""
    client = Client(endpoint, methods=EVERY_METHOD, deadline=seconds)
    knocks = [_seen("no password", client.exchange("door", "GET", GRAFANA_PRIVATE))]
    if not politely:
        knocks += [
            _logged_in(client, f"{user}/{word} at POST /login", user, word, default=True)
            for user, word in GRAFANA_USUAL
        ]
        for user, word in (*GRAFANA_USUAL[:1], ("admin", ""), ("admin", WRONG)):
            usual = (user, word) in GRAFANA_USUAL
            name = f"{user}/{word} by basic authentication" if usual else "a wrong password" if word else "an empty one"
            knocks.append(
                _seen(name, client.exchange("door", "GET", GRAFANA_PRIVATE, headers=_basic(user, word)), usual)
            )
    entered = _logged_in(client, "the right password", *right) if right else None
    return Door(role=endpoint.role, kind="grafana", port=endpoint.port, knocks=tuple(knocks), entered=entered)


def knock_at_prometheus(endpoint: Endpoint, *, right: tuple[str, str] | None, politely: bool, seconds: float) -> Door:
    """Whether its configuration is shown to anybody; Prometheus ships without any password."""
    client = Client(endpoint, deadline=seconds)
    knocks = [_seen("no password", client.exchange("door", "GET", PROMETHEUS_PRIVATE))]
    if not politely:
        wrong = client.exchange("door", "GET", PROMETHEUS_PRIVATE, headers=_basic("admin", WRONG))
        knocks.append(_seen("a wrong password", wrong))
    entered = None
    if right:
        entered = _seen(
            "the right password", client.exchange("door", "GET", PROMETHEUS_PRIVATE, headers=_basic(*right))
        )
    return Door(role=endpoint.role, kind="prometheus", port=endpoint.port, knocks=tuple(knocks), entered=entered)


def _logged_in(client: Client, offered: str, user: str, word: str, *, default: bool = False) -> Knock:
    body = json.dumps({"user": user, "password": word}).encode()
    return _seen(offered, client.exchange("door", "POST", GRAFANA_LOGIN, headers=JSON, body=body), default)


def _seen(offered: str, exchange: HttpExchange, default: bool = False) -> Knock:
    results = {OK: LET_IN, UNAUTHORIZED: REFUSED, FORBIDDEN: REFUSED}
    result = results.get(exchange.status or 0, SILENT)
    return Knock(offered=offered, result=result, words=exchange.where.rpartition("-> ")[2], default=default)


def _basic(user: str, word: str) -> Headers:
    return (("Authorization", f"Basic {base64.b64encode(f'{user}:{word}'.encode()).decode()}"),)
