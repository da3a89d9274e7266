"""Two users behind one address, and one user at two: whose allowance a request uses up."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import HttpExchange, UserBurst
from plimsoll.probes.edge.burst import REFUSALS, reported
from plimsoll.probes.wire import Client, Headers
from plimsoll.stacks.protocol import Accounts, Endpoint, Stack

JSON = (("Content-Type", "application/json"),)


def user_burst(
    endpoint: Endpoint, stack: Stack, deployment: Deployment, *, count: int, here: str, there: str, deadline: float
) -> UserBurst:
    """What a user's requests from one address got, then his from another and another user's from the first.

    Raises OutOfReach where the stack has no account for us, or the deployment names no `login`, `users` or `private`
    path; CouldNotLook when nobody can log in or the second user cannot be made.
    """
    if not isinstance(stack, Accounts):
        raise OutOfReach(f"a {stack.kind} stack has no users that we may be")
    for kind in ("login", "users", "private"):
        if kind not in deployment.paths:
            raise OutOfReach(f"this deployment names no {kind} path", hint=f'[paths] {kind} = "/…"')
    client = Client(endpoint, methods=stack.methods, deadline=deadline)
    first = _bearer(client, deployment, *stack.account, address=there)
    address, password = f"second-{secrets.token_hex(4)}@plimsoll.invalid", secrets.token_urlsafe(18)
    _post(
        client,
        deployment.place("users")[1],
        {"email": address, "password": password, "role": "member"},
        headers=(*first, *reported(there)),
    )
    second = _bearer(client, deployment, address, password, address=there)
    path = deployment.place("private")[1]

    def ask(bearer: Headers, source: str) -> HttpExchange:
        return client.exchange("user", "GET", path, headers=(*bearer, *reported(source)))

    seen = [ask(second, here) for _ in range(count)]  # the new one: nobody has used any of his allowance yet
    return UserBurst(
        statuses=tuple(exchange.status for exchange in seen),
        refusal=next((exchange for exchange in seen if exchange.status in REFUSALS), None),
        neighbour=ask(first, here).status,
        elsewhere=ask(second, there).status,
        seen_at=datetime.now(UTC),
    )


def _bearer(client: Client, deployment: Deployment, user: str, password: str, *, address: str) -> Headers:
    """The header of somebody who has just logged in. Raises CouldNotLook."""
    told = _post(client, deployment.place("login")[1], {"email": user, "password": password}, headers=reported(address))
    try:
        return (("Authorization", f"Bearer {json.loads(told.body)['access_token']}"),)
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotLook(f"the login told no access token: {told.where}") from error


def _post(client: Client, path: str, content: dict[str, str], *, headers: Headers) -> HttpExchange:
    """The answer to what was posted. Raises CouldNotLook unless it is a success."""
    told = client.exchange("user", "POST", path, headers=(*JSON, *headers), body=json.dumps(content).encode())
    if told.status is None or told.status >= 400:  # noqa: PLR2004 - below 400 is no error
        raise CouldNotLook(f"no second user could be had: {told.where}")
    return told
