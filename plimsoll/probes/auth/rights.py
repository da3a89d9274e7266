"""People of every role, made through the application itself, try what they may and what they may not."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Deed, HttpExchange, Rights
from plimsoll.probes.auth.logins import log_in_as
from plimsoll.probes.auth.trials import bearer
from plimsoll.probes.web.http import JSON, Visitors
from plimsoll.stacks.protocol import Accounts, Stack, endpoint_of

NEEDED = ("login", "users", "private")
"""The path classes that the trial goes through."""

AROUND = 2
"""Ids tried on either side of one's own: neighbours sign up one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a role and a token."""

    role: str
    token: str


class Trial:
    """The application as several people see it at once."""

    def __init__(self, stack: Stack, deployment: Deployment, visitors: Visitors) -> None:
        if missing := [kind for kind in NEEDED if kind not in deployment.paths]:
            raise OutOfReach(f"this deployment names no {missing[0]} path", hint=f'[paths] {missing[0]} = "/…"')
        if not isinstance(stack, Accounts) or not {"POST", "PUT", "DELETE"} <= stack.methods:
            raise OutOfReach(f"nobody may add users and records on this {stack.kind} stack")
        self._stack, self._deployment, self._visitors = stack, deployment, visitors
        self._account = stack.account

    def rights(self, roles: tuple[str, ...]) -> Rights:
        """What people of these roles, strongest first, could do. Raises CouldNotLook when none can be made."""
        leader = self._person(roles[0], *self._account)
        people = [leader, *(self._made(leader, role) for role in roles[1:])]
        neighbour, last = self._made(leader, roles[-1]), people[-1]
        subject = f"{self._path('users')}/{self._added(leader, roles[-1])}"
        deeds = [deed for person in people for deed in self._deeds(person, subject, self._record(neighbour), roles)]
        theirs, mine = self._record(neighbour), self._record(last)
        before = self._ask(neighbour, "GET", theirs)
        foreign = tuple(self._upon(last, theirs))
        after = self._ask(neighbour, "GET", theirs)
        return Rights(
            roles=roles,
            deeds=tuple(deeds),
            guessed=tuple(self._guesses(last, mine)),
            own=tuple(self._upon(last, mine)),
            foreign=foreign,
            unchanged=before.body == after.body if before.status == after.status == 200 else None,  # noqa: PLR2004 - served
            seen_at=datetime.now(UTC),
        )

    def _deeds(self, person: Person, subject: str, theirs: str, roles: tuple[str, ...]) -> Iterator[Deed]:
        """What somebody tries with another user, and with what is another's."""
        users = self._path("users")
        yield self._deed(person, "list users", "GET", users)
        yield self._deed(person, f"add {roles[-1]}", "POST", users, _somebody(roles[-1])[0])
        yield self._deed(person, f"add {roles[0]}", "POST", users, _somebody(roles[0])[0])
        yield self._deed(person, "change a role", "PUT", subject, {"role": roles[-1]})
        yield self._deed(person, "read another's record", "GET", theirs)
        yield self._deed(person, "change another's record", "PUT", theirs, {"title": f"changed by {person.role}"})
        yield self._deed(person, "delete another's record", "DELETE", theirs)

    def _upon(self, person: Person, path: str) -> Iterator[Deed]:
        """Reading, changing and deleting one record, in this order."""
        yield self._deed(person, "read", "GET", path)
        yield self._deed(person, "change", "PUT", path, {"title": "changed"})
        yield self._deed(person, "delete", "DELETE", path)

    def _guesses(self, person: Person, mine: str) -> Iterator[Deed]:
        """Reads of the records around one's own, where they have numbers."""
        root, _, number = mine.rpartition("/")
        if number.isdecimal():
            near = range(max(int(number) - AROUND, 1), int(number) + AROUND + 1)
            for other in near:
                if other != int(number):
                    yield self._deed(person, "guess", "GET", f"{root}/{other}")

    def _made(self, leader: Person, role: str) -> Person:
        """A new user of that role, logged in."""
        words, password = _somebody(role)
        told = self._ask(leader, "POST", self._path("users"), words)
        _number(told, f"no {role} could be added")
        return self._person(role, str(words["email"]), password)

    def _added(self, leader: Person, role: str) -> str:
        """The number of a new user of that role."""
        return _number(self._ask(leader, "POST", self._path("users"), _somebody(role)[0]), f"no {role} could be added")

    def _person(self, role: str, address: str, password: str) -> Person:
        given = log_in_as(self._stack, self._deployment, self._visitors, address, password)
        if not given.access:
            raise CouldNotLook(f"the login of a {role} gives no access token: {given.exchange.where}")
        return Person(role=role, token=given.access)

    def _record(self, person: Person) -> str:
        """The path of a new record of that person's."""
        records = self._path("private")
        told = self._ask(person, "POST", records, {"title": f"of a {person.role}"})
        return f"{records}/{_number(told, f'a {person.role} could add no record')}"

    def _deed(
        self, person: Person, what: str, method: str, path: str, words: Mapping[str, object] | None = None
    ) -> Deed:
        seen = self._ask(person, method, path, words)
        return Deed(role=person.role, what=what, method=method, path=path, status=seen.status, trouble=seen.trouble)

    def _ask(self, person: Person, method: str, path: str, words: Mapping[str, object] | None = None) -> HttpExchange:
        client = self._visitors.client(endpoint_of(self._stack, "edge"))
        host = self._deployment.place("private")[0]
        headers = bearer(person.token) + (JSON if words else ())
        body = json.dumps(words).encode() if words else b""
        return client.exchange("rights", method, path, headers=headers, body=body, host=host)

    def _path(self, kind: str) -> str:
        return self._deployment.place(kind)[1]


def _somebody(role: str) -> tuple[dict[str, object], str]:
    """A user nobody has heard of, and the password."""
    name, password = f"plimsoll-{secrets.token_hex(6)}@plimsoll.test", secrets.token_urlsafe(18)
    return {"email": name, "password": password, "role": role}, password


def _number(told: HttpExchange, otherwise: str) -> str:
    """The id of what was made. Raises CouldNotLook where nothing was."""
    try:
        return str(json.loads(told.body)["id"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise CouldNotLook(f"{otherwise}: {told.where}") from error
