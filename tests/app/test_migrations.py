import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plimsoll.stacks.processes.programs import program
from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import Server, wait_until

VERSIONS = ["001_core", "002_commerce", "003_analytics", "004_roles", "005_jobs"]


@pytest.fixture
def fresh(environment: dict[str, str], database: Server, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings with an empty database of their own and another main table."""
    name = f"m{abs(hash(request.node.name))}"
    subprocess.run([program("createdb"), "--maintenance-db", database.url, name], check=True, cwd="/")
    url = database.url.replace(f"/{processes.DATABASE}", f"/{name}")
    return {**environment, "DATABASE_URL": url, "MAIN_TABLE": "boards"}


def migrate(settings: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`migrate` with these arguments, run to its end."""
    command = processes.command("migrate", *arguments)
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=10, check=False)


def test_migrations_go_up_and_down_and_tell_where_they_are(fresh: dict[str, str]) -> None:
    before = migrate(fresh, "status")
    up = migrate(fresh, "up")
    down = migrate(fresh, "down", "2")
    between = migrate(fresh, "status")
    again = migrate(fresh, "up")

    assert (before.returncode, before.stdout.split("\n")[0]) == (1, "001_core pending")
    assert (up.returncode, up.stdout.splitlines()) == (0, [f"{version} applied" for version in VERSIONS])
    assert down.stdout.splitlines() == ["005_jobs taken back", "004_roles taken back"]
    assert (between.returncode, between.stdout.splitlines()[3:]) == (
        1,
        ["004_roles pending", "005_jobs pending"],
    )
    assert again.stdout.splitlines() == ["004_roles applied", "005_jobs applied"]
    assert (migrate(fresh, "up").stdout, migrate(fresh, "status").returncode) == ("nothing to do\n", 0)


def test_simultaneous_migrations_wait_for_each_other(fresh: dict[str, str]) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: migrate(fresh, "up"), range(3)))
    assert [step.returncode for step in done] == [0, 0, 0]
    assert sorted(line for step in done for line in step.stdout.splitlines() if line.endswith("applied")) == [
        f"{version} applied" for version in VERSIONS
    ]


def test_a_changed_or_broken_migration_stops_everything(fresh: dict[str, str], tmp_path: Path, launch: Launch) -> None:
    """Nothing of a failing step remains, and a server started on such a schema says it is not ready."""
    shutil.copytree(processes.APP, tmp_path / "app")
    folder = tmp_path / "app" / "migrations"
    own = {**fresh, "PYTHONPATH": str(tmp_path / "app")}
    (folder / "006_broken.up.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    (folder / "006_broken.down.sql").write_text("DROP TABLE half;")

    broken = migrate(own, "up")
    status = migrate(own, "status")
    (folder / "001_core.up.sql").write_text("SELECT 1;")
    changed = migrate(own, "up")
    app = launch("--migrate", wait=False, **own)
    wait_until(lambda: app.status("/health") == 200, error="not live")
    wait_until(lambda: "was changed after it was applied" in app.log.read_text(), error="no log line")

    assert (broken.returncode, len(broken.stderr.splitlines())) == (1, 1)
    assert "migration 006_broken up failed: division by zero; hint:" in broken.stderr
    assert status.stdout.splitlines()[4:] == ["005_jobs applied", "006_broken pending"]
    assert changed.stderr.startswith("migration 001_core was changed after it was applied; hint:")
    assert app.ask("GET", "/ready").json()["failing"] == ["migrations"]


def test_ready_turns_red_when_the_schema_falls_behind(fresh: dict[str, str], launch: Launch) -> None:
    app = launch("--migrate", **fresh)
    assert len(app.ask("GET", "/api/public/boards").json()["data"]) == 3
    migrate(fresh, "down")
    assert app.ask("GET", "/ready").json()["failing"] == ["migrations"]


def test_an_unreachable_or_refusing_database_gives_one_clear_line(fresh: dict[str, str]) -> None:
    nobody = migrate({**fresh, "DATABASE_URL": "postgresql://app:hush@127.0.0.1:1/x"}, "up")
    missing = migrate({**fresh, "DATABASE_URL": fresh["DATABASE_URL"] + "missing"}, "up")
    assert (nobody.returncode, nobody.stderr.count("\n"), "hush" in nobody.stderr) == (1, 1, False)
    assert nobody.stderr.startswith("cannot reach the database: ConnectionRefusedError; hint:")
    assert missing.stderr.startswith("cannot use DATABASE_URL: InvalidCatalogNameError; hint:")
