"""The users of a deployment's workload, for Locust: `locust -f loadtests/ [--deployment NAME] [--host URL] [--rate R]`.

docs/load.md says how it is run, and what it leaves.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gevent
from locust import LoadTestShape, User, events, task

sys.path.insert(0, str(Path(__file__).parents[1]))  # locust may be started anywhere

from loadtests._locust import Stage, add_options

stage = Stage()
events.init_command_line_parser.add_listener(add_options)
events.init.add_listener(stage.set_up)
events.test_start.add_listener(stage.begin)
events.test_stopping.add_listener(stage.break_off)
events.quit.add_listener(stage.say_goodbye)


class Client(User):
    """In the closed model one client of the workload; in the open model what stands for one process's schedule."""

    @task
    def live(self) -> None:
        """Journeys, one after the other, for as long as the run lasts."""
        stage.live(self)
        gevent.sleep(0.2)


class Run(LoadTestShape):
    """As many users as the plan says, until it is over."""

    use_common_options = True

    def reset_time(self) -> None:
        """A new run begins."""
        super().reset_time()
        stage.forget()

    def tick(self) -> tuple[int, float] | None:
        """Users at this moment, and how many more may come every second; None at the end."""
        return stage.users()
