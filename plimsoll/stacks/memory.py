"""What a stack's Redis services hold, forgotten."""

from __future__ import annotations

import socket

from plimsoll.errors import StackFailed
from plimsoll.model import Service
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.greetings import LOADING
from plimsoll.stacks.readiness import ANSWER_SECONDS, READY_SECONDS, encrypted
from plimsoll.wait import NotReady, wait_until

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

    def said() -> bytes:
        plain = socket.create_connection(where, ANSWER_SECONDS)
        with encrypted(plain, service.role) if config.tls_port else plain as stream:
            # Whether it lets anybody in is for a rule to judge: what counts is the second answer.
            stream.sendall(f"AUTH default {password}\r\nFLUSHALL\r\n".encode())
            answer = stream.makefile("rb")
            return [answer.readline().strip() for _ in range(ANSWERS)][-1]

    try:
        # Redis asks strangers for a password already while it reads its data: then it seems ready and is not.
        words = wait_until(said, lambda words: not words.startswith(LOADING), timeout=READY_SECONDS)
    except (OSError, NotReady) as error:
        raise StackFailed(f"{service.role} cannot be asked to forget: {error}", hint="its log may say why") from error
    if words != b"+OK":
        fact = f"{service.role} did not forget: it says {words.decode(errors='replace') or 'nothing'}"
        raise StackFailed(fact, hint="its log may say why")
