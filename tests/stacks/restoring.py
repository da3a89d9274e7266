"""What every stack whose data can be put back must show."""

from __future__ import annotations

from typing import Protocol

import requests

from plimsoll.stacks.environment import ADMINISTRATOR
from plimsoll.stacks.protocol import Snapshots, Stack, endpoint_of

TRIP = {"title": "Lisbon", "city": "Lisbon", "country": "PT"}


class Restorable(Stack, Snapshots, Protocol):
    """A stack with snapshots."""


def is_put_back(stack: Restorable) -> bool:
    """Whether a row that was acknowledged after a snapshot is gone after a restore, and all else is there."""
    app = endpoint_of(stack, "app")
    base = f"http://{app.address[0]}:{app.address[1]}/api"
    account = {"email": ADMINISTRATOR, "password": stack.secrets[-1]}
    with stack.snapshot() as snapshot, requests.Session() as session:
        token = session.post(f"{base}/auth/login", json=account, timeout=5).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        before = session.get(f"{base}/trips", timeout=5).json()
        made = session.post(f"{base}/trips", json=TRIP, timeout=5)
        between = session.get(f"{base}/trips", timeout=5).json()
        snapshot.restore()
        after = session.get(f"{base}/trips", timeout=5).json()
    return made.ok and between != before and after == before
