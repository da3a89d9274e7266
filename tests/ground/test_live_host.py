"""A host that is not ours: what it says over SSH, what is reached from here, and what happens where they disagree."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Deployment, Finding, Live, Outcome, Promise
from plimsoll.observations import Listener
from plimsoll.probes.firewall import host, knocks
from plimsoll.rules import RULES
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.processes.programs import free_ports
from tests.ground.places import INTERNET, OFFICE
from tests.ground.sshd import LOOPBACK, Login, serving


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    """A real SSH server."""
    with serving(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@contextmanager
def listening(count: int) -> Iterator[tuple[int, ...]]:
    """So many ports of the loopback, listened on."""
    sockets = [socket.create_server((LOOPBACK, port)) for port in free_ports(count)]
    try:
        yield tuple(each.getsockname()[1] for each in sockets)
    finally:
        for each in sockets:
            each.close()


def deployment(*reaches: int, login: Login | None = None, other: int = 0) -> Deployment:
    """A live host of which strangers may reach these ports, and the office one more."""
    live = Live(url=f"http://{LOOPBACK}:{reaches[0]}", address=LOOPBACK)
    if login:
        live = replace(live, ssh=login.ssh, ssh_key=str(login.key), ssh_known_hosts=str(login.known_hosts))
    zones = {
        "internet": replace(INTERNET, reaches=reaches),
        "office": replace(OFFICE, reaches=(*reaches, *([other] if other else []))),
    }
    return Deployment(name="live", root=Path("/"), hosts=(), promises=(), zones=zones, live=live)


def judged(live: Deployment, rule: str, **parameters: object) -> Finding:
    """What a rule says of the live host."""
    promise = Promise(id="LV-01", rule=rule, area=RULES[rule].area, title="", source="", parameters=parameters)
    inspection = Inspection(Scene.of(live, LiveStack(live)), [promise])
    try:
        return inspection.judge(promise)
    finally:
        inspection.close()


def test_only_what_is_promised_answers() -> None:
    """Ports that are promised answer, others refuse: seen from here, with those that answer as the control."""
    (closed,) = free_ports(1)
    with listening(2) as ports:
        finding = judged(deployment(*ports, other=closed), "ports-reachable", zone="internet")

    assert finding.outcome is Outcome.PASS, finding.message


def test_a_port_too_many_is_found() -> None:
    """A port that only the office may reach answers strangers."""
    with listening(2) as (promised, extra):
        live = deployment(promised, other=extra)
        opened = judged(live, "ports-reachable", zone="internet")
        restricted = judged(live, "ports-restricted", ports=(extra,), zones=("office",))

    assert (opened.outcome, restricted.outcome) == (Outcome.FAIL, Outcome.FAIL)
    assert f"port {extra} can be reached from internet over IPv4" in opened.message


def test_silence_without_a_control_says_nothing() -> None:
    """Where nothing answers at all nobody can tell a firewall from a host that is down."""
    ports = free_ports(2)

    finding = judged(deployment(*ports), "ports-reachable", zone="internet", ports=())

    assert finding.outcome is Outcome.UNKNOWN


def test_other_zones_are_out_of_reach() -> None:
    """This run stands in one zone: what another one reaches it cannot say, and does not."""
    (closed,) = free_ports(1)
    with listening(1) as ports:
        finding = judged(deployment(*ports, other=closed), "ports-restricted", ports=(closed,), zones=("office",))

    assert (finding.outcome, finding.out_of_reach) == (Outcome.UNKNOWN, True)
    assert "stands in internet" in finding.message


def test_the_host_tells_where_its_programs_listen(login: Login) -> None:
    """The host's own table of sockets widens what is tried: a port that nobody named is found as well."""
    with listening(2) as (promised, unnamed):
        live = deployment(promised, login.port, login=login)
        with host.shell(live) as shell:
            listeners = shell.listeners()
        seen = knocks.survey(live, live.live, ()) if live.live else None

    assert Listener(address=LOOPBACK, port=unnamed, where="the host's sockets") in listeners
    assert seen is not None
    assert {row.port: row.listens for row in seen.of("internet")} | {promised: True, login.port: True} == {
        row.port: row.listens for row in seen.of("internet")
    }


def test_where_it_listens_is_judged_by_the_host_itself(login: Login) -> None:
    """A port of the loopback is inside; the finding names the host's own sockets, not a file."""
    with listening(1) as (port,):
        finding = judged(deployment(port, login=login), "listens-on", port=port, networks=("10.0.0.0/8",))

    assert finding.outcome is Outcome.PASS, finding.message
    assert "the host's sockets" in finding.evidence[0]


def test_a_host_without_fail2ban_bans_nobody(login: Login) -> None:
    """A watchman that does not answer is no watchman; the real reason is said."""
    with listening(1) as ports:
        finding = judged(
            deployment(*ports, login=login),
            "bans-brute-force",
            jail="sshd",
            service="ssh",
            max_retry=3,
            ban_seconds=3600,
        )

    assert finding.outcome is Outcome.FAIL
    assert "fail2ban" in finding.message


def test_an_unknown_host_key_is_never_accepted(login: Login, tmp_path: Path) -> None:
    """A host whose key is not known is not logged in to, and its key is not remembered."""
    known = tmp_path / "known_hosts"
    known.touch()

    with (
        pytest.raises(CouldNotLook, match="cannot be logged in to"),
        host.shell(deployment(1, login=replace(login, known_hosts=known))),
    ):
        pytest.fail("logged in", pytrace=False)
    assert known.read_text(encoding="utf-8") == ""


def test_only_questions_are_asked(login: Login) -> None:
    """Whatever is not on the list of questions never reaches the host."""
    with host.shell(deployment(1, login=login)) as shell:
        for command in (
            "ufw disable",
            "nft flush ruleset",
            "id -u; reboot",
            "fail2ban-client set sshd bantime 1",
            "fail2ban-client get $(reboot) maxretry",
        ):
            with pytest.raises(CouldNotLook, match="not among the questions"):
                shell.ask(command)


def test_without_a_login_the_host_is_out_of_reach() -> None:
    """No `[live] ssh`, no account of the host's own."""
    with pytest.raises(OutOfReach, match="may not log in"), host.shell(deployment(1)):
        pytest.fail("logged in", pytrace=False)


def test_a_host_that_went_away_is_no_answer(tmp_path: Path) -> None:
    """Neither a traceback nor an empty table of sockets: nobody could look."""
    with serving(tmp_path) as gone, host.shell(deployment(1, login=gone)) as shell:
        assert shell.listeners()
    with pytest.raises(CouldNotLook, match="cannot be logged in to"):
        shell.ask("ufw status verbose")
    with pytest.raises(CouldNotLook):
        shell.listeners()


@dataclass
class Table:
    """A host's table of sockets as testinfra gives it."""

    sockets: Sequence[str]
    socket: Table = field(init=False)

    def __post_init__(self) -> None:
        self.socket = self

    def get_listening_sockets(self) -> Sequence[str]:
        """The sockets."""
        return self.sockets


def test_an_engines_name_service_is_nobodys_program() -> None:
    """Inside a container testinfra lists the engine's own resolver; and a table without any program is not believed."""
    shown = host.Shell(Table(["tcp://127.0.0.11:40123", "tcp://:::22", "udp://0.0.0.0:68", "unix:///run/x"]), root=True)
    empty = host.Shell(Table(["tcp://127.0.0.11:40123"]), root=True)

    assert [(each.address, each.port) for each in shown.listeners()] == [("::", 22)]
    with pytest.raises(CouldNotLook, match="empty, though its SSH server answers"):
        empty.listeners()
