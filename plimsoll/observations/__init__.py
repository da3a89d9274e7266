"""What probes return and rules read: the seam. Frozen values; every one says when it was seen and how much it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from plimsoll.observations.clients import ApplicationBurst, Burst, EdgeBurst, Patience, SlowClients
from plimsoll.observations.files import CronLine, Directive, NginxConfig, Schedules
from plimsoll.observations.http import ForwardedRequest, HttpExchange, HttpSurvey, Outage, WebSocketEcho
from plimsoll.observations.tls import Certificate, Chain, Handshake, TlsSurvey, TlsSurveys

__all__ = [
    "ApplicationBurst",
    "Burst",
    "Certificate",
    "Chain",
    "CronLine",
    "Directive",
    "EdgeBurst",
    "ForwardedRequest",
    "Handshake",
    "HttpExchange",
    "HttpSurvey",
    "NginxConfig",
    "Observation",
    "Outage",
    "Patience",
    "Schedules",
    "SlowClients",
    "TlsSurvey",
    "TlsSurveys",
    "WebSocketEcho",
]


class Observation(Protocol):
    """Something seen. `amount` is how much of it there was: zero is never evidence."""

    @property
    def seen_at(self) -> datetime:
        """The moment of the look, with its zone."""

    @property
    def amount(self) -> int:
        """How many hosts, exchanges, files or rows were seen."""
