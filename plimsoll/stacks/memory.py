"""What a stack's Redis services hold, forgotten."""

from __future__ import annotations

import socket

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.readiness import ANSWER_SECONDS, READY_SECONDS, encrypted
from plimsoll.wait import NotReady, wait_until

ANSWERS = 2


def forget(directory: Directory) -> None:
    """Every Redis of the stack holds nothing. Raises StackFailed."""
    for service in directory.surroundings.deployment.services.values():
        if service.recipe == "redis" and not service.settings.get("follows"):
            _flush(directory, service)


def _flush(directory: Directory, service: Service) -> None:
    known = directory.surroundings
    config, password = known.redis(service), known.materials.passwords[service.role]
    where = directory.addresses[service.role][0][config.tls_port or config.plain_port]

    def said() -> str:
        """What Redis says, or why it says nothing."""
        try:
            plain = socket.create_connection(where, ANSWER_SECONDS)
            with encrypted(plain, service.role) if config.tls_port else plain as stream:
                # Whether it lets anybody in is for a rule to judge: what counts is the second answer.
                stream.sendall(f"AUTH default {password}\r\nFLUSHALL\r\n".encode())
                answer = stream.makefile("rb")
                return [answer.readline().strip() for _ in range(ANSWERS)][-1].decode(errors="replace")
        except OSError as error:
            return str(error)

    # One that has just started asks strangers for a password while it still reads its data, and seems ready.
    try:
        wait_until(said, "+OK".__eq__, timeout=READY_SECONDS, what=f"an empty {service.role}")
    except NotReady as error:
        raise StackFailed(f"{service.role} did not forget: it says {error.last}", hint="its log may say why") from error
