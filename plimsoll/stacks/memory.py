"""What a stack's Redis services hold, forgotten."""

from __future__ import annotations

import socket

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.readiness import ANSWER_SECONDS, encrypted

ANSWERS = 2


def forget(directory: Directory) -> None:
    """Every Redis of the stack holds nothing. Raises StackFailed."""
    for service in directory.surroundings.deployment.services.values():
        if service.recipe == "redis":
            _flush(directory, service)


def _flush(directory: Directory, service: Service) -> None:
    known = directory.surroundings
    config, password = known.redis(service), known.materials.passwords[service.role]
    where = directory.addresses[service.role][0][config.tls_port or config.plain_port]
    try:
        plain = socket.create_connection(where, ANSWER_SECONDS)
        with encrypted(plain, service.role) if config.tls_port else plain as stream:
            # Whether it lets anybody in is for a rule to judge: what counts is the second answer.
            stream.sendall(f"AUTH default {password}\r\nFLUSHALL\r\n".encode())
            answer = stream.makefile("rb")
            said = [answer.readline().strip() for _ in range(ANSWERS)]
    except OSError as error:
        raise StackFailed(f"{service.role} cannot be asked to forget: {error}", hint="its log may say why") from error
    if said[-1] != b"+OK":
        raise StackFailed(f"{service.role} did not forget", hint=said[-1].decode(errors="replace"))
