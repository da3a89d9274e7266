"""All containers of one stack with their networks. Imported when one starts, as it loads the engine's library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from plimsoll.errors import NotTaken, OutOfReach
from plimsoll.labelled import LABEL
from plimsoll.stacks.containers.blueprints import Blueprint, Site
from plimsoll.stacks.containers.engine import engine_heard
from plimsoll.stacks.containers.frames import Plan
from plimsoll.stacks.containers.lanes import Lane, remove_volumes
from plimsoll.stacks.containers.orders import Orders
from plimsoll.stacks.containers.parts import EDGE, blueprints
from plimsoll.stacks.containers.rereading import reread
from plimsoll.stacks.containers.units import Unit

THREADS = 8
DATABASE = "postgres"


class Fleet:
    """The units of a stack: launched together, taken down and brought back, exchanged, removed."""

    def __init__(self, pool: ThreadPoolExecutor, plan: Plan, *, orders: Path, run_id: str, version: str) -> None:
        self.units: list[Unit] = []
        self._volumes: set[str] = set()
        self._given: dict[str, frozenset[str]] = {}
        self._orders = orders
        self._run_id = run_id
        self._version = version
        self._lanes = [
            Lane(name, run_id=run_id, version=version, internal=internal) for name, internal in plan.lanes.items()
        ]
        self._creating = [pool.submit(lane.create) for lane in self._lanes]

    def launch(self, site: Site, plan: Plan, pool: ThreadPoolExecutor) -> None:
        """Every container runs. All start at once; the edge's program, which looks upstreams up once, comes last."""
        self.units = list(pool.map(self._unit, blueprints(site, plan)))
        for created in self._creating:
            created.result()
        for started in [pool.submit(unit.launch) for unit in self.units]:
            started.result()
        for unit in self.units:
            if unit.blueprint.waits:
                unit.wake()

    def of(self, role: str, *, replica: int = 0) -> list[Unit]:
        """The units of a role, or that replica (from 1). Raises OutOfReach when there are none."""
        found = [unit for unit in self.units if unit.blueprint.service.role == role]
        if not found:
            raise OutOfReach(f"this containers stack runs no {role}")
        if not 0 <= replica <= len(found):
            raise OutOfReach(f"{role} has {len(found)} replicas, and no replica {replica}")
        return found[replica - 1 : replica] if replica else found

    def addresses(self) -> dict[str, list[Mapping[int, tuple[str, int]]]]:
        """By role, for every replica: where its ports are."""
        found: dict[str, list[Mapping[int, tuple[str, int]]]] = {}
        for unit in self.units:
            if here := unit.addresses():
                found.setdefault(unit.blueprint.service.role, []).append(here)
        return found

    def names(self) -> dict[str, list[str]]:
        """By role, what the engine calls its containers."""
        found: dict[str, list[str]] = {}
        for unit in self.units:
            found.setdefault(unit.blueprint.service.role, []).append(unit.own_name)
        return found

    def exchange(self, site: Site, plan: Plan) -> bool:
        """Every program runs with what it reads now; those that do already go on. Whether addresses may have changed.

        The edge's is not started again: it is reloaded. A container of which the compose file now says something else
        is made anew; where that one had the database, whoever uses it is, too.
        """
        planned = list(blueprints(site, plan))
        moved = self._remake(planned, plan)
        if moved:
            return True
        changed = [(unit, each) for unit, each in zip(self.units, planned, strict=True) if not unit.runs(each)]
        living = [unit for unit, _ in changed if not unit.has_ended()]
        take_down(living)
        for unit, blueprint in changed:
            unit.bring_back(blueprint)
        return len(living) != len(changed)

    def _remake(self, planned: list[Blueprint], plan: Plan) -> bool:
        """Whether containers had to be made anew: then all are what was planned."""
        before = {unit.name: unit for unit in self.units}
        same = {each.name for each in planned if each.name in before and before[each.name].stands_as(each)}
        if len(same) == len(before) == len(planned):
            return False
        if any(before[name].blueprint.service.recipe == DATABASE for name in before.keys() - same):
            same = {name for name in same if before[name].blueprint.service.recipe == EDGE}
        known = {lane.role for lane in self._lanes}
        for name, internal in plan.lanes.items():
            if name not in known:
                self._lanes.append(Lane(name, run_id=self._run_id, version=self._version, internal=internal).create())
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            list(pool.map(lambda name: before[name].remove(), before.keys() - same))
            self._volumes |= {volume for unit in before.values() for volume in unit.kept}
            self.units = [before[each.name] if each.name in same else self._unit(each) for each in planned]
            list(pool.map(lambda unit: unit.launch(), [unit for unit in self.units if unit.name not in same]))
        kept = [
            (unit, each)
            for unit, each in zip(self.units, planned, strict=True)
            if unit.name in same and not unit.runs(each)
        ]
        take_down([unit for unit, _ in kept if not unit.has_ended()])
        for unit, blueprint in kept:
            unit.bring_back(blueprint)
        for unit in self.units:
            if unit.blueprint.waits and unit.name not in same:
                unit.wake()
        return True

    def _unit(self, blueprint: Blueprint) -> Unit:
        lanes = {lane.role: lane for lane in self._lanes}
        orders = Orders(self._orders, blueprint.name)
        return Unit(blueprint, lanes, orders=orders, run_id=self._run_id, version=self._version)

    def replaced(self, unit: Unit, blueprint: Blueprint, *, without: Sequence[str] = ()) -> Unit:
        """The unit that runs in the place of that one, which is gone with its volumes of these names."""
        self._volumes |= unit.kept
        unit.remove()
        remove_volumes(without, version=self._version)
        made = self._unit(blueprint)
        self.units[self.units.index(unit)] = made
        made.launch()
        return made

    def renew(self, role: str, variables: Mapping[str, str], *, replica: int = 0) -> None:
        """The programs of a role, or of one replica, that are halted run again, with these variables beside their own.

        Those that they were given before are gone.
        """
        for unit in self.of(role, replica=replica):
            given = self._given.get(unit.blueprint.name, frozenset())
            settings = {name: value for name, value in unit.blueprint.settings.items() if name not in given}
            self._given[unit.blueprint.name] = frozenset(variables) - frozenset(settings)
            unit.bring_back(replace(unit.blueprint, settings={**settings, **variables}))

    def reload(self) -> None:
        """The edges run their configuration as it is now. Raises NotTaken with nginx's words if it refuses it."""
        for unit in self.units:
            if unit.blueprint.service.recipe == EDGE and (said := reread(unit)).code:
                fact = f"nginx refuses the configuration: {said.output.strip()}"
                raise NotTaken(fact, hint="the old one still runs")

    def rest_ended(self) -> bool:
        """Containers that came to an end run again, and their programs do not. Whether there were any."""
        first = unit = ended(self.units, run_id=self._run_id)
        while unit:
            unit.rest()
            unit = ended(self.units, run_id=self._run_id)
        return first is not None

    def dead(self) -> str:
        """What to say of the first container that came to an end; empty while all live."""
        gone = ended(self.units, run_id=self._run_id)
        return f"{gone.name} ended; its last words:\n{gone.last_words()}" if gone else ""

    def last_words(self, role: str) -> str:
        """The end of the logs of a role."""
        return "\n".join(f"{unit.name} said last:\n{unit.last_words()}" for unit in self.of(role))

    def remove(self) -> None:
        """Nothing is left: containers are killed, then networks removed."""
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            list(pool.map(lambda unit: unit.remove(), self.units))
            self._volumes |= {volume for unit in self.units for volume in unit.kept}
            pool.submit(remove_volumes, sorted(self._volumes), version=self._version).result()
            list(pool.map(lambda lane: lane.remove(), self._lanes))
        self.units, self._lanes = [], []


def take_down(units: list[Unit]) -> None:
    """The programs of these are dead; their containers keep their addresses and refuse clients."""
    for unit in units:
        unit.take_down()
    for unit in units:
        unit.until_down()


def ended(units: Sequence[Unit], *, run_id: str) -> Unit | None:
    """One of the units whose container came to an end, by a single question to the engine; None while all live."""
    wanted = {"label": f"{LABEL}={run_id}", "status": "exited"}
    with engine_heard("the engine does not say what runs"):
        gone = units[0].get_docker_client().client.api.containers(all=True, filters=wanted)
    names = {name.removeprefix("/") for container in gone for name in container["Names"]}
    return next((unit for unit in units if f"plimsoll-{run_id}-{unit.name}" in names), None)
