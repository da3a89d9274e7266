"""Where a run of load meets Locust's events, options and messages."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from time import monotonic_ns
from typing import TYPE_CHECKING, cast

import gevent
from gevent.event import Event
from locust.runners import STATE_RUNNING, LocalRunner, Runner, WorkerRunner

from loadtests import _orders as orders
from loadtests._conductor import END, GO, PREPARE, READY, REPORT, Conductor, Go, Prepare, Ready, moment, say
from loadtests._connections import Broken
from loadtests._crew import Crew, telling
from loadtests._habits import end_in_good_order, know_options
from loadtests._hand import Hand, Report
from loadtests._lobby import Lobby
from loadtests._stack import StackProcess
from plimsoll.errors import BadInput, PlimsollError
from plimsoll.model.load import CLOSED, OPEN
from plimsoll.observations.load import Order, Target
from plimsoll.observations.load.stored import order_of
from plimsoll.runs import new_run_id
from plimsoll.session import REPORTS

if TYPE_CHECKING:
    from locust import User
    from locust.env import Environment
    from locust.rpc.protocol import Message

SECOND = 1_000_000_000
COULD_NOT_TELL = 2
PR_SET_PDEATHSIG = 1
EAGER = 100.0
"""Users that may come every second, if there are not more of them: Locust warns then."""

NOWHERE = Target(scheme="http", host="", port=0, address=("", 0))
"""Before anybody is there."""

add_options = orders.add_options


MESSAGES = {"PREPARE": PREPARE, "GO": GO, "END": END, "READY": READY, "REPORT": REPORT}


class Stage:
    """One process of a run: the master, a worker, or both in one."""

    def __init__(self) -> None:
        self._environment: Environment
        self._options: Namespace
        self._first: Namespace
        self._runner: Runner
        self._order: Order | None = None
        self._stack: StackProcess | None = None
        self._conductor: Conductor | None = None
        self._hand: Hand | None = None
        self._conducting: gevent.Greenlet | None = None
        self._hands = Event()
        self._conducts = self._said = False
        self._run = 0

    def set_up(self, environment: Environment, runner: Runner, **_: object) -> None:
        """The order is known and its target answers, or this process ends with one clear error."""
        self._environment, self._runner = environment, runner
        end_in_good_order()
        know_options()
        environment.events.quitting.add_listener(self.clear)  # after the runner's own, so called before it
        self._options = options = cast(Namespace, environment.parsed_options)
        if isinstance(runner, WorkerRunner):
            if options.processes:  # a child of the master's process does not outlive it
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            self._listen(PREPARE=self._prepare, GO=self._go, END=self._end)
            return
        if isinstance(runner, LocalRunner):
            self._listen(PREPARE=self._prepare, GO=self._go, END=self._end)
        self._listen(READY=self._ready, REPORT=self._report)
        self._first, self._conducts = Namespace(**vars(options)), True
        options.only_summary = True  # the line of Progress says more than the table
        try:
            self._order = order = orders.handed_over() or self._ordered()
            self._reached(order)
        except PlimsollError as error:
            self._give_up(str(error))
        else:
            options.run_time = None  # the plan knows its end
            environment.host = order.target.url

    def begin(self, **_: object) -> None:
        """Where this process conducts, a run begins as soon as its workers are there."""
        if not self._conducts:  # a worker, which may hear of a run before it is set up
            return
        assert self._order is not None  # noqa: S101 - set up before
        try:  # the page may ask another rate
            self._order = orders.again(self._order, self._options, self._first)
        except BadInput as error:
            say(f"as before: {error}")
        self._said = False
        result = os.environ.get(orders.RESULT_VARIABLE) or self._options.result
        place = Path(result) if result else REPORTS / f"load-{new_run_id()}" / "load.json"
        if self._order.plan.model == CLOSED:
            self._environment.stop_timeout = self._environment.stop_timeout or self._order.patience
        self._conductor = Conductor(self._order, Crew(self._runner), place)
        self._conducting = gevent.spawn(self._conduct, self._conductor)

    def forget(self) -> None:
        """A run that is over is no reason to end the next one."""
        if self._conductor is not None and self._conductor.over.is_set():
            self._conductor = None

    def users(self) -> tuple[int, float] | None:
        """As the plan says: one for each worker in the open model."""
        conductor, order = self._conductor, self._order
        if conductor is None or order is None:
            closed = order is not None and order.plan.model == CLOSED
            first = order.plan.phases[0].rate if order and closed else len(Crew(self._runner).names())
            return max(math.ceil(first), 1), max(first, EAGER)
        if conductor.over.is_set():
            return None
        if order.plan.model == OPEN:
            return max(conductor.count, 1), EAGER
        at = max((monotonic_ns() - conductor.start) / SECOND, 0.0) if conductor.start else 0.0
        for phase in order.plan.phases:
            if at < phase.seconds:
                users = max(round(phase.rate + (phase.until - phase.rate) * at / phase.seconds), 1)
                return users, max(users, EAGER)
            at -= phase.seconds
        users = max(round(order.plan.phases[-1].until), 1)
        return users, max(users, EAGER)

    def live(self, user: User) -> None:
        """One user's life: in the open model there is nothing to do for it."""
        self._hands.wait()
        hand = self._hand
        if hand is not None and hand.order.plan.model == CLOSED:
            hand.live(lambda: user._state == "running")  # noqa: SLF001 - as Locust's own task sets do
        while hand is not None and not hand.over and user._state == "running":  # noqa: SLF001 - likewise
            gevent.sleep(0.2)

    def break_off(self, **_: object) -> None:
        """The run ends now, if it has not yet."""
        if self._hand is not None and isinstance(self._runner, WorkerRunner):
            self._hand.interrupt()
        if self._conductor is not None:
            self._conductor.interrupt()

    def clear(self, environment: Environment, **_: object) -> None:
        """What this process has brought up is gone, and its exit code stands."""
        self.break_off()
        if isinstance(self._runner, WorkerRunner):
            environment.process_exit_code = 0
            return
        environment.process_exit_code = self._conductor.code if self._conductor else COULD_NOT_TELL
        if self._stack is not None:
            self._stack.close()

    def say_goodbye(self, **_: object) -> None:
        """The headline stands last."""
        if self._conductor is not None and not self._said:
            self._said = True
            for line in self._conductor.headline:
                say(line)

    def _conduct(self, conductor: Conductor) -> None:
        while self._runner.state != STATE_RUNNING:  # whoever is told to spawn users has no time for anything else
            gevent.sleep(0.05)
        try:
            conductor.run()
        finally:
            conductor.over.set()
        if not self._options.headless:
            self.say_goodbye()

    def _ordered(self) -> Order:
        """The order that the options mean; with no host the deployment's stack is brought up."""
        options = self._options
        deployment = orders.deployment_of(options)
        up = None
        if not options.host and deployment and deployment.services:
            orders.order(options, deployment, NOWHERE, None)  # what is wrong is said before anything starts
            say(f"no --host: bringing up {deployment.name} ({options.stack})")
            self._stack = StackProcess(options.deployment or deployment.name, options.stack)
            up = self._stack.up()
            target = up.target
            say(f"{deployment.name} is up as {up.kind}: {target.url} at {target.address[0]}:{target.address[1]}")
        else:
            target = orders.target_of(options, deployment)
        return orders.order(options, deployment, target, up)

    def _reached(self, order: Order) -> None:
        """Somebody answers there. Raises BadInput with what came instead."""
        lobby = Lobby(order.target, seconds=order.patience)
        try:
            lobby.connect("", monotonic_ns() + int(order.patience * SECOND)).close()
        except Broken as broken:
            host, port = order.target.address
            raise BadInput(
                f"{order.target.url} cannot be asked at {host}:{port}: {broken}",
                hint="--ca names the authority to trust"
                if broken.trouble == "tls"
                else "is it up, and the port right?",
            ) from None
        finally:
            lobby.close()

    def _give_up(self, why: str) -> None:
        say(why)
        if self._stack is not None:
            self._stack.close()
        self._runner.quit()
        sys.stderr.flush()
        sys.exit(COULD_NOT_TELL)

    def _listen(self, **messages: Callable[..., None]) -> None:
        for name, listener in messages.items():
            self._runner.register_message(MESSAGES[name], listener)

    def _prepare(self, environment: Environment, msg: Message, **_: object) -> None:
        """A worker's part is made ready: beside the others, as this may take its time."""
        asked = cast(Prepare, msg.data)
        if asked["run"] == self._run:
            return
        self._run = asked["run"]
        hand = Hand(order_of(asked["order"]), asked["index"], asked["of"], told=telling(environment), say=self._answer)

        def prepare() -> None:
            trouble = ""
            try:
                hand.prepare()
            except (LookupError, PlimsollError) as error:
                trouble = str(error)
            self._runner.send_message(READY, Ready(index=hand.index, trouble=trouble))

        self._hand = hand
        self._hands.clear()
        gevent.spawn(prepare)

    def _go(self, msg: Message, **_: object) -> None:
        """A worker's part begins."""
        assert self._hand is not None  # noqa: S101 - it was prepared before
        self._hands.set()
        gevent.spawn(self._hand.run, moment(cast(Go, msg.data)))

    def _ready(self, msg: Message, **_: object) -> None:
        if self._conductor is not None:
            self._conductor.ready(cast(Ready, msg.data))

    def _end(self, **_: object) -> None:
        if self._hand is not None:
            gevent.spawn(self._hand.interrupt)

    def _answer(self, report: Report) -> None:
        self._runner.send_message(REPORT, cast("dict[str, object]", report))

    def _report(self, msg: Message, **_: object) -> None:
        if self._conductor is not None:
            self._conductor.take(cast(Report, msg.data))
