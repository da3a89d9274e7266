"""What a deployment's clients do, and how much of it the deployment has to bear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ARRIVALS = ("poisson", "constant")
"""How clients come: each for himself, or on the beat."""

WEBSOCKET = "WEBSOCKET"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", WEBSOCKET)
"""What a step may do; the last opens a WebSocket, sends its body, and waits for the same back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a journey, and what answers it well.

    `name` is its route in every figure. `path` and `body` are filled in: {number} is another one for every journey,
    any other word what an earlier step kept. `expects` are the right statuses, and `holds` what the answer has to
    contain; `keeps` maps words to members of the JSON object that answers. `login` sends the token of the workload's
    account. `upload` are the bytes of a file that is sent as a form, in the place of a body.
    """

    name: str
    path: str
    method: str = "GET"
    body: str = ""
    upload: int = 0
    expects: tuple[int, ...] = (200,)
    holds: str = ""
    keeps: Mapping[str, str] = field(default_factory=dict)
    login: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What one client does from beginning to end: its steps one after the other, `think_seconds` between them.

    It is chosen in proportion to `weight`.
    """

    name: str
    steps: tuple[Step, ...]
    weight: float = 1.0
    think_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The load that a deployment is promised to bear, and how it is asked.

    `rate` are journeys that begin every second, whether or not earlier ones were answered; `seconds` how long a run
    asks at the least, after `warm_up_seconds` that are not judged. `host` is the host that is asked, the first of the
    deployment's without it. `source` says where the rate comes from, `search_seconds` how long a search for the
    largest rate may take.
    """

    rate: float
    journeys: tuple[Journey, ...]
    source: str = ""
    host: str = ""
    arrivals: str = "poisson"
    seconds: float = 60.0
    warm_up_seconds: float = 5.0
    search_seconds: float = 300.0

    @property
    def routes(self) -> tuple[str, ...]:
        """The names of all steps, each once."""
        return tuple(dict.fromkeys(step.name for journey in self.journeys for step in journey.steps))

    @property
    def requests(self) -> float:
        """How many requests the journeys make a second."""
        weights = sum(journey.weight for journey in self.journeys)
        return self.rate * sum(journey.weight * len(journey.steps) for journey in self.journeys) / weights
