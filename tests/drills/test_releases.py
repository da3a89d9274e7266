"""Releases come and go as compose goes by the images of its file, while clients ask through the edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.drills.host.releases import interpolated, telling
from plimsoll.drills.host.slots import with_slots, without_limits
from plimsoll.drills.rollout.rolling import Rolling, rolling
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations.drills import Rolled
from plimsoll.stacks.protocol import endpoints_of
from tests.drills.stages import deployment_named, recorder_in
from tests.drills.theatres import theatre_of

COMPOSE = "docker compose --file /opt/nestjs-backend/compose/production.yml"
GREEN = "app-green"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rolling]:
    """The NestJS backend with both its slots, and clients at its edge."""
    folder = tmp_path_factory.mktemp("releases")
    with (
        theatre_of(deployment_named("nestjs-backend"), folder) as theatre,
        rolling(theatre, recorder_in(folder), acts=("release",)) as found,
    ):
        found.releases.publish("1.1.0")
        found.releases.publish("1.1.1", BORN="unready")
        yield found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shop:${TAG:-1.0}", "shop:2.0"),
        ("shop:$TAG", "shop:2.0"),
        ("shop:${EMPTY:-1.0}", "shop:1.0"),
        ("shop:${EMPTY-1.0}", "shop:"),
        ("shop:${NONE-1.0}", "shop:1.0"),
        ("shop:${NONE}", "shop:"),
        ("shop:${TAG:?say which}", "shop:2.0"),
    ],
)
def test_variables_are_filled_in(text: str, said: str) -> None:
    """As the compose specification has it: a colon lets a default stand in for what is empty, too."""
    assert interpolated(text, {"TAG": "2.0", "EMPTY": ""}) == said


def test_a_variable_that_must_be_set() -> None:
    """What is missing is named."""
    with pytest.raises(CouldNotLook, match="required variable TAG is missing a value: say which"):
        interpolated("shop:${TAG:?say which}", {})


def test_every_slot_is_like_the_first() -> None:
    """A slot has the image's own port and settings, under a name of its own."""
    deployment = deployment_named("nestjs-backend")

    slots = with_slots(deployment).services

    assert slots[GREEN] == replace(slots["app"], role=GREEN)
    assert GREEN not in deployment.services
    assert with_slots(replace(deployment, rollout=None)).services == deployment.services


def test_a_release_tells_what_it_is() -> None:
    """Its version is in a header of every answer, beside those that the deployment asks for."""
    deployment = deployment_named("nestjs-backend")

    assert telling(deployment, "7.8.9") == {"APP_VERSION": "7.8.9", "APP_HEADERS": "X-Release: 7.8.9"}
    assert telling(replace(deployment, rollout=None), "7.8.9") == {}


def test_limits_are_lifted_in_a_copy(tmp_path: Path) -> None:
    """Only the edge's counting is changed, and not in the original."""
    deployment = deployment_named("nestjs-backend")
    before = (deployment.root / "nginx/nginx.conf").read_text(encoding="utf-8")

    lifted = (without_limits(deployment, tmp_path / "copy") / "nginx/nginx.conf").read_text(encoding="utf-8")

    assert "rate=10r/s" in before
    assert lifted == before.replace("rate=10r/s", "rate=60000r/s").replace("connections 50;", "connections 60000;")
    assert (deployment.root / "nginx/nginx.conf").read_text(encoding="utf-8") == before


def test_nothing_rolls_without_slots(tmp_path: Path) -> None:
    """A deployment that does not say how releases arrive has no such drill."""
    deployment = replace(deployment_named("nestjs-backend"), rollout=None)

    with (
        theatre_of(deployment, tmp_path) as theatre,
        pytest.raises(NothingOfTheKind, match="says nothing of how releases arrive"),
        rolling(theatre, recorder_in(tmp_path / "journal"), acts=()),
    ):
        pytest.fail("it began")


