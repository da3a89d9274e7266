"""A replica whose wall clock is ahead of everybody else's, as on a host that has asked nobody for the time for days."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from plimsoll.drills.clients.pulse import PATIENCE
from plimsoll.drills.clients.visitor import Caller, Visitor
from plimsoll.drills.resilience.ward import Ward
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills.faults import LIVE, READY, Pass, Sign
from plimsoll.probes.wire import Headers
from plimsoll.stacks.clocks import PLACES, put_ahead

AHEAD = 45
"""Seconds: more than hosts are apart that ask for the time, less than the minute that checks of tokens often allow."""

SLACK = 5
"""Seconds that an answer's date may be from what the clock says: it has whole ones, and was made a moment before."""

FIRST = 1
"""The replica that has a clock of its own."""


@dataclass(slots=True)
class Clocks:
    """What came of a clock that was ahead: tokens that were shown around, and the health of who has that clock."""

    ward: Ward
    passes: list[Pass] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)

    def can_be_set(self) -> bool:
        """Whether libfaketime is where the application runs."""
        inside = self.ward.stack.inside(self.ward.application)
        asked = subprocess.run([*inside.words, "sh", "-c", f"ls {PLACES}"], capture_output=True, check=False)
        return not asked.returncode

    @contextmanager
    def ahead(self) -> Iterator[str]:
        """The first replica's clock is ahead, and clients sign in anew; afterwards it is right again."""
        ward, clients = self.ward, self.ward.witness.caller
        if bad := next((each for each in self._shown_around() if not each.taken), None):
            raise NotLanded(f"a token is not taken while all clocks agree: {bad.trouble or f'status {bad.status}'}")
        ward.recorder.act(f"the clock of {ward.application}, replica {FIRST}, is put {AHEAD} s ahead")
        put_ahead(ward.stack.clock, AHEAD)
        try:
            ward.await_landing(lambda: abs(self._off(FIRST) - AHEAD) <= SLACK, f"{ward.application} with another time")
            told = {number: self._off(number) for number in self._replicas}
            if any(abs(off) > SLACK for number, off in told.items() if number != FIRST):
                raise NotLanded("another replica's clock is off, too")
            token, _ = clients.token(Visitor(clients))
            clients.forget(token)
            self.passes += self._shown_around()
            self.signs += map(self._sign, (LIVE, READY))
            said = ", ".join(f"{off:+.0f} s at replica {number}" for number, off in told.items())
            yield f"answers are dated {said}: libfaketime, in the place of a host's clock"
        finally:
            ward.recorder.act(f"the clock of {ward.application}, replica {FIRST}, is put right")
            put_ahead(ward.stack.clock, 0)

    @property
    def _replicas(self) -> range:
        return range(1, self.ward.replicas + 1)

    def _caller(self, replica: int) -> Caller:
        return Caller(self.ward.stack, self.ward.deployment, replica=replica)

    def _off(self, replica: int) -> float:
        """How many seconds the date of that replica's answers is ahead of our clock. Raises NotLanded."""
        told = _asked(self._caller(replica), self.ward.pulse.paths[LIVE])
        try:
            dated = parsedate_to_datetime(next(iter(told.values("Date")), ""))
        except ValueError as error:
            raise NotLanded(f"an answer has no date: {told.where}") from error
        return (dated - datetime.now(UTC)).total_seconds()

    def _shown_around(self) -> Iterator[Pass]:
        """At each replica a client signs in, and shows the token to every one."""
        for issuer in self._replicas:
            caller = self._caller(issuer)
            visitor = Visitor(caller)
            token, trouble = caller.token(visitor)
            visitor.close()
            for taker in self._replicas:
                caller, at, status = self._caller(taker), self.ward.recorder.now, None
                if token:
                    told = _asked(caller, f"{caller.records}?limit=1", (("Authorization", f"Bearer {token}"),))
                    status, trouble = told.status, told.trouble
                yield Pass(at=at, issuer=issuer, taker=taker, status=status, trouble=trouble)

    def _sign(self, question: str) -> Sign:
        """What the replica that is ahead says of its health."""
        at = self.ward.recorder.now
        told = _asked(self._caller(FIRST), self.ward.pulse.paths[question])
        took = self.ward.recorder.now - at
        return Sign(at=at, question=question, status=told.status, seconds=took, trouble=told.trouble)


def _asked(caller: Caller, path: str, headers: Headers = ()) -> HttpExchange:
    """One answer, over a connection of its own."""
    visitor = Visitor(caller)
    told = visitor.once("GET", path, headers, b"", seconds=PATIENCE)
    visitor.close()
    return told
