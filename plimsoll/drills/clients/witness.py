"""The witness: writes numbered rows through the application while a drill goes on, and reads what it knows is there."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Self

from plimsoll.drills.clients.visitor import DEADLINE, JSON, LOGIN_SECONDS, Caller, Visitor, object_of
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills import Read, Testimony, Write
from plimsoll.probes.census import TITLE
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import NotReady, pause, wait_until

RATE = 50.0
"""Rows a second: a row every 20 ms, which is how finely a loss is measured."""

WRITERS = 4
"""Who is waited for holds nobody else up, as long as not all of them are: writes go on while a request hangs."""

READ_EVERY = 0.03
"""Seconds between reads: how finely an outage is measured."""

THROUGH_EVERY, FRESH_EVERY = 0.05, 0.2
"""Seconds between reads through an edge, and between those that each make a connection of their own: encrypting costs
both sides, and everybody shares the processors."""

LATE = 1.0
"""Seconds behind its time-table after which the witness begins a new one, instead of catching up in a burst."""

UPLOAD_EVERY = 25
"""One row in so many brings a file along, where files are asked for."""

UPLOAD_BYTES = 4096
CREATED, OK = 201, 200
FIRST_SECONDS = 30.0
"""Seconds within which the first row must be written and read: the stack is up."""


class Witness:
    """Writes and reads from when it is entered until it is left; its times are those of the recorder's clock.

    An outage of any length is part of what it sees. `files` maps the uploads that were confirmed to their checksums. It
    asks `through` the edge of that role where one is named, and then over connections of their own, too. `tells` is the
    header by which the application says which release it is. Raises CouldNotLook when it cannot even begin within its
    patience, in seconds.
    """

    def __init__(
        self,
        stack: Stack,
        deployment: Deployment,
        recorder: Recorder,
        *,
        rate: float = RATE,
        uploads: bool = False,
        patience: float = FIRST_SECONDS,
        through: str = "",
        tells: str = "",
        deadline: float = DEADLINE,
    ) -> None:
        self.caller = Caller(stack, deployment, through=through, deadline=deadline)
        self._ending = LOGIN_SECONDS + 3 * deadline  # a login and a request, each within its deadline, and slack
        self._through = through
        self._tells = tells
        self.files: dict[str, str] = {}
        self._recorder = recorder
        self._interval = 1 / rate
        self._uploads = uploads
        self._patience = patience
        self._lock = threading.Lock()
        self._number = 0
        self._due = 0.0
        self._busy = 0
        self._paused = self._over = False
        self._writes: list[Write] = []
        self._reads: list[Read] = []
        self._known: Mapping[str, object] = {}
        self._run = f"{random.SystemRandom().getrandbits(64):016x}"  # a key that was used belongs to another witness
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._as_visitor(self._begin)
        self._due = self._recorder.now
        jobs: list[Callable[[Visitor], None]] = [*[self._keep_writing] * WRITERS, self._keep_reading]
        if self._through:
            jobs.append(partial(self._keep_reading, fresh=True))
        self._threads = [threading.Thread(target=self._as_visitor, args=(job,), daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()
        self._await(lambda: any(read.good for read in self._reads), FIRST_SECONDS, "a first read")
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        for thread in self._threads:
            thread.join(self._ending)

    @property
    def testimony(self) -> Testimony:
        """All that was written and read until now; rows that nobody answered for yet are not among them."""
        with self._lock:
            return Testimony(
                writes=tuple(sorted(self._writes, key=lambda write: write.number)), reads=tuple(self._reads)
            )

    def pause(self) -> None:
        """No more rows are written until `go_on`; reading goes on."""
        with self._lock:
            self._paused = True

    def settle(self) -> float:
        """The moment at which every row that was written is known to be confirmed or not; no more are written."""
        self.pause()
        self._await(lambda: not self._busy, self._ending, "the end of the last write")
        return self._recorder.now

    def go_on(self) -> None:
        """Rows are written again."""
        with self._lock:
            self._paused, self._due = False, self._recorder.now

    def rows(self, count: int, *, seconds: float = FIRST_SECONDS) -> None:
        """So many more rows have been confirmed. Raises CouldNotLook after that many seconds."""
        enough = len(self.testimony.acknowledged) + count
        self._await(lambda: len(self.testimony.acknowledged) >= enough, seconds, f"{count} more rows")

    def sees_good(self, *, after: float, seconds: float) -> float:
        """The moment of the first good read after another. Raises CouldNotLook when none comes in that many seconds."""

        def found() -> float:
            return next((read.at for read in self.testimony.reads if read.good and read.at >= after), 0.0)

        self._await(lambda: bool(found()), seconds, "a good read")
        return found()

    def _await(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            wait_until(ready, timeout=seconds, what=f"{what} of the witness")
        except NotReady as error:
            last = next((write.trouble for write in reversed(self._writes) if write.trouble), "nothing")
            raise CouldNotLook(f"{error.args[0]}; the last trouble: {last}") from error

    def _as_visitor(self, job: Callable[[Visitor], None]) -> None:
        visitor = Visitor(self.caller)
        try:
            job(visitor)
        finally:
            visitor.close()

    def _keep_writing(self, visitor: Visitor) -> None:
        while not self._over:
            number, wait = self._take_turn()
            if not number:
                pause(self._interval)
                continue
            try:
                pause(wait)
                self._write(visitor, number)
                if self._uploads and number % UPLOAD_EVERY == 0:
                    self._upload(visitor, number)
            finally:
                with self._lock:
                    self._busy -= 1

    def _take_turn(self) -> tuple[int, float]:
        """The number of the next row and the seconds until it is due; 0 while nobody is to write."""
        with self._lock:
            if self._paused or self._over:
                return 0, 0.0
            now = self._recorder.now
            if self._due < now - LATE:
                self._due = now
            wait, self._due = self._due - now, self._due + self._interval
            self._busy += 1
            self._number += 1
            return self._number, wait

    def _begin(self, visitor: Visitor) -> None:
        """A first row is confirmed, and the first of all is known. Raises CouldNotLook."""

        def first() -> Mapping[str, object]:
            self._write(visitor, self._next_number())
            return _first_row(self._looked(visitor)) if self._writes[-1].acked is not None else {}

        try:
            self._known = wait_until(first, timeout=self._patience, what="a first row")
        except NotReady as error:
            why = self._writes[-1].trouble or "it shows none"
            raise CouldNotLook(f"the application takes no row at {self.caller.records}: {why}") from error

    def _next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _write(self, visitor: Visitor, number: int) -> None:
        body = json.dumps({"title": TITLE.format(number), "city": "Plimsoll"}).encode()
        headers = (*JSON, ("Idempotency-Key", f"{self._run}-{number}"))
        sent, renewed = self._recorder.now, visitor.renewed
        told = visitor.ask("POST", self.caller.records, headers=headers, body=body)
        acked = self._recorder.now if told.status == CREATED else None
        trouble = "" if acked is not None else told.trouble or f"status {told.status}"
        write = Write(
            number=number,
            sent=sent,
            acked=acked,
            status=told.status,
            trouble=trouble,
            version=self._version(told),
            again=visitor.renewed > renewed,
        )
        with self._lock:
            self._writes.append(write)

    def _upload(self, visitor: Visitor, number: int) -> None:
        content = random.Random(number).randbytes(UPLOAD_BYTES)  # noqa: S311 - content that a number brings back
        headers = (("Content-Type", "application/octet-stream"),)
        told = visitor.ask("POST", self.caller.uploads, headers=headers, body=content)
        if told.status == CREATED:
            with self._lock:
                self.files[str(object_of(told).get("id", ""))] = hashlib.sha256(content).hexdigest()

    def _keep_reading(self, visitor: Visitor, *, fresh: bool = False) -> None:
        due, every = self._recorder.now, FRESH_EVERY if fresh else THROUGH_EVERY if self._through else READ_EVERY
        while not self._over:
            at, renewed = self._recorder.now, visitor.renewed
            told = self._looked(visitor)
            read = Read(
                at=at,
                good=self._knows(_first_row(told)),
                seconds=self._recorder.now - at,
                trouble=told.trouble or ("" if told.status == OK else f"status {told.status}"),
                version=self._version(told),
                fresh=fresh,
                again=visitor.renewed > renewed,
            )
            with self._lock:
                self._reads.append(read)
            if fresh:
                visitor.close()
            due = max(due + every, self._recorder.now - LATE)
            pause(due - self._recorder.now)

    def _knows(self, row: Mapping[str, object]) -> bool:
        """Whether that row says all that it said at first; a later release may say more of it."""
        return bool(row) and {**row, **self._known} == row

    def _looked(self, visitor: Visitor) -> HttpExchange:
        return visitor.ask("GET", f"{self.caller.records}?limit=1")

    def _version(self, told: HttpExchange) -> str:
        return next(iter(told.values(self._tells)), "") if self._tells else ""


def _first_row(told: HttpExchange) -> Mapping[str, object]:
    """The first row of all: an empty database is filled with rows like those, but at another time. {} for none."""
    rows = object_of(told).get("data")
    return rows[0] if told.status == OK and isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
