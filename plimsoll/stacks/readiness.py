"""Whether a stack serves: asked, never slept for."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from plimsoll.errors import StackFailed
from plimsoll.stacks.greetings import postgres_greets, redis_greets
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import NotReady, wait_until

READY_SECONDS = 30.0
ANSWER_SECONDS = 2.0

SERVES = range(200, 500)
"""What a server answers that does what it will do; 5xx means not yet (RFC 9110, 15.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one endpoint is asked: over HTTP a path of a host, PostgreSQL and Redis whether they accept a client.

    The lower `rank` is asked first.
    """

    endpoint: Endpoint
    host: str
    path: str = ""
    user: str = ""
    rank: int = 0

    @property
    def of_data(self) -> bool:
        """Whether it is a data service that is asked."""
        return not self.path

    def answer(self, source: str) -> int | bool | None:
        """The status, or whether a client is accepted; None while nobody answers."""
        if self.endpoint.scheme == "postgresql":
            return _heard(self.endpoint, lambda stream: postgres_greets(stream, self.user))
        if self.endpoint.scheme in ("redis", "rediss"):
            return _heard(self.endpoint, redis_greets)
        return status_of(self.endpoint, self.path, source=source, host=self.host)


def of_role(questions: Sequence[Question], role: str, *, away: Collection[str]) -> list[Question]:
    """What one role's endpoints are asked: nothing that nobody could affirm while others are away."""
    return [each for each in questions if each.endpoint.role == role and (each.of_data or not away)]


def until_ready(
    questions: Sequence[Question],
    *,
    dead: Callable[[], str],
    last_words: Callable[[str], str],
    source: Callable[[], str] = str,
) -> None:
    """Every service answers as one that serves, the edge last, as it passes its question on to another.

    Whoever answers that there is no such endpoint will not say anything else later: that is for a rule to judge.

    `dead` says why waiting is in vain, `last_words` gives the end of a role's log, `source` the address to ask from.
    Raises StackFailed.
    """
    for question in questions:
        endpoint = question.endpoint
        try:
            wait_until(
                lambda question=question: _state(question, source(), dead),  # type: ignore[misc] # binds this turn's question
                _serves,
                error=lambda state: isinstance(state, str),
                timeout=READY_SECONDS,
                what=f"{endpoint.role} on port {endpoint.address[1]}",
            )
        except NotReady as error:
            if isinstance(error.last, str):
                raise StackFailed(error.last, hint="the service's own words say why") from error
            behind = [each.endpoint.role for each in questions if each.rank < question.rank and each.path]
            roles = dict.fromkeys(behind if endpoint.scheme == "https" and error.last is not None else [endpoint.role])
            words = "\n".join(last_words(role) for role in roles)
            raise StackFailed(f"{error}\n{words}", hint="the service's own words say why") from error
    if trouble := dead():
        raise StackFailed(trouble, hint="the service's own words say why")


def _state(question: Question, source: str, dead: Callable[[], str]) -> int | str | None:
    """What was answered; where that is not enough, and it never will be, why."""
    answer = question.answer(source)
    return answer if _serves(answer) else dead() or answer


def _serves(state: object) -> bool:
    return state is True or (isinstance(state, int) and state in SERVES)


def status_of(endpoint: Endpoint, path: str, *, source: str = "", host: str = "") -> int | None:
    """The status of a GET; None while nobody answers."""
    host = host or endpoint.host
    connection = http.client.HTTPConnection(host, endpoint.port)
    try:
        stream = socket.create_connection(
            endpoint.address, ANSWER_SECONDS, source_address=(source, 0) if source else None
        )
        connection.sock = encrypted(stream, host) if endpoint.scheme == "https" else stream
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _heard(endpoint: Endpoint, greets: Callable[[socket.socket], bool]) -> bool | None:
    """Whether a data service accepts a client; None while nobody answers."""
    try:
        with socket.create_connection(endpoint.address, ANSWER_SECONDS) as stream:
            if endpoint.scheme != "rediss":
                return greets(stream)
            with encrypted(stream, endpoint.host) as secured:
                return greets(secured)
    except OSError:
        return None


def encrypted(stream: socket.socket, host: str) -> ssl.SSLSocket:
    """Encryption without a look at the certificate: it may be wrong on purpose, and judging it is a probe's work."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream, server_hostname=host)
