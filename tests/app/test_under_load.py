"""What the generator of load does beside requests, at a server that takes it."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from plimsoll.model.load import Plan, steady
from plimsoll.model.workload import Journey, Step, Workload
from plimsoll.observations.load import Order, Target
from plimsoll.observations.load.stored import write
from tests.app.conftest import ADMIN, PASSWORD
from tests.app.processes import App
from tests.load.runs import ran

pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="not run: locust is not installed here")

TAKEN, TOO_LARGE = 50_000, 5_000_000
"""Bytes, of which the application takes 100,000 at most."""


def test_websockets_are_opened_and_files_are_sent(app: App, tmp_path: Path) -> None:
    """Each under its own name; a file that is refused before it is there is answered, too."""
    steps = (
        Step(name="echo", method="WEBSOCKET", path="/ws", body="hi {number}"),
        Step(name="send", method="POST", path="/api/uploads", upload=TAKEN, expects=(201,), holds=f'"size":{TAKEN}'),
        Step(name="send too much", method="POST", path="/api/uploads", upload=TOO_LARGE, expects=(413,)),
    )
    port = app.ports[0]
    order = Order(
        deployment="nestmap",
        target=Target(scheme="http", host="127.0.0.1", port=port, address=("127.0.0.1", port)),
        workload=Workload(rate=5, journeys=(Journey(name="all", steps=steps),)),
        plan=Plan(phases=steady(5, 3)),
        account=(ADMIN, PASSWORD),
        login="/api/auth/login",
    )
    write(order, tmp_path / "plan.json")

    over = ran(tmp_path / "load.json", PLIMSOLL_LOAD_PLAN=str(tmp_path / "plan.json"))
    tallies = [tally for window in over.run.windows for tally in window.tallies]

    assert [tally.bad for tally in tallies if tally.bad] == []
    assert {tally.route for tally in tallies} == {step.name for step in steps}
