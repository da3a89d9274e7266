"""The order that a command line means: which workload, against whom, how much. Whatever is wrong is one clear error."""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from loadtests._phases import phases
from loadtests._stack import Up
from plimsoll.deployment import find, read_deployment
from plimsoll.errors import BadInput, Refused
from plimsoll.model import Deployment
from plimsoll.model.load import CLOSED, OPEN, Plan, steady
from plimsoll.model.workload import ARRIVALS, Journey, Step, Workload
from plimsoll.observations.load import Order, Target
from plimsoll.observations.load.order import PATIENCE
from plimsoll.observations.load.stored import read_order
from plimsoll.session import DEFAULT_DEPLOYMENT
from plimsoll.shape import WrongShape, web_address

PLAN_VARIABLE, RESULT_VARIABLE = "PLIMSOLL_LOAD_PLAN", "PLIMSOLL_LOAD_RESULT"
MILLISECOND = 1_000_000
NUMBERS = 1_000_000
"""Journeys of one run that have numbers of their own: those of the next second's run begin after them."""

PORTS = {"http": 80, "https": 443}


def add_options(parser: ArgumentParser) -> None:
    """What a run may be told, beside Locust's own --host, --users, --run-time and --processes."""
    group = parser.add_argument_group("plimsoll", "which deployment, how much of what, and where the result goes")
    add = group.add_argument
    add("--deployment", default="", help="a name under fixtures/deployments/ or a path: its [workload] is asked")
    add("--stack", default="processes", help="where it runs without --host: processes, containers, auto")
    add("--rate", type=float, default=None, help="journeys that begin every second (default: the workload's)")
    add("--phases", default="", help="several rates one after the other: 20x60s,20-100x30s,100x60s")
    add("--arrivals", default="", choices=("", *ARRIVALS), help="how they come (default: the workload's)")
    add("--warm-up", type=float, default=None, help="seconds before it that are not judged (default: the workload's)")
    add("--limit", type=float, action="append", help="milliseconds at which answers are counted exactly (200)")
    add("--most-open", type=int, default=10_000, help="journeys under way at a time; those beyond are dropped, counted")
    add("--seed", type=int, default=1, help="of the schedule and the journeys")
    add("--patience", type=float, default=PATIENCE, help="seconds that a request may take")
    add("--clients", type=int, default=None, help="loopback addresses to ask from, as so many clients")
    add("--path", default="/", help="what is asked where no deployment says")
    add("--ca", default="", help="the PEM file of the authority to trust at --host")
    add("--result", default="", help="where the result goes (default: reports/load-<id>/load.json)")


def handed_over() -> Order | None:
    """The order in the file that the environment names. Raises BadInput."""
    path = os.environ.get(PLAN_VARIABLE, "")
    return read_order(Path(path)) if path else None


def deployment_of(options: Namespace) -> Deployment | None:
    """The deployment that the options mean; None where a host is asked for no deployment. Raises BadInput."""
    if options.host and not options.deployment:
        return None
    return read_deployment(find(options.deployment or DEFAULT_DEPLOYMENT))


def order(options: Namespace, deployment: Deployment | None, target: Target, up: Up | None) -> Order:
    """All that the options say. Raises BadInput."""
    workload = _workload(options, deployment)
    return Order(
        deployment=deployment.name if deployment else "",
        target=target if options.clients is None else replace(target, clients=options.clients),
        workload=workload,
        plan=_plan(options, workload),
        account=up.account if up else (),
        login=deployment.paths.get("login", "") if deployment else "",
        patience=options.patience,
        first=int(time.time()) * NUMBERS + 1,
    )


def again(order: Order, options: Namespace, first: Namespace) -> Order:
    """The order once more, with the rate and the phases that are told now; one from a file stays. Raises BadInput."""
    if os.environ.get(PLAN_VARIABLE):
        return order
    told = Namespace(**{**vars(first), "rate": options.rate, "phases": options.phases})
    return replace(order, plan=_plan(told, order.workload), first=int(time.time()) * NUMBERS + 1)


