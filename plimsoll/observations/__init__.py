"""What probes return and rules read: the seam. Frozen values; every one says when it was seen and how much it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from plimsoll.observations.auth import Attempt, Forgeries, GivenCookie, LoggedIn, SignedToken, Trial
from plimsoll.observations.clients import ApplicationBurst, Burst, EdgeBurst, Patience, SlowClients, UserBurst
from plimsoll.observations.containers import Container, Process, RunningContainers
from plimsoll.observations.doors import Door, Doors, Knock
from plimsoll.observations.edge import (
    Balance,
    CachedAnswers,
    Ejection,
    Ejections,
    Families,
    HostClaims,
    Lures,
    Methods,
    Negotiated,
    PoolGrowth,
    Smuggle,
    Smuggling,
    Spellings,
    Spread,
)
from plimsoll.observations.files import Directive, Directives, NginxConfig
from plimsoll.observations.health import AccessLog, HealthTrial, HealthTrials, LoggedRequest, Sibling, Siblings
from plimsoll.observations.hosts import Ban, Bans, Listener, Listening
from plimsoll.observations.http import ForwardedRequest, HeaderMatrix, HttpExchange, HttpSurvey, Outage, WebSocketEcho
from plimsoll.observations.machines import Filesystem, Machine, Machines
from plimsoll.observations.modes import PathMode, PathModes
from plimsoll.observations.ports import FileLine, Published, PublishedPorts, Reachability, Reached
from plimsoll.observations.rights import Deed, Rights
from plimsoll.observations.rollouts import Revision, Rollout, Rollouts
from plimsoll.observations.secrets import StatedSecret, StatedSecrets
from plimsoll.observations.signin import SignIn, SignInTrial
from plimsoll.observations.ssh import SshServer
from plimsoll.observations.strangers import CrossOrigin, Echo, EchoedMarkup, OriginTrial, Uninvited
from plimsoll.observations.tls import Certificate, Chain, Handshake, TlsSurvey, TlsSurveys

__all__ = [
    "AccessLog",
    "ApplicationBurst",
    "Attempt",
    "Balance",
    "Ban",
    "Bans",
    "Burst",
    "CachedAnswers",
    "Certificate",
    "Chain",
    "Container",
    "CrossOrigin",
    "Deed",
    "Directive",
    "Directives",
    "Door",
    "Doors",
    "Echo",
    "EchoedMarkup",
    "EdgeBurst",
    "Ejection",
    "Ejections",
    "Families",
    "FileLine",
    "Filesystem",
    "Forgeries",
    "ForwardedRequest",
    "GivenCookie",
    "Handshake",
    "HeaderMatrix",
    "HealthTrial",
    "HealthTrials",
    "HostClaims",
    "HttpExchange",
    "HttpSurvey",
    "Knock",
    "Listener",
    "Listening",
    "LoggedIn",
    "LoggedRequest",
    "Lures",
    "Machine",
    "Machines",
    "Methods",
    "Negotiated",
    "NginxConfig",
    "Observation",
    "OriginTrial",
    "Outage",
    "PathMode",
    "PathModes",
    "Patience",
    "PoolGrowth",
    "Process",
    "Published",
    "PublishedPorts",
    "Reachability",
    "Reached",
    "Revision",
    "Rights",
    "Rollout",
    "Rollouts",
    "RunningContainers",
    "Sibling",
    "Siblings",
    "SignIn",
    "SignInTrial",
    "SignedToken",
    "SlowClients",
    "Smuggle",
    "Smuggling",
    "Spellings",
    "Spread",
    "SshServer",
    "StatedSecret",
    "StatedSecrets",
    "TlsSurvey",
    "TlsSurveys",
    "Trial",
    "Uninvited",
    "UserBurst",
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
