"""What is between the application and what it needs: parted, slow, or without names."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Self

from plimsoll.drills.resilience.beginnings import well
from plimsoll.drills.resilience.knocks import greeting
from plimsoll.drills.resilience.relays import Relay
from plimsoll.drills.resilience.ward import Ward
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.probes.database import connected
from plimsoll.stacks.protocol import Roads, endpoints_of

LATE = 0.05
"""Seconds that a relay holds every piece: a round trip takes twice as long, as to another country."""

KNOCKS = 5
"""How often the other side is asked to know that it answers late."""

ASKING = """
import json, socket, sys, time
host, port, greeting, count, seconds = sys.argv[1:]
told = []
for _ in range(int(count)):
    began = time.monotonic()
    try:
        with socket.create_connection((host, int(port)), timeout=float(seconds)) as stream:
            stream.sendall(bytes.fromhex(greeting))
            stream.recv(1)
        told.append(time.monotonic() - began)
    except socket.gaierror:
        told.append("no address")
    except TimeoutError:
        told.append("no answer")
    except OSError as error:
        told.append(type(error).__name__)
print(json.dumps(told))
"""
"""What is run beside the application to know what that finds of another service."""

RESOLVING = "RES_OPTIONS=timeout:1 attempts:1"
"""resolv.conf(5): whoever asks for an address here is told within a second that there is none."""

LONGEST = 0.8
"""Seconds that whoever asks waits for an answer over a road that is well, or merely slow."""

NO_ADDRESS, NO_ANSWER = "no address", "no answer"

END_ALL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(slots=True)
class Ways:
    """The ways of one ward. Where services are processes of one machine, a relay of ours is each of them.

    The application has to be told of relays when it is started: `detour` has its variables.
    """

    ward: Ward
    detour: Mapping[str, str] = field(default_factory=dict)
    _relays: dict[str, Relay] = field(default_factory=dict)
    _closing: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        ward = self.ward
        if isinstance(ward.stack, Roads):
            return self
        variables = dict(ward.stack.inside(ward.application).environment)
        known = dict(variables)
        for role in filter(None, (ward.database, ward.cache)):
            host, port = _place(ward, role)
            relay = self._relays[role] = self._closing.enter_context(Relay((host, port)))
            here = ":".join(map(str, relay.address))
            known = {name: value.replace(f"{host}:{port}", here) for name, value in known.items()}
        self.detour = {name: value for name, value in known.items() if value != variables[name]}
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.close()

    @contextmanager
    def parted(self, role: str) -> Iterator[str]:
        """Nothing passes between the application and that role, which is well."""
        ward = self.ward
        ward.recorder.act(f"{ward.application} and {role} are parted")
        with self._parted(role) as how:
            ward.await_landing(lambda: set(self._asked(role, 1)) == {NO_ANSWER}, f"a {role} out of reach")
            if not well(ward, role):
                raise NotLanded(f"{role} is not well itself")
            yield f"{ward.application} gets no answer from {role}, which answers others: {how}"

    @contextmanager
    def slowed(self, role: str) -> Iterator[str]:
        """What passes between the application and that role is late."""
        ward = self.ward
        before = median(_seconds(self._asked(role, KNOCKS)))
        ward.recorder.act(f"the network between {ward.application} and {role} is slow")
        with self._slowed(role) as how:
            found: list[float] = []

            def late() -> bool:
                found.append(max(_seconds(self._asked(role, KNOCKS))))
                return found[-1] > before + LATE

            ward.await_landing(late, f"late answers of {role}")
            yield f"{role} answered within {before * 1000:.0f} ms, and now within {found[-1] * 1000:.0f} ms: {how}"

    @contextmanager
    def nameless(self, role: str) -> Iterator[str]:
        """The application asks in vain for the address of that role, and needs it: its connections were ended."""
        ward = self.ward
        assert isinstance(ward.stack, Roads)  # noqa: S101 - elsewhere services have no names
        ward.recorder.act(f"{ward.application} resolves no name any more, and its connections to {role} end")
        with ward.stack.nameless(ward.application) as how:
            ward.await_landing(lambda: set(self._asked(role, 1)) == {NO_ADDRESS}, f"a {role} without an address")
            with connected(ward.stack, ward.deployment, role=role) as sql:
                ((ended,),) = sql.run(END_ALL)
            yield f"{ward.application} finds no address of {role}, and {ended} connections were ended: {how}"

    def _parted(self, role: str) -> AbstractContextManager[str]:
        stack = self.ward.stack
        if isinstance(stack, Roads):
            return stack.parted(role, self.ward.application)
        return self._relays[role].shut()

    def _slowed(self, role: str) -> AbstractContextManager[str]:
        stack = self.ward.stack
        if isinstance(stack, Roads):
            return stack.slowed(role, self.ward.application)
        return self._relays[role].slow(LATE)

    def _asked(self, role: str, count: int) -> list[float | str]:
        """What the application finds when it asks that role so many times: the seconds it takes, or why it is none."""
        ward = self.ward
        inside = ward.stack.inside(ward.application)
        host, port = self._relays[role].address if role in self._relays else _place(ward, role)
        scheme = endpoints_of(ward.stack, role)[0].scheme
        asking = ["python3", "-c", ASKING, host, str(port), greeting(scheme).hex(), str(count), str(LONGEST)]
        done = subprocess.run(
            [*inside.words, "env", RESOLVING, *asking],
            env={**os.environ, **inside.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotLanded(f"nothing can be asked beside {ward.application}: {done.stderr.strip()[-200:]}")
        told: list[float | str] = json.loads(done.stdout)
        return told


def _seconds(told: list[float | str]) -> list[float]:
    """How long answers took; one that did not come in time took as long as it was waited for."""
    return [LONGEST if isinstance(each, str) else each for each in told]


def _place(ward: Ward, role: str) -> tuple[str, int]:
    return ward.stack.reached(role, endpoints_of(ward.stack, role)[0].port)