def target_of(options: Namespace, deployment: Deployment | None) -> Target:
    """The host that was named, or the deployment where it runs live. Raises BadInput, Refused."""
    live = deployment.live if deployment else None
    text = options.host or (live.url if live else "")
    try:
        url = web_address(text)
    except WrongShape as error:
        raise BadInput(str(error), key="--host", hint="https://host or https://host:port") from error
    assert url.hostname is not None  # noqa: S101 - just checked
    if url.path not in ("", "/") or url.query:
        raise BadInput(f"{text}: paths are the workload's", key="--host", hint="--path /… without a deployment")
    port = url.port or PORTS[url.scheme]
    pinned = live.address if live and not options.host else ""
    address = _resolved(pinned or url.hostname, port)
    if not ipaddress.ip_address(address[0]).is_loopback:
        _allowed(deployment, url.hostname)
    named = deployment.workload.host if deployment and deployment.workload else ""
    named = named or (deployment.hosts[0] if deployment and deployment.hosts else "")
    if named and _is_address(url.hostname):  # the deployment as it answers there to its own name
        host, port = named, PORTS[url.scheme]
    else:
        host = url.hostname
    ca = options.ca or (str(deployment.root / live.ca) if deployment and live and live.ca else "")
    return Target(scheme=url.scheme, host=host, port=port, address=address, authority=_read(ca) if ca else "")


def _allowed(deployment: Deployment | None, host: str) -> None:
    """Raises Refused for a host that nobody has allowed to be loaded."""
    live = deployment.live if deployment else None
    theirs = web_address(live.url).hostname if live else None
    if not (deployment and live and deployment.disposable and "load" in live.allow and host == theirs):
        raise Refused(
            f"{host} may not be loaded: only this machine, stacks of the run, and deployments that allow it",
            hint='in its deployment.toml: disposable = true, and [live] url = "…", allow = ["load"]',
        )


def _resolved(host: str, port: int) -> tuple[str, int]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise BadInput(f"{host} cannot be found: {error.strerror}", key="--host", hint="is the name right?") from error
    addresses = [str(each[4][0]) for each in found]
    outside = [address for address in addresses if not ipaddress.ip_address(address).is_loopback]
    return (outside or addresses)[0], port


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", key="--ca", hint="a PEM file") from error


def _workload(options: Namespace, deployment: Deployment | None) -> Workload:
    if deployment is None:
        page = Step(name=f"GET {options.path}", path=options.path, login=False)
        return Workload(rate=options.rate or 1.0, journeys=(Journey(name="page", steps=(page,)),), warm_up_seconds=1.0)
    if deployment.workload is None:
        raise BadInput(
            f"{deployment.name} says nothing of what its clients do", key="workload", hint="[workload] in its file"
        )
    return deployment.workload


def _plan(options: Namespace, workload: Workload) -> Plan:
    users: int | None = options.num_users
    for key, figure in (("--rate", options.rate), ("--users", users)):
        if figure is not None and not figure > 0:
            raise BadInput(f"{figure:g} ask nothing", key=key, hint="a number above 0")
    if users is not None and options.rate is not None:
        raise BadInput("says twice how much", key="--users", hint="--rate for arrivals, --users for a closed loop")
    if options.phases:
        stages = phases(options.phases)
    else:
        warm_up = workload.warm_up_seconds if options.warm_up is None else options.warm_up
        seconds = float(options.run_time or workload.seconds)
        stages = steady(float(users or options.rate or workload.rate), seconds, warm_up=warm_up)
    return Plan(
        phases=stages,
        limits=tuple(round(limit * MILLISECOND) for limit in (options.limit or [200.0])),
        model=CLOSED if users is not None else OPEN,
        arrivals=options.arrivals or workload.arrivals,
        most_open=options.most_open,
        seed=options.seed,
    )
