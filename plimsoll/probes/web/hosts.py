"""One role as one of the deployment's hosts: a client's name for it, and the address that name resolves to."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.model import Deployment
from plimsoll.stacks.protocol import Endpoint, Stack, endpoint_of, endpoints_of


def endpoint_at(stack: Stack, deployment: Deployment, role: str, host: str = "") -> Endpoint:
    """The endpoint of a role as that host is reached; "" for the first host. Raises OutOfReach when there is none."""
    first = endpoint_of(stack, role)
    if not host or host == first.host:
        return first
    if own := next((each for each in endpoints_of(stack, role) if each.host == host), None):
        return own
    live = deployment.live if stack.kind == "live" else None
    name = live.addresses.get(host) or live.address or host if live else first.address[0]
    return replace(first, host=host, address=(name, first.address[1]))
