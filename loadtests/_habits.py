"""What Locust does in its own way, and a run of load in another."""

from __future__ import annotations

import functools
import signal

import gevent
from locust import argument_parser


def end_in_good_order() -> None:
    """Ctrl-C reaches Locust's main greenlet alone; as Python has it, it would tear whatever runs at that moment."""
    hub = gevent.get_hub()

    def interrupted() -> None:
        watcher.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever is in a hurry asks twice
        hub.loop.run_callback(hub.parent.throw, KeyboardInterrupt())

    watcher = gevent.signal_handler(signal.SIGINT, interrupted)


def know_options() -> None:
    """Locust's own options are listed once.

    A worker that hears how many users it has lists them once for each option, for a second in which nobody asks
    (locust 2.47, WorkerRunner.handle_message).
    """
    argument_parser.default_args_dict = functools.cache(argument_parser.default_args_dict)
