"""`locust -f loadtests/` runs, ends in good order whatever happens, and leaves what it has seen."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import cast

import pytest
import trustme

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import CouldNotLook
from plimsoll.model.load import Objective, Plan, steady
from plimsoll.model.workload import Journey, Step, Workload
from plimsoll.observations.load import Order, Target
from plimsoll.observations.load.stored import read_run, write
from plimsoll.probes.load import loaded
from plimsoll.stacks.protocol import Stack
from tests.disks import fill, small_disk
from tests.load import runs
from tests.load.runs import AT_MOST, HOME, Ran, command, ended, ran, start
from tests.load.talker import OK, Line, Talker
from tests.quiet_stack import QuietStack

SECONDS = ("--run-time", "2", "--warm-up", "1")


class Always(list[Line]):
    """A script that never ends."""

    def __init__(self, line: Line) -> None:
        super().__init__([line])

    def __iter__(self) -> Iterator[Line]:
        return repeat(self[0])


@pytest.fixture
def server() -> Iterator[str]:
    with Talker([Always(OK)]) as talker:
        yield f"http://127.0.0.1:{talker.port}"


def test_every_arrival_is_asked_and_counted(server: str, tmp_path: Path) -> None:
    """The schedule's own count, the journeys begun and the requests counted are the same, second by second."""
    over = ran(tmp_path / "load.json", "--host", server, "--rate", "40", *SECONDS)
    windows = over.run.windows

    assert (over.fit, over.run.ended, over.run.trouble) == (True, "finished", "")
    assert [window.judged for window in windows] == [False, True, True]
    assert all(window.due == window.begun == sum(t.asked for t in window.tallies) for window in windows)
    assert sum(window.due for window in windows) > 60
    assert over.run.generators[0].lag.count == sum(window.begun for window in windows)
    assert f"written: {tmp_path / 'load.json'}" in over.said
    assert "2 of 3 s | " in over.said


def test_a_master_with_workers_asks_what_one_process_asks(server: str, tmp_path: Path) -> None:
    """The same schedule, whoever shares it: windows of both runs have the same arrivals, and all are counted."""
    words = ("--host", server, "--rate", "40", *SECONDS)
    alone, many = ran(tmp_path / "1.json", *words), ran(tmp_path / "4.json", *words, "--processes", "4")

    assert (alone.fit, many.fit) == (True, True)
    assert [window.due for window in many.run.windows] == [window.due for window in alone.run.windows]
    assert [window.begun for window in many.run.windows] == [window.begun for window in alone.run.windows]
    assert many.run.amount == alone.run.amount
    assert len({generator.name for generator in many.run.generators}) == 4


def test_the_closed_model_is_called_so(server: str, tmp_path: Path) -> None:
    over = ran(tmp_path / "load.json", "--host", server, "--users", "3", *SECONDS)

    assert (over.fit, over.run.plan.model) == (True, "closed")
    assert "closed model" in over.said
    assert over.run.amount > 30
    assert all(pulse.sockets <= 3 for pulse in over.run.generators[0].pulses)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (b"HTTP/1.1 301 X\r\nLocation: https://a.example/\r\nContent-Length: 0\r\n\r\n", "leads to https://a.example/"),
    ],
)
def test_nothing_good_is_measured_too(answer: bytes, told: str, tmp_path: Path) -> None:
    with Talker([Always(answer)]) as talker:
        host = f"http://127.0.0.1:{talker.port}"
        over = ran(tmp_path / "load.json", "--host", host, "--rate", "20", "--run-time", "1", "--warm-up", "0")

    tallies = [tally for window in over.run.windows for tally in window.tallies]
    assert over.fit
    assert told in over.said
    assert (sum(tally.good for tally in tallies), sum(tally.asked for tally in tallies) > 5) == (0, True)


