"""Somebody who writes numbered keys into Redis while a drill goes on, and knows which were confirmed."""

from __future__ import annotations

import re
import threading
from typing import Self

from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import Testimony, Write
from plimsoll.probes.redis import Redis, primary_of, redis_of, words_of
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import NotReady, pause, wait_until

RATE = 100.0
"""Keys a second: one every 10 ms."""

DEADLINE = 1.5
NAME = "witness:{:06}"
OF_WITNESS = re.compile(rb"witness:(\d+)")
ENDING_SECONDS = 4 * DEADLINE


class KeyWriter:
    """Writes from when it is entered until it is left, whatever becomes of Redis meanwhile.

    Where there are `others` beside that role, it writes to the first of them all that takes writes.
    """

    def __init__(self, stack: Stack, role: str, recorder: Recorder, *others: str) -> None:
        self._stack, self._role, self._recorder = stack, role, recorder
        self._others = others
        self._writes: list[Write] = []
        self._missed: list[float] = []
        self._paused = self._over = self._busy = self._anew = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep_writing, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join(ENDING_SECONDS)

    @property
    def testimony(self) -> Testimony:
        """All that was written until now."""
        return Testimony(writes=tuple(self._writes))

    def keys(self, count: int, *, seconds: float = 30.0) -> None:
        """So many more keys have been confirmed. Raises CouldNotLook after that many seconds."""
        with self._lock:
            self._paused = False
        enough = len(self.testimony.acknowledged) + count
        try:
            wait_until(lambda: len(self.testimony.acknowledged) >= enough, timeout=seconds, what=f"{count} more keys")
        except NotReady as error:
            last = next((write.trouble for write in reversed(self._writes) if write.trouble), "nothing")
            raise CouldNotLook(f"{self._role} takes no keys: {last}") from error

    def settle(self) -> float:
        """The moment at which every key that was written is known to be confirmed or not; no more are written."""
        with self._lock:
            self._paused = True
        wait_until(lambda: not self._busy, timeout=ENDING_SECONDS, what="the end of the last write")
        return self._recorder.now

    def misses(self, *, after: float, seconds: float) -> None:
        """Somebody was refused after that moment. Raises CouldNotLook when nobody is for so many seconds."""
        try:
            wait_until(lambda: any(at >= after for at in self._missed), timeout=seconds, what="a refused key")
        except NotReady as error:
            raise CouldNotLook(f"nobody noticed that {self._role} was gone: keys went on") from error

    def look_anew(self) -> None:
        """From now on it writes to whoever takes writes now."""
        self._anew = True

    def found(self, role: str = "") -> set[int]:
        """The numbers of the keys that are there, or in another role. Raises CouldNotLook."""
        with redis_of(self._stack, role or self._role) as redis:
            names = words_of(redis.ask("KEYS", "witness:*"))
        return {int(number[1]) for name in names if (number := OF_WITNESS.fullmatch(name))}

    def _keep_writing(self) -> None:
        while not self._over:
            try:
                with redis_of(self._stack, self._primary(), seconds=DEADLINE) as redis:
                    self._anew = False
                    while not self._over and not self._anew:
                        self._write(redis)
            except CouldNotLook as trouble:
                self._missed.append(self._recorder.now)
                self._refused(trouble.fact)
                pause(1 / RATE)

    def _primary(self) -> str:
        """Who takes writes."""
        return primary_of(self._stack, self._role, *self._others, seconds=DEADLINE) if self._others else self._role

    def _write(self, redis: Redis) -> None:
        """One more key, unless nobody is to write."""
        pause(1 / RATE)
        with self._lock:
            if self._paused:
                return
            self._busy = True
        number, sent = len(self._writes) + 1, self._recorder.now
        self._writes.append(Write(number=number, sent=sent))
        redis.ask("SET", NAME.format(number), f"value of {number}")
        self._writes[-1] = Write(number=number, sent=sent, acked=self._recorder.now)
        self._busy = False

    def _refused(self, trouble: str) -> None:
        """The key that was sent last, if one was, is not confirmed."""
        if self._busy:
            last = self._writes[-1]
            self._writes[-1] = Write(number=last.number, sent=last.sent, trouble=trouble)
        self._busy = False
