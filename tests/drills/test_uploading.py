"""Whether a file that was confirmed is there is asked until somebody can say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from plimsoll.drills.resilience import disks
from plimsoll.drills.resilience.ward import Ward
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills.faults import BEFORE

CALLER = SimpleNamespace(uploads="/files")
WARD = SimpleNamespace(witness=SimpleNamespace(caller=CALLER), recorder=SimpleNamespace(now=1.0))


class Server:
    """Keeps what it is sent, each as the next of `answers` for whoever asks for it: a status, or what it kept."""

    def __init__(self, answers: Mapping[str, Sequence[int]]) -> None:
        self._answers = {number: iter(statuses) for number, statuses in answers.items()}
        self._kept: list[bytes] = []

    def ask(self, method: str, path: str, *, body: bytes = b"", **_: object) -> HttpExchange:
        """An answer of the application's, or of the edge's in its place."""
        if method == "POST":
            self._kept.append(body)
            return told(201, json.dumps({"id": str(len(self._kept))}).encode())
        number = path.rpartition("/")[2]
        status = next(self._answers.get(number, iter(())), 200)
        return told(status, self._kept[int(number) - 1] if status == disks.OK else b"")

    def close(self) -> None:
        """Nothing is open."""


def told(status: int, body: bytes) -> HttpExchange:
    """One answer."""
    return HttpExchange(kind="", role="edge", method="GET", url="/", status=status, body=body)


@pytest.mark.parametrize(
    ("statuses", "there"), [((), True), ((502, 502, 504), True), ((404,), False), ((500,) * 10_000, False)]
)
def test_whoever_cannot_say_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...], *, there: bool
) -> None:
    """An edge without anybody behind it says nothing of a file; an application that does not know it does."""
    monkeypatch.setattr(disks, "BACK_SECONDS", 0.5)
    monkeypatch.setattr(disks, "Visitor", lambda _: Server({"1": statuses}))
    client = disks.Uploading(cast(Ward, WARD))
    client.sends(BEFORE)

    assert [upload.kept for upload in client.told()] == [there, True, True]
