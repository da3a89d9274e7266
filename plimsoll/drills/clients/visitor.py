"""A user of the application who asks it at its own port, and asks again wherever somebody answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment, Service
from plimsoll.observations import HttpExchange
from plimsoll.probes.conversation import Conversation
from plimsoll.probes.wire import Client, Headers
from plimsoll.stacks.environment import read_environment
from plimsoll.stacks.protocol import EVERY_METHOD, Accounts, Endpoint, Stack, endpoints_of

DEADLINE = 1.5
"""Seconds that one request may take: an application that takes longer is away, for whoever counts seconds."""

LOGIN_SECONDS = 5.0
"""Seconds that a login may take: it hashes a password on purpose slowly, and on a busy machine slower still."""

UNAUTHORISED = 401
UNHEARD = "(0 bytes came)"
"""What is said of an exchange that got no answer at all."""

JSON: Headers = (("Content-Type", "application/json"),)


def writer_of(deployment: Deployment) -> Service:
    """The service that drills write through: the runbook's, else the first application. Raises OutOfReach."""
    chosen = deployment.recovery.writer if deployment.recovery else ""
    for role, service in deployment.services.items():
        if role == chosen or (not chosen and service.recipe == "app"):
            return service
    raise OutOfReach(f"this deployment has no application {chosen}".rstrip())


def quota_settings(deployment: Deployment) -> Mapping[str, str]:
    """The settings with which the application answers a drill's client as often as it asks.

    A stack takes them in `reconfigure`. What one client may ask is not what a drill is about, and on containers all
    clients have one address.
    """
    rollout = deployment.rollout
    roles = {writer_of(deployment).role, *((*rollout.slots, *rollout.spares) if rollout else ())}
    found = {"RATE_LIMIT_MAX": "100000000", "USER_RATE_LIMIT_MAX": "0"}
    return {f"{role}.{name}": value for role in roles for name, value in found.items()}


class Caller:
    """What the visitors of one stack share: where the application is, and the token it gave.

    They ask the application at its own port, or `through` the edge of that role, as clients do; one `replica` alone
    (from 1) where it is named. `follow` takes them to another stack, where the application lives on with the accounts
    that it had.
    """

    def __init__(
        self,
        stack: Stack,
        deployment: Deployment,
        *,
        through: str = "",
        replica: int = 0,
        deadline: float = DEADLINE,
    ) -> None:
        self.deadline = deadline
        self.replica = replica
        self.service = writer_of(deployment)
        self.through = through
        self._role = through or self.service.role
        self._host = deployment.place("private")[0] if through and "private" in deployment.paths else ""
        self._lock = threading.Lock()
        if not isinstance(stack, Accounts):
            raise OutOfReach(f"nobody has an account on a {stack.kind} stack")
        self._account = stack.account
        self.follow(stack)
        said = read_environment(stack.artefacts / self.service.environment) if self.service.environment else {}
        prefix = said.get("API_PREFIX", "/api")
        self.login, self.uploads, self.jobs = f"{prefix}/auth/login", f"{prefix}/uploads", f"{prefix}/jobs"
        self.records = f"{prefix}/{said.get('MAIN_TABLE', 'trips')}"

    def follow(self, stack: Stack) -> None:
        """The application is that stack's from now on."""
        with self._lock:
            self._stack, self._token = stack, ""

    def endpoint(self, turn: int) -> Endpoint:
        """Where the application is asked at that turn: its replicas one after the other."""
        found = endpoints_of(self._stack, self._role)  # a replica that was made anew may be elsewhere
        endpoint = found[self.replica - 1 if self.replica else turn % len(found)]
        return replace(endpoint, host=self._host) if self._host else endpoint

    def token(self, visitor: Visitor) -> tuple[str, str]:
        """The token that everybody uses, asked for by whoever needs one first; else "" and why none is given."""
        with self._lock:
            if not self._token:
                user, password = self._account
                body = json.dumps({"email": user, "password": password}).encode()
                told = visitor.once("POST", self.login, JSON, body, seconds=LOGIN_SECONDS)
                self._token = str(object_of(told).get("access_token", ""))
                return self._token, "" if self._token else f"nobody can log in: {told.where}"
            return self._token, ""

    def forget(self, token: str) -> None:
        """That token is good for nothing any more."""
        with self._lock:
            if self._token == token:
                self._token = ""


class Visitor:
    """One connection of a caller at a time: it belongs to one thread. Whatever the application does, nothing raises.

    A connection that the server has closed since the last answer is not used again, as no client would; `renewed`
    counts those.
    """

    def __init__(self, caller: Caller) -> None:
        self.renewed = 0
        self._caller = caller
        self._turn = 0
        self._open: tuple[Endpoint, Conversation] | None = None
        self._fell: tuple[Endpoint, Conversation] | None = None

    def ask(self, method: str, path: str, *, headers: Headers = (), body: bytes = b"") -> HttpExchange:
        """The answer to a request of a user who is logged in. A write is sent once: what became of it is then known."""
        token, trouble = self._caller.token(self)
        if trouble:
            return HttpExchange(kind="drill", role=self._caller.service.role, method=method, url=path, trouble=trouble)
        headers = (*headers, ("Authorization", f"Bearer {token}"))
        told = self.once(method, path, headers, body, seconds=self._caller.deadline)
        if told.status == UNAUTHORISED:
            self._caller.forget(token)
        return told

    def once(self, method: str, path: str, headers: Headers, body: bytes, *, seconds: float = DEADLINE) -> HttpExchange:
        """The answer to one request; after trouble the next one goes to another replica.

        An edge that ends an idle connection just as a request goes out on it has taken nothing: that one is sent again,
        as a client may whose request carries a key (RFC 9110, 9.2.2; RFC 9112, 9.5).
        """
        kept = self._open
        told = self._sent(method, path, headers, body, seconds)
        if self._caller.through and told.cut and UNHEARD in told.trouble and kept is not None and self._fell is kept:
            self.renewed += 1
            told = self._sent(method, path, headers, body, seconds)
        return told

    def _sent(self, method: str, path: str, headers: Headers, body: bytes, seconds: float) -> HttpExchange:
        endpoint = self._caller.endpoint(self._turn)
        client = Client(endpoint, methods=EVERY_METHOD, deadline=seconds)
        try:
            over = self._connected(client)
            told = client.exchange("drill", method, path, headers=headers, body=body, over=over)
            reusable = not told.trouble and over.reusable and "close" not in told.values("Connection")
        except CouldNotLook as trouble:
            url = endpoint.url(path)
            told = HttpExchange(kind="drill", role=endpoint.role, method=method, url=url, trouble=trouble.fact)
            reusable = False
        self._fell = None
        if not reusable:
            self._fell = self._open
            self.close()
        if told.trouble:
            self._turn += 1
        return told

    def close(self) -> None:
        """The connection is closed; the next request makes another."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _connected(self, client: Client) -> Conversation:
        if self._open is not None and self._open[1].abandoned:
            self.renewed += 1
            self.close()
        if self._open is None or self._open[0] != client.endpoint:
            self.close()
            self._open = client.endpoint, client.connect()
        return self._open[1]


def object_of(told: HttpExchange) -> Mapping[str, object]:
    """The JSON object that an answer holds; nothing where it holds none."""
    try:
        said = json.loads(told.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
