"""Addresses of services as artefacts write them, `role:port`, and where those are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from plimsoll.model import Service

Address = Callable[[str, int], tuple[str, int]]
"""Where a role's port is, as other services of the stack reach it."""


def moved(text: str, services: Mapping[str, Service], address: Address) -> str:
    """The text with each `role:port` of the deployment put as `host:port`, where it is here."""

    def here(found: re.Match[str]) -> str:
        host, port = address(found["role"], int(found["port"]))
        return f"{host}:{port}"

    written = [f"{re.escape(role)}:{port}" for role, service in services.items() for port in service.ports]
    if not written:
        return text
    # A longer name that ends or begins like a role is another host: my-app:5000, app:50001, app.example:5000.
    return re.sub(rf"(?<![\w.-])(?=(?:{'|'.join(written)})(?!\d))(?P<role>[\w.-]+):(?P<port>\d+)", here, text)
