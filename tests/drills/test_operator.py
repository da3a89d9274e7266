"""The operator runs the deployment's own scripts, unchanged, on a host that is a folder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plimsoll.drills.backup.archives import from_newer
from plimsoll.drills.host.docker import FAILED, NO_FILE, UNKNOWN
from plimsoll.drills.host.operator import Operator, operating
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook, NothingOfTheKind, OutOfReach
from plimsoll.model import Deployment
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.stacks.protocol import endpoint_of
from tests.drills.stages import deployment_named, recorder_in, running

BACKUP = "backup-database"


@dataclass(frozen=True)
class Scene:
    """All that the tests here look at."""

    deployment: Deployment
    stack: ProcessesStack
    operator: Operator
    recorder: Recorder


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """NestMap, and somebody at its host."""
    deployment = deployment_named("nestmap")
    recorder = recorder_in(tmp_path_factory.mktemp("journal"))
    with running(deployment) as stack:
        try:
            found = operating(deployment, stack, recorder)
            operator = found.__enter__()
        except OutOfReach as error:
            pytest.skip(error.fact)
        try:
            yield Scene(deployment, stack, operator, recorder)
        finally:
            found.__exit__(None, None, None)


def test_settings_lead_into_the_folder(scene: Scene) -> None:
    """Paths are in the host's folder, uploads where the application keeps them, and all else is as it was."""
    settings, place = scene.operator.settings, scene.operator.place

    assert settings["BACKUP_DIR"] == str(place("/var/backups/nestmap/database"))
    assert settings["UPLOADS_DIR"] == str(scene.stack.uploads)
    assert place("/var/lib/docker/volumes/nestmap_uploads/_data").resolve() == scene.stack.uploads.resolve()
    assert settings["RETENTION_DAYS"] == "7"
    host, port = endpoint_of(scene.stack, "app").address
    assert settings["HEALTH_URL"] == f"http://{host}:{port}/health"
    assert place(place("/var/backups")) == place("/var/backups")


def test_scripts_are_unchanged(scene: Scene) -> None:
    """What is installed is what the deployment has; what is made of zeros for its size alone is left out."""
    installed = scene.operator.place("/opt/nestmap")

    for script in (scene.deployment.root / "scripts").iterdir():
        assert (installed / "scripts" / script.name).read_bytes() == script.read_bytes()
    assert (scene.stack.artefacts / "nginx/site/assets/world-map.bin").exists()
    assert not (installed / "nginx/site/assets/world-map.bin").exists()


def test_logs_have_ages(scene: Scene) -> None:
    """There are logs on both sides of a week, and a file that is no log."""
    logs = scene.operator.place("/var/log/nginx")
    week_ago = (datetime.now(UTC) - timedelta(days=7)).timestamp()
    young = {file.name for file in logs.iterdir() if file.stat().st_mtime > week_ago}

    assert {"access.log", "access.log.2"} <= young
    assert "access.log.3" not in young
    assert (logs / "README").exists()


def test_a_backup_is_made(scene: Scene) -> None:
    """The runbook's command ends well, what it leaves is found, sent and announced; the journal has it."""
    operator, letters = scene.operator, len(scene.operator.post.letters) if scene.operator.post else 0

    done = operator.does(BACKUP)

    assert done.well, done.output
    newest = operator.newest(BACKUP)
    assert operator.shown(newest) in done.output
    assert operator.store is not None
    assert operator.post is not None
    assert f"database/{newest.name}" in operator.store.keys("nestmap-backups")
    assert newest.name in operator.post.since(letters)[-1]
    entry = scene.recorder.journal().commands[-1]
    assert (entry.what, entry.code) == ("/opt/nestmap/scripts/backup-database.sh", 0)
    assert str(operator.place("/")) not in entry.output


def test_a_newer_dump_in_the_custom_format(scene: Scene) -> None:
    """pg_restore itself reads the other version out of it, and nothing else is wrong with it."""
    dump = scene.operator.place("/custom.dump")
    command = "docker compose exec -T postgres pg_dump --dbname nestmap_production --format custom"
    assert scene.operator.runs(f"bash -c '{command} > {dump}'").well

    from_newer(dump)

    listed = scene.operator.runs(f"bash -c 'docker compose exec -T postgres pg_restore --list < {dump}'")
    assert listed.well
    assert "Dumped from database version: 99." in listed.output


