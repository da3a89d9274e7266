"""Ports that are given away are nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from plimsoll.stacks.processes.programs import PORTS, free_ports

STACKS, EACH = 100, 8


def test_stacks_that_are_put_up_at_once_share_no_port() -> None:
    """Between being given a port and listening there a stack takes its time: by chance alone, some would meet."""
    with ThreadPoolExecutor(STACKS) as pool:
        given = [port for ports in pool.map(free_ports, [EACH] * STACKS) for port in ports]

    assert len({*given}) == len(given) == STACKS * EACH
    assert all(port in PORTS for port in given)
