"""Where load goes: the place of a stack at which clients come in."""

from __future__ import annotations

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations.load import Target
from plimsoll.stacks.protocol import Endpoint, Stack

EDGE = "edge"
WEB = ("https", "http")


def target_of(deployment: Deployment, stack: Stack, *, clients: int = 0) -> Target:
    """The edge, asked for the workload's host if that names one. `clients` as in Target. Raises OutOfReach."""
    wanted = deployment.workload.host if deployment.workload else ""
    edge = _edge(stack, wanted)
    return Target(
        scheme=edge.scheme,
        host=wanted or edge.host,
        port=edge.port,
        address=edge.address,
        authority=edge.authority.read_text(encoding="utf-8") if edge.authority else "",
        clients=clients,
    )


def _edge(stack: Stack, wanted: str) -> Endpoint:
    """The edge that has that host, else the first edge; where there is none, the first that speaks HTTP."""
    web = [endpoint for endpoint in stack.endpoints if endpoint.scheme in WEB]
    found = [endpoint for endpoint in web if endpoint.role == EDGE] or web
    if not found:
        raise OutOfReach(f"nothing of this {stack.kind} stack speaks HTTP", hint="--host URL")
    return next((endpoint for endpoint in found if endpoint.host == wanted), found[0])