def test_an_order_may_lie_in_a_file(server: str, tmp_path: Path) -> None:
    """That is how suites ask: target, workload and plan are as it says, whatever the command line."""
    order = Order(
        deployment="shop",
        target=Target(
            scheme="http", host="shop.example", port=80, address=("127.0.0.1", int(server.rpartition(":")[2]))
        ),
        workload=Workload(rate=50, journeys=(Journey(name="j", steps=(Step(name="page", path="/"),)),)),
        plan=Plan(phases=steady(50, 2), objectives=(Objective(promise="X", bad=0.001),), seed=5),
    )
    write(order, tmp_path / "plan.json")
    variables = {"PLIMSOLL_LOAD_PLAN": str(tmp_path / "plan.json"), "PLIMSOLL_LOAD_RESULT": str(tmp_path / "load.json")}
    over = ran(tmp_path / "load.json", **variables)

    assert (over.fit, over.run.plan, over.run.target) == (True, order.plan, "http://shop.example")
    assert over.run.routes == ("page",)


def test_workers_that_are_set_up_late_miss_nothing(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The master tells them to begin as soon as they are connected, when they do not know yet what that is."""
    monkeypatch.setattr(runs, "LOCUST", ("-m", "tests.load.late_locust"))
    over = ran(tmp_path / "load.json", "--host", server, "--rate", "40", *SECONDS, "--processes", "2")

    assert (over.fit, over.run.ended, over.run.trouble) == (True, "finished", "")
    assert all(window.due == window.begun == sum(t.asked for t in window.tallies) for window in over.run.windows)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", "http://127.0.0.1:{port}"), "refused: Connection refused"),
        (("--host", "http://no-such-host.invalid"), "no-such-host.invalid cannot be found"),
        (("--host", "http://192.0.2.1"), "192.0.2.1 may not be loaded"),
        (("--host", "http://127.0.0.1:1", "--users", "0"), "--users: 0 ask nothing"),
        (("--host", "http://127.0.0.1:1", "--rate", "-1"), "--rate: -1 ask nothing"),
        (("--deployment", "nestmapp"), "did you mean 'nestmap'?"),
    ],
)
def test_bad_input_is_one_clear_error(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    port = closed_port()
    over = ran(tmp_path / "load.json", *(word.format(port=port) for word in words))

    assert over.code == 2
    assert told in over.said
    assert "hint: " in over.said
    assert len(over.said.splitlines()) == 2


def test_a_certificate_that_nobody_vouches_for_is_an_error(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Talker([Always(OK)], context=context) as talker:
        over = ran(tmp_path / "load.json", "--host", f"https://127.0.0.1:{talker.port}")

    assert (over.code, "tls: " in over.said) == (2, True)


def test_a_rate_that_no_machine_can_offer_is_void(server: str, tmp_path: Path) -> None:
    """It says nothing of the service, and what would have to be added."""
    asked = ("--rate", "100000", "--run-time", "1", "--warm-up", "0", "--most-open", "200000", "--patience", "1")
    over = ran(tmp_path / "load.json", "--host", server, *asked)
    windows = over.run.windows

    assert over.code == 2
    assert "void: " in over.said
    assert "more workers" in over.said
    assert sum(window.due for window in windows) > 95_000
    assert sum(window.begun for window in windows) < 95_000


def under_way(result: Path, *words: str) -> subprocess.Popen[str]:
    """A run that has told of its first seconds."""
    process = start(result, *words)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("2 of "):
            return process
    raise AssertionError("it ended before")


@pytest.mark.parametrize("more", [(), ("--processes", "2")])
def test_what_was_seen_until_ctrl_c_is_kept(server: str, more: tuple[str, ...], tmp_path: Path) -> None:
    """Seconds whose requests had not all ended are not judged."""
    process = under_way(
        tmp_path / "load.json", "--host", server, "--rate", "40", "--run-time", "30", "--warm-up", "0", *more
    )
    os.killpg(process.pid, signal.SIGINT)
    over = ended(process, tmp_path / "load.json")

    assert over.run.ended == "interrupted"
    assert over.run.amount > 20
    assert all(window.due == window.begun for window in over.run.windows if window.judged)
    assert not over.run.windows[-1].judged
    assert not any(generator.lost for generator in over.run.generators)


def test_a_worker_that_is_killed_is_named(server: str, tmp_path: Path) -> None:
    """Its part is missing from then on: arrivals that nobody began show that."""
    result = tmp_path / "load.json"
    process = under_way(
        result, "--host", server, "--rate", "40", "--run-time", "9", "--warm-up", "0", "--processes", "2"
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    os.kill(int(children[0]), signal.SIGKILL)
    over = ended(process, result)
    lost = [generator.name for generator in over.run.generators if generator.lost]

    assert (over.code, len(lost)) == (2, 1)
    assert f"worker {lost[0]} was lost after" in over.run.trouble
    assert over.run.windows[0].begun == over.run.windows[0].due
    assert 0 < over.run.windows[-1].begun < over.run.windows[-1].due


def test_a_result_that_cannot_be_written_is_an_error(server: str, tmp_path: Path) -> None:
    """The headline is told nevertheless."""
    (tmp_path / "file").touch()
    over: Ran = ran(
        tmp_path / "file" / "load.json", "--host", server, "--rate", "20", "--run-time", "1", "--warm-up", "0"
    )

    assert over.code == 2
    assert "the result is lost: cannot write" in over.said
    assert "all routes: " in over.said


def test_a_full_disk_leaves_the_earlier_result_as_it_was(server: str, tmp_path: Path) -> None:
    """The file is named, what was measured is told, and nothing half written stays."""
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        (disk / "load.json").write_text("the one before")
        fill(disk)
        over = ran(disk / "load.json", "--host", server, "--rate", "20", "--run-time", "1", "--warm-up", "0")
        left = {path.name for path in disk.iterdir()}
        kept = (disk / "load.json").read_text()

    assert over.code == 2
    assert f"the result is lost: cannot write {disk / 'load.json'}: No space left on device\nhint: free" in over.said
    assert "all routes: " in over.said
    assert (left, kept) == ({"ballast", "load.json"}, "the one before")


def test_a_log_that_takes_no_more_costs_no_result(server: str, tmp_path: Path) -> None:
    """What a run tells goes to a full disk; what it leaves does not."""
    asked = ("--host", server, "--rate", "20", "--run-time", "3", "--warm-up", "0")
    with Path("/dev/full").open("w") as full:
        subprocess.run(
            command(tmp_path / "load.json", *asked),
            stdout=subprocess.DEVNULL,
            stderr=full,
            cwd=HOME,
            timeout=AT_MOST,
            check=False,
        )

    assert read_run(tmp_path / "load.json").ended == "finished"


@pytest.mark.parametrize("full", [True, False])
def test_a_suite_without_room_for_a_run_could_not_look(
    full: bool, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for its order nor for its result; what was measured until then is told, and nothing stays."""
    host = ("127.0.0.1", int(server.rpartition(":")[2]))
    order = Order(
        deployment="shop",
        target=Target(scheme="http", host="shop.example", port=80, address=host),
        workload=Workload(rate=20, journeys=(Journey(name="j", steps=(Step(name="page", path="/"),)),)),
        plan=Plan(phases=steady(20, 1)),
    )
    disk = tmp_path / "disk"
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    with small_disk(disk, "4k"):
        if full:
            fill(disk)
        with pytest.raises(CouldNotLook, match="No space left on device") as caught:
            loaded(order, cast(Stack, QuietStack()), read_deployment(find("fixtures/deployments/mustache")))
        left = {path.name for path in disk.iterdir()}

    assert ("all routes: " in caught.value.fact) is not full
    assert "TMPDIR" in str(caught.value)
    assert left == ({"ballast"} if full else set())


def test_locust_finds_one_user_and_one_shape() -> None:
    """Every file without a leading underscore is run by Locust as a locustfile."""
    assert [file.name for file in (HOME / "loadtests").iterdir() if file.suffix == ".py" and file.name[0] != "_"] == [
        "locustfile.py"
    ]