def test_settings_can_be_changed_for_one_command(scene: Scene) -> None:
    """The scripts read their settings from a file, so that is where another value has to be."""
    done = scene.operator.does(BACKUP, more={"PGUSER": "nobody_here"})

    assert not done.well
    assert "nobody_here" in done.output
    assert scene.operator.does("list").code == 1  # with the ordinary settings again


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("docker compose top", UNKNOWN, "docker compose top"),
        ("docker ps", UNKNOWN, "not: docker ps"),
        ("docker compose up app", UNKNOWN, "--detach"),
        ("docker compose exec --privileged -T app true", UNKNOWN, "--privileged"),
        ("docker compose exec app true", FAILED, "not a TTY"),
        ("docker compose exec -T nobody true", FAILED, "no such service: nobody"),
        ("docker compose stop nobody", FAILED, "no such service: nobody"),
        ("docker compose --file /opt/nestmap/none.yml ps", NO_FILE, "no such file"),
        ("docker compose --file /opt/nestmap/compose/production.yml exec -T postgres false", 1, ""),
        ("docker compose exec -T redis redis-cli ping", 0, "PONG"),
        ("docker compose exec -T -e WORD=here postgres printenv WORD", 0, "here"),
        ("docker compose run --rm -T postgres sh -c 'ls $PGDATA/PG_VERSION'", 0, "PG_VERSION"),
    ],
)
def test_the_engine(scene: Scene, command: str, code: int, said: str) -> None:
    """What an engine would do is done where the service runs; what nobody here knows is refused by name."""
    done = scene.operator.runs(command)

    assert (done.code, said in done.output) == (code, True), done.output


def test_data_streams_through(scene: Scene) -> None:
    """Standard input and output are the program's own."""
    place = scene.operator.place("/sample")
    place.write_bytes(bytes(range(256)) * 4096)
    command = "docker compose exec -T postgres cat < /sample | cmp - /sample".replace("/sample", str(place))

    assert scene.operator.runs(f"bash -c '{command}'").well


def test_what_is_inside_stays_inside(scene: Scene) -> None:
    """A program inside has the service's variables, and none of the operator's."""
    said = scene.operator.runs("docker compose exec -T postgres env").output

    assert "PGPASSWORD=***" in said
    assert "AWS_" not in said
    assert scene.stack.credentials("postgres")[1] not in said


def test_services_stop_and_start(scene: Scene) -> None:
    """What is stopped does not answer, and is not asked in; what is started again does."""
    runs = scene.operator.runs

    assert runs("docker compose stop redis").well
    assert runs("docker compose exec -T redis redis-cli ping").output == 'service "redis" is not running'
    assert "redis" not in runs("docker compose ps").output.split()
    assert runs("docker compose run --rm -T redis pwd").well
    assert runs("docker compose start redis").well
    assert runs("docker compose exec -T redis redis-cli ping").output == "PONG"
    acts = [entry.what for entry in scene.recorder.journal().entries if entry.kind == "act"]
    assert acts[-2:] == ["compose stop redis", "compose start redis"]


def test_whoever_works_there_may_log_in(scene: Scene) -> None:
    """The host's own psql finds the password in its home."""
    host, port = endpoint_of(scene.stack, "postgres").address
    command = f"psql -w -h {host} -p {port} -U nestmap_user -d nestmap_production -Atc 'SELECT 42'"

    assert scene.operator.runs(command).output == "42"


def test_commands_are_filled_in(scene: Scene) -> None:
    """A backup, a stamp: words of the runbook's commands."""
    command = scene.operator.command("restore-database", backup=Path("/var/backups/a b.gz"))

    assert command == "/opt/nestmap/scripts/restore-database.sh '/var/backups/a b.gz' --replace"
    assert "20260301_020000" in scene.operator.command("fetch", stamp="20260301_020000")


def test_what_the_runbook_lacks(scene: Scene) -> None:
    """It is said, and nothing is done."""
    with pytest.raises(NothingOfTheKind, match="how to promote"):
        scene.operator.does("promote")
    with pytest.raises(NothingOfTheKind, match="what is left by restore database"):
        scene.operator.made("restore-database")
    with pytest.raises(CouldNotLook, match="there is nothing at"):
        scene.operator.newest("backup-all")


def test_two_operators_on_one_stack(scene: Scene) -> None:
    """Each has a host of its own."""
    with operating(scene.deployment, scene.stack, scene.recorder) as other:
        assert other.place("/opt") != scene.operator.place("/opt")
        assert other.runs("docker compose exec -T postgres pwd").well


def test_nothing_is_left_running(scene: Scene) -> None:
    """When an operator has gone, neither the engine nor the store answers."""
    with operating(scene.deployment, scene.stack, scene.recorder) as other:
        program = str(other.place("/") / ".." / "bin" / "docker")
        assert other.store is not None
        endpoint = other.store.endpoint
    stopped = subprocess.run([program, "compose", "stop", "redis"], capture_output=True, text=True, check=False)
    asked = subprocess.run(["curl", "--silent", "--max-time", "2", endpoint], check=False)

    assert (stopped.returncode, stopped.stderr) == (FAILED, "cannot connect to the engine: is it running?\n")
    assert asked.returncode == 7