def test_what_nobody_published_cannot_be_started(stage: Rolling) -> None:
    """As of an image that is in no registry."""
    done = stage.rehearsal.operator.runs(f"{COMPOSE} up -d --no-deps {GREEN}", more={"GREEN_TAG": "9.9.9"})

    assert (done.code, done.output) == (1, "manifest for nestjs-backend:9.9.9 not found: manifest unknown")
    assert stage.releases.running == {"app": "1.0.0"}


def test_a_slot_runs_what_the_file_beside_says(stage: Rolling) -> None:
    """Compose reads .env beside its file; the application is asked what it is."""
    operator = stage.rehearsal.operator
    operator.place("/opt/nestjs-backend/compose/.env").write_text("GREEN_TAG=1.1.0\n", encoding="utf-8")

    done = operator.runs(f"{COMPOSE} up -d --no-deps --wait {GREEN}")
    asked = operator.runs(f"{COMPOSE} exec -T {GREEN} curl --silent http://127.0.0.1:4000/version")

    assert (done.code, stage.releases.running) == (0, {"app": "1.0.0", GREEN: "1.1.0"})
    assert '"version":"1.1.0"' in asked.output
    assert len({each.address for role in ("app", GREEN) for each in endpoints_of(stage.rehearsal.stack, role)}) == 2


def test_a_slot_that_is_not_well(stage: Rolling) -> None:
    """The compose file's own check is what compose waits for."""
    done = stage.rehearsal.operator.runs(f"{COMPOSE} up -d --no-deps --wait {GREEN}", more={"GREEN_TAG": "1.1.1"})

    assert (done.code, done.output) == (1, f"container {GREEN} is unhealthy")


def test_a_release_has_nothing_of_the_one_before(stage: Rolling) -> None:
    """A slot that ran what never is well is well with the next image."""
    operator = stage.rehearsal.operator
    operator.runs(f"{COMPOSE} up -d --no-deps {GREEN}", more={"GREEN_TAG": "1.1.1"})

    done = operator.runs(f"{COMPOSE} up -d --no-deps --wait {GREEN}", more={"GREEN_TAG": "1.1.0"})
    ready = operator.runs(f"{COMPOSE} exec -T {GREEN} curl --fail --silent http://127.0.0.1:4000/ready")

    assert (done.code, ready.code) == (0, 0)


def test_a_script_is_killed_at_what_it_asks_for(stage: Rolling) -> None:
    """With all it had started; the engine does what it was asked for all the same, and a lock of the kernel is free."""
    change = stage.killed("killed", "release", at=("up",), wanted="1.1.0", more={"WATCH_SECONDS": "1"})

    assert change.code == 137
    assert (change.before, change.after) == ("1.0.0", "1.0.0")
    assert stage.releases.running[GREEN] == "1.1.0"
    assert stage.does("again", "release", wanted="1.1.0", more={"WATCH_SECONDS": "1"}).after == "1.1.0"


def test_answers_are_waited_for(stage: Rolling) -> None:
    """Clients have had as many as that, and nothing was done to them."""
    change = stage.stands("waits", answers=30)

    told = stage.told(Rolled)

    assert (change.code, change.before) == (0, change.after)
    assert told.asked(change) >= 30


def test_the_edge_keeps_what_it_has_when_its_files_are_no_good(stage: Rolling) -> None:
    """Its own test says so, and clients notice nothing."""
    operator = stage.rehearsal.operator
    live = operator.place("/opt/nestjs-backend/nginx/snippets/live.conf")
    good = live.read_text(encoding="utf-8")
    live.write_text("server app:4000 no_such_word;\n", encoding="utf-8")

    tested = operator.runs(f"{COMPOSE} exec -T edge nginx -t")
    live.write_text(good, encoding="utf-8")
    again = operator.runs(f"{COMPOSE} exec -T edge nginx -s reload")

    assert tested.code
    assert "no_such_word" in tested.output
    assert again.code == 0
    assert stage.settled(stage.recorder.now)


def test_what_fails_is_counted(stage: Rolling) -> None:
    """A dead application is noticed by clients, and everything is well when it is back."""
    stage.counts()

    told = stage.told(Rolled)

    assert told.control > 0
    assert stage.settled(stage.recorder.now)
    assert told.loss is not None
    assert (told.loss.missing, told.doubled) == ((), ())
