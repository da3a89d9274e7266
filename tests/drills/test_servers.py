"""The programs that stand in for ssh, git, npm and PM2 keep to the order in which a release comes to a machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.drills.host import server

PROGRAMS = ("git", "npm", "pm2")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host with one machine beside it, on which the code of 1.0.0 lies as it was fetched."""
    text = f"#!{sys.executable} -IS\n{Path(server.__file__).read_text(encoding='utf-8')}"
    home = tmp_path / "bin" / "servers"
    (home / "bin").mkdir(parents=True)
    for program in (tmp_path / "bin" / "ssh", *(home / "bin" / name for name in PROGRAMS)):
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    code = tmp_path / "machine" / "srv" / "app"
    (code / ".git").mkdir(parents=True)
    (code / server.CODE).write_text("1.0.0\n", encoding="utf-8")
    known = {"app-1": {"folder": str(tmp_path / "machine"), "ports": {"3000": "127.0.0.1:43210"}}}
    servers = json.dumps({"root": str(tmp_path / "root"), "servers": known})
    (home / "servers.json").write_text(servers, encoding="utf-8")
    (home / "releases.json").write_text(json.dumps(["1.0.0", "1.1.0"]), encoding="utf-8")
    return tmp_path


def at(host: Path, command: str, *, machine: str = "deploy@app-1") -> subprocess.CompletedProcess[str]:
    """What a command said that was sent to a machine."""
    words = [str(host / "bin" / "ssh"), "-o", "BatchMode=yes", machine, f"cd {host}/root/srv/app && {command}"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_command_runs_on_its_machine(host: Path) -> None:
    """Paths of the host are those of the machine, and its port is where it listens here."""
    done = at(host, "pwd && echo http://127.0.0.1:3000/ready http://127.0.0.1:30001")
    where, urls = done.stdout.splitlines()
    assert where == str(host / "machine" / "srv" / "app")
    assert urls == "http://127.0.0.1:43210/ready http://127.0.0.1:30001"


def test_nobody_logs_in_to_a_machine_that_is_not_there(host: Path) -> None:
    """Ssh says 255, and why."""
    done = at(host, "true", machine="app-9")
    assert done.returncode == server.UNREACHABLE
    assert "Could not resolve hostname app-9" in done.stderr


def test_only_published_releases_are_fetched(host: Path) -> None:
    """A tag that is nowhere leaves the code as it is."""
    assert at(host, "git fetch --tags origin && git rev-parse --quiet --verify refs/tags/v9.9.9").returncode
    assert at(host, "git checkout --quiet --detach v9.9.9").returncode
    code = host / "machine" / "srv" / "app" / server.CODE
    assert code.read_text(encoding="utf-8").strip() == "1.0.0"
    assert at(host, "git checkout --quiet --detach v1.1.0").returncode == 0
    assert code.read_text(encoding="utf-8").strip() == "1.1.0"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("npm run build", "tsc: not found"),
        ("pm2 reload app", "Script not found"),
        ("pm2 reload nowhere.config.js", "nowhere.config.js not found"),
    ],
)
def test_no_step_works_before_the_one_it_needs(host: Path, command: str, said: str) -> None:
    """What is not installed is not built, and what is not built does not run."""
    done = at(host, command)
    assert done.returncode
    assert said in done.stderr


@pytest.mark.parametrize("command", ["git pull", "npm install", "npm run lint", "pm2 scale app 3"])
def test_what_nobody_stands_in_for_is_refused(host: Path, command: str) -> None:
    """It ends with 64, as nobody here knows what it would do."""
    assert at(host, command).returncode == server.UNKNOWN
