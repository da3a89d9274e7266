"""What is between two containers, worsened: by rules in the network of one of them, which a helper puts there.

The helper is a container that shares that one's network, and may change it; it takes neither root here nor a port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from plimsoll.errors import StackFailed
from plimsoll.labelled import LABEL
from plimsoll.runs import Run
from plimsoll.stacks.containers.engine import engine, engine_heard
from plimsoll.stacks.containers.images import image_of

if TYPE_CHECKING:
    from docker.models.containers import Container  # type: ignore[import-untyped] # the library ships no types

    from plimsoll.stacks.containers.fleet import Fleet
    from plimsoll.stacks.containers.units import Unit

HELPER = "host"
"""The image that has nft and tc."""

RESOLVER = "127.0.0.11"
"""Where the engine answers for names, in every container of a network of its own (docs.docker.com, DNS services)."""

TABLE = "inet plimsoll"
DELAY_MS, LATE_MS, LOSS_PERCENT = 60, 20, 2
"""What netem does to packets where the kernel has it: a road across an ocean, and a bad one."""

INSTEAD_PERCENT = 8
"""How many packets are lost where there is no netem: each costs whoever sent it at least 200 ms (RFC 6298, Linux)."""

Said = Callable[[str], tuple[int, str]]


class Roaded:
    """The part of a stack of containers that is Roads."""

    _run: Run

    @contextmanager
    def parted(self, role: str, client: str) -> Iterator[str]:
        """No packet passes between the role and its client."""
        with self._ruled(role, _between(self._addresses_of(client), "")):
            yield f"nft drops every packet between {role} and {client}"

    @contextmanager
    def slowed(self, role: str, client: str) -> Iterator[str]:
        """Packets between the role and its client are late, or lost."""
        with ExitStack() as inside:
            said = inside.enter_context(self._ruled(role, []))
            netem = f"netem delay {DELAY_MS}ms {LATE_MS}ms loss {LOSS_PERCENT}%"
            devices = (
                f"for each in $(ls /sys/class/net | grep -v '^lo$'); do tc qdisc {{}} dev $each root {netem}; done"
            )
            if not said(f"set -e; {devices.format('add')}")[0]:
                try:
                    yield f"tc {netem}"
                finally:
                    said(devices.format("del"))
                return
            chance = f"numgen random mod 100 < {INSTEAD_PERCENT} "
            inside.enter_context(self._ruled(role, _between(self._addresses_of(client), chance)))
            yield f"nft drops {INSTEAD_PERCENT} % of the packets in place of netem, which this kernel lacks"

    @contextmanager
    def nameless(self, role: str) -> Iterator[str]:
        """The role's replicas ask in vain for the address of any name."""
        rule = f"add rule {TABLE} out ip daddr {RESOLVER} counter drop"
        with self._ruled(role, [rule]):
            yield f"nft drops what {role} asks {RESOLVER}, where the engine answers for names"

    @contextmanager
    def _ruled(self, role: str, rules: Sequence[str]) -> Iterator[Said]:
        """While inside these rules hold in the networks of all of the role's containers. Raises StackFailed."""
        units = self._running.of(role)
        with ExitStack() as inside, ThreadPoolExecutor(max_workers=len(units)) as pool:
            helped = [_Helped(unit, run_id=self._run.id) for unit in units]
            for each in helped:
                inside.callback(each.leave)
            list(pool.map(lambda each: each.come(rules), helped))
            yield helped[0].said

    def _addresses_of(self, role: str) -> list[str]:
        return [address for unit in self._running.of(role) for address in unit.own_addresses()]

    @property
    def _running(self) -> Fleet:
        raise NotImplementedError


class _Helped:
    """One container with a helper in its network."""

    def __init__(self, unit: Unit, *, run_id: str) -> None:
        self._unit = unit
        self._client = engine()
        self._run_id = run_id
        self._ruled = False
        self._image = image_of(HELPER, self._client)
        self._helper: Container | None = None

    def come(self, rules: Sequence[str]) -> None:
        """The helper is there, and the rules hold."""
        with engine_heard(f"nobody could be put beside {self._unit.name}"):
            self._helper = self._client.containers.run(
                self._image,
                ["sleep", "infinity"],
                detach=True,
                labels={LABEL: self._run_id},
                network_mode=f"container:{self._unit.own_name}",
                cap_add=["NET_ADMIN"],
            )
        if not rules:
            return
        self._ruled = True
        lines = [f"add table {TABLE}"]
        for name, hook in (("in", "input"), ("out", "output")):
            lines.append(f"add chain {TABLE} {name} {{ type filter hook {hook} priority 0 ; }}")
        code, words = self.said("nft -f - <<'END'\n" + "\n".join([*lines, *rules]) + "\nEND")
        if code:
            raise StackFailed(f"nft refuses rules beside {self._unit.name}: {words}", hint="nft -f says the same")

    def said(self, script: str) -> tuple[int, str]:
        """How a script ended that the helper ran, and what it said."""
        assert self._helper is not None  # noqa: S101 - it has come
        with engine_heard(f"the helper beside {self._unit.name} could not be asked"):
            done = self._helper.exec_run(["sh", "-c", script])
        return done.exit_code or 0, done.output.decode(errors="replace").strip()

    def leave(self) -> None:
        """The rules are gone, and the helper with them."""
        try:
            if self._helper is not None:
                with engine_heard(f"the helper beside {self._unit.name} could not be removed"):
                    if self._ruled:
                        self.said(f"nft delete table {TABLE}")
                    self._helper.remove(force=True)
        finally:
            self._client.close()


def _between(addresses: Sequence[str], chance: str) -> list[str]:
    """Rules by which packets from and to these addresses are dropped: by `chance`, or all of them."""
    those = f"{{ {', '.join(addresses)} }}"
    return [
        f"add rule {TABLE} in ip saddr {those} {chance}counter drop",
        f"add rule {TABLE} out ip daddr {those} {chance}counter drop",
    ]
