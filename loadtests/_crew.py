"""Those in Locust who do the work of a run, and those who hear of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from locust.runners import STATE_MISSING, MasterRunner, Runner

from loadtests._client import Answer
from plimsoll.model.workload import Step

if TYPE_CHECKING:
    from locust.env import Environment

MILLISECOND = 1_000_000
ALONE = "local"
CONTEXT: dict[str, object] = {}


class Failed(Exception):
    """What Locust's listeners are told of a bad answer: its class."""


class Crew:
    """Locust's workers, or this process alone."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def names(self) -> Sequence[str]:
        """Who is there."""
        if isinstance(self._runner, MasterRunner):
            return [each.id for each in self._runner.clients.all if each.state != STATE_MISSING]
        return [ALONE]

    def alive(self, name: str) -> bool:
        """Whether that one was heard of lately."""
        if not isinstance(self._runner, MasterRunner):
            return True
        node = self._runner.clients.get(name)
        return node is not None and node.state != STATE_MISSING

    def send(self, name: str, kind: str, data: object) -> None:
        """A message to one of them."""
        self._runner.send_message(kind, cast("dict[str, object]", data), name)


def telling(environment: Environment) -> Callable[[Step, int, Answer, str], None]:
    """Locust's own events hear of every request, with its latency from the moment it was due."""
    fire = environment.events.request.fire

    def told(step: Step, latency: int, answer: Answer, trouble: str) -> None:
        fire(
            request_type=step.method,
            name=step.name,
            response_time=latency / MILLISECOND,
            response_length=answer.size,
            response=answer,
            context=CONTEXT,
            exception=Failed(trouble) if trouble else None,
        )

    return told
