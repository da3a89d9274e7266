"""What probes return and rules read: the seam. Frozen values; every one says when it was seen and how much it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from plimsoll.observations.auth import ApplicationBurst, Attempt, Burst, EdgeBurst, Forgeries, GivenCookie, LoggedIn, Patience, SignedToken, SlowClients, Trial, clients, from, import, observations, plimsoll
from plimsoll.observations.doors import CronLine, Directive, Door, Doors, Knock, NginxConfig, Schedules, files, from, import, observations, plimsoll
from plimsoll.observations.health import AccessLog, Ban, Bans, HealthTrial, HealthTrials, Listener, Listening, LoggedRequest, Sibling, Siblings, from, hosts, import, observations, plimsoll
from plimsoll.observations.http import FileLine, ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, Outage, Published, PublishedPorts, Reachability, Reached, WebSocketEcho, from, import, observations, plimsoll, ports
from plimsoll.observations.rights import Deed, Rights, StatedSecret, StatedSecrets, from, import, observations, plimsoll, secrets
from plimsoll.observations.ssh import CrossOrigin, Echo, EchoedMarkup, OriginTrial, SshServer, Uninvited, from, import, observations, plimsoll, strangers
from plimsoll.observations.tls import Certificate, Handshake, TlsSurvey

__all__ = [
    "AccessLog",
    "ApplicationBurst",
    "Attempt",
    "Ban",
    "Bans",
    "Burst",
    "Certificate",
    "CronLine",
    "CrossOrigin",
    "Deed",
    "Directive",
    "Door",
    "Doors",
    "Echo",
    "EchoedMarkup",
    "EdgeBurst",
    "FileLine",
    "Forgeries",
    "ForwardedRequest",
    "GivenCookie",
    "Handshake",
    "HeaderMatrix",
    "HealthTrial",
    "HealthTrials",
    "HttpExchange",
    "HttpSurvey",
    "Knock",
    "Listener",
    "Listening",
    "LoggedIn",
    "LoggedRequest",
    "NginxConfig",
    "Observation",
    "OriginTrial",
    "Outage",
    "Patience",
    "Published",
    "PublishedPorts",
    "Reachability",
    "Reached",
    "Rights",
    "Schedules",
    "Sibling",
    "Siblings",
    "SignedToken",
    "SlowClients",
    "SshServer",
    "StatedSecret",
    "StatedSecrets",
    "TlsSurvey",
    "Trial",
    "Uninvited",
    "WebSocketEcho",
    "clients",
    "files",
    "from",
    "hosts",
    "import",
    "observations",
    "plimsoll",
    "ports",
    "secrets",
    "strangers",
]


class Observation(Protocol):
    """Something seen. `amount` is how much of it there was: zero is never evidence."""

    @property
    def seen_at(self) -> datetime:
        """The moment of the look, with its zone."""

    @property
    def amount(self) -> int:
        """How many hosts, exchanges, files or rows were seen."""
