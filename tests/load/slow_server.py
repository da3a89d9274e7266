"""A server that keeps the truth: it answers after so many seconds, stalls when told to, and logs what it took itself.

`python slow_server.py LOG SECONDS [STALL EVERY]` prints its port, and writes one line of nanoseconds for each answer.
In a stall, the first STALL of every EVERY seconds, nobody is answered: those who came are answered at its end.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from time import monotonic, monotonic_ns
from typing import cast

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Slow(asyncio.Protocol):
    """One connection."""

    took: list[int] = []  # noqa: RUF012 - of the whole process

    def __init__(self, seconds: float, stall: float, every: float, began: float) -> None:
        self.seconds, self.stall, self.every, self.began = seconds, stall, every, began

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Somebody asked: requests have no body here."""
        came = monotonic_ns()
        for _ in range(data.count(b"\r\n\r\n")):
            wait = self.seconds
            if self.every:
                wait += max(self.stall - (monotonic() - self.began) % self.every, 0.0)
            if wait:
                asyncio.get_running_loop().call_later(wait, self.answer, came)
            else:
                self.answer(came)

    def answer(self, came: int) -> None:
        """Whoever came at that moment is answered."""
        self.transport.write(ANSWER)
        self.took.append(monotonic_ns() - came)


async def serve(*figures: float) -> None:
    """Until the standard input ends."""
    seconds, stall, every = (*figures, 0.0, 0.0)[:3]
    began = monotonic()
    server = await asyncio.get_running_loop().create_server(
        lambda: Slow(seconds, stall, every, began), "127.0.0.1", 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run  # type: ignore[assignment] # called the same
    run(serve(*map(float, sys.argv[2:])))
    Path(sys.argv[1]).write_text("\n".join(map(str, Slow.took)), encoding="ascii")
