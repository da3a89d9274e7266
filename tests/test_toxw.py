"""The wrapper, run as a stranger would: in a directory of its own, with a PATH of its own.

Everything is real but what would change this machine: `apt-get`, `sudo`, `docker`, `id` and their like are shims that
note how they were called, and the copy of the wrapper looks for the system's files under a temporary directory.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toxw_machine import Machine, set_up


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, str, str]]]:
    """A .venv that two wrappers made at the same moment over an outdated one, and how both of them ended."""
    machine = set_up(tmp_path_factory.mktemp("twice"), user=1000)
    outdated = machine.project / ".venv/bin"
    outdated.mkdir(parents=True)
    (outdated / "python").symlink_to("/bin/false")
    (outdated.parent / "toxw.pins").write_text("tox==4.0\n", encoding="utf-8")
    running = [machine.start("-e", "lint", "--workdir", str(machine.home / f"work {n}")) for n in range(2)]
    outputs = [process.communicate(timeout=120) for process in running]
    return machine.project, [(process.returncode, *output) for process, output in zip(running, outputs, strict=True)]


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """An ordinary user's machine without a .venv."""
    return set_up(tmp_path, user=1000)


@pytest.fixture
def user(bare: Machine, twice: tuple[Path, object]) -> Machine:
    """An ordinary user's machine with a finished .venv."""
    (bare.project / ".venv").symlink_to(twice[0] / ".venv")
    return bare


@pytest.fixture
def root(user: Machine) -> Machine:
    """The same machine, used by root and with a package manager."""
    user.shim("id", "echo 0")
    user.has_apt()
    return user


def test_two_at_once_over_an_outdated_venv(twice: tuple[Path, list[tuple[int, str, str]]]) -> None:
    """Two wrappers started at the same moment both replace an outdated .venv and both reach tox."""
    project, ends = twice
    assert [code for code, _, _ in ends] == [7, 7], ends
    assert all("making .venv with tox (once)" in stderr for _, _, stderr in ends)
    assert sorted(path.name for path in project.iterdir()) == [".venv", "tox.ini", "toxw"]


def test_the_venv_is_whole(twice: tuple[Path, object]) -> None:
    """The .venv can be used without the wrapper, is byte-compiled, and is invisible to git."""
    venv = twice[0] / ".venv"
    version = subprocess.run([venv / "bin/tox", "--version"], capture_output=True, text=True, check=True, cwd=venv)
    assert version.stdout.startswith("4.")
    assert "tox-uv" in version.stdout
    assert list(venv.glob("lib/python*/site-packages/tox/__pycache__/run.*.pyc"))
    assert (venv / ".gitignore").read_text() == "*\n"
    named = [path for path in (venv / "bin").iterdir() if not path.is_symlink() and b".venv.toxw-" in path.read_bytes()]
    assert named == []


def test_other_pins_make_another_venv(user: Machine) -> None:
    """A .venv made with other pins is made anew; without a package index it says so, exits 2 and leaves the old one."""
    (user.project / ".venv").unlink()
    (user.project / ".venv/bin").mkdir(parents=True)
    (user.project / ".venv/bin/python").symlink_to("/bin/false")
    (user.project / ".venv/toxw.pins").write_text("tox==4.0 tox-uv==1.0\n")
    (user.project / f".venv.toxw-{2**31 - 1}").mkdir()  # left by a run that was killed: no process has this id
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "file:///nonexistent", "PIP_FIND_LINKS": ""}
    done = user.run("-e", "lint", **nowhere)
    assert done.returncode == 2
    assert "could not make .venv with tox==" in done.stderr
    assert "hint: " in done.stderr
    assert sorted(path.name for path in user.project.iterdir()) == [".venv", "tox.ini", "toxw"]
    assert (user.project / ".venv/toxw.pins").read_text() == "tox==4.0 tox-uv==1.0\n"


def test_arguments_and_exit_code_pass_through(user: Machine) -> None:
    """Arguments reach the command unchanged and its exit code comes back, through a symlink and from elsewhere."""
    link = user.home / "link"
    link.symlink_to(user.project / "toxw")
    words = ["--deployment", "two words", "*", "$HOME", "", "it's"]
    done = subprocess.run(
        [link, "-q", "-e", "lint", "--", *words],
        cwd="/",
        env={"PATH": str(user.tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(words) in done.stdout
    assert (done.returncode, done.stderr) == (7, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("-e", "smoke"),
        ("-esmoke",),
        ("-e", "drill"),
        ("-e", "load"),
        ("-e", "capacity"),
        ("run", "-e", "lint,tests"),
        ("-re", "bench"),
        (),
        ("-e=smoke", "--", "--stack=processes"),
    ],
)
def test_servers_are_looked_for(user: Machine, arguments: tuple[str, ...]) -> None:
    """An ordinary user without sudo is told the exact line to run, whichever way an environment is asked for."""
    done = user.run(*arguments)
    assert done.returncode == 2
    line = "apt-get install -y --no-install-recommends nginx-light redis-server postgresql"
    assert done.stderr.splitlines() == [
        "toxw: this machine lacks: nginx-light redis-server postgresql",
        f"hint: sudo apt-get update && sudo {line}",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("list",),
        ("-e", "lint", "--", "-e", "smoke"),
        ("-e", "smoke", "--notest", "--", "--stack", "live"),
    ],
)
def test_servers_are_not_looked_for(user: Machine, arguments: tuple[str, ...]) -> None:
    """What runs no stack on this machine needs no servers."""
    done = user.run(*arguments)
    assert done.returncode in {0, 7}, done.stderr
    assert "toxw:" not in done.stderr


def test_toxenv_names_environments_too(user: Machine) -> None:
    """TOXENV counts where -e is absent."""
    assert user.run(TOXENV="smoke").returncode == 2
    assert user.run(TOXENV="lint").returncode == 7


def test_nothing_is_asked_when_all_is_there(user: Machine) -> None:
    """With .venv and servers in place the wrapper starts nothing but tox."""
    user.has_servers()
    user.shim("docker", "")
    assert user.run("-e", "smoke").returncode == 7
    assert user.calls == []


def test_root_installs_what_is_missing(root: Machine) -> None:
    """Root is told what is installed; meanwhile no service starts and no cluster is made, and no trace stays."""
    policy, cluster = (root.system / path for path in ("usr/sbin/policy-rc.d", "etc/postgresql-common/createcluster.d"))
    root.has_apt(
        f'"{policy}" || echo "policy $?" >>"{root.home}/calls"; cat "{cluster}/toxw.conf" >>"{root.home}/calls"'
    )
    (root.system / "usr/sbin/nginx").symlink_to("/bin/true")
    (root.system / "etc/init.d").mkdir(parents=True)
    (root.system / "etc/init.d/redis-server").touch()
    root.shim("update-rc.d", "")
    done = root.run("-e", "smoke")
    assert done.returncode == 7, done.stderr
    assert done.stderr.startswith("toxw: installing redis-server postgresql (")
    assert root.calls == [
        "id -u",
        "apt-get update -qq",
        "apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends redis-server postgresql",
        "policy 101",
        "create_main_cluster = false",
        "update-rc.d redis-server disable",
    ]
    assert not policy.exists()
    assert not cluster.parent.exists()


def test_a_policy_of_the_machine_stays(root: Machine) -> None:
    """A policy-rc.d and a createcluster.conf that were there before are as they were."""
    policy, conf = (root.system / path for path in ("usr/sbin/policy-rc.d", "etc/postgresql-common/createcluster.conf"))
    conf.parent.mkdir(parents=True)
    for file in (policy, conf):
        file.write_text("mine\n")
    assert root.run("-e", "smoke").returncode == 7
    assert [file.read_text() for file in (policy, conf)] == ["mine\n", "mine\n"]
    assert [path.name for path in conf.parent.iterdir()] == ["createcluster.conf"]


@pytest.mark.parametrize("during", ["kill -TERM $PPID; exit 1", "echo 'E: no space left'; exit 100"])
def test_a_failed_install_leaves_no_guard(root: Machine, during: str) -> None:
    """A signal or a failure during the installation exits 2 with the line to run, and what guarded it is gone."""
    root.has_apt(during)
    done = root.run("-e", "smoke")
    assert done.returncode == 2
    assert "could not install: nginx-light redis-server postgresql\nhint: apt-get update && apt-get" in done.stderr
    assert ("E: no space left" in done.stderr) == ("space" in during)
    assert not (root.system / "usr/sbin/policy-rc.d").exists()
    assert not (root.system / "etc/postgresql-common").exists()


def test_passwordless_sudo_installs(user: Machine) -> None:
    """An ordinary user with passwordless sudo gets the servers installed through it."""
    user.has_apt()
    user.shim("sudo", '[ "$1" = -n ] && shift && exec "$@"')
    assert user.run("-e", "smoke").returncode == 7
    assert user.calls[1] == "sudo -n true"
    assert user.calls[-1].endswith("--no-install-recommends nginx-light redis-server postgresql")


def test_sudo_with_a_password_does_not(user: Machine) -> None:
    """An ordinary user whose sudo asks for a password is told the line to run."""
    user.has_apt()
    user.shim("sudo", "exit 1")
    assert user.run("-e", "smoke").returncode == 2
    assert user.calls == ["id -u", "sudo -n true"]


def test_installs_can_be_forbidden(root: Machine) -> None:
    """PLIMSOLL_NO_INSTALL=1 keeps even root from installing, and the line to run is printed."""
    done = root.run("-e", "tests", PLIMSOLL_NO_INSTALL="1")
    assert done.returncode == 2
    assert "hint: apt-get update && apt-get install -y" in done.stderr
    assert root.calls == ["id -u"]


@pytest.mark.parametrize(
    ("environment", "stack", "forbid", "code", "installs"),
    [
        ("smoke", "auto", "0", 7, False),  # containers will do
        ("tests", "auto", "0", 7, True),  # the tests run both kinds
        ("tests", "auto", "1", 7, False),  # and say what they did not run
        ("smoke", "processes", "0", 7, True),
        ("smoke", "processes", "1", 2, False),  # nothing but servers will do
    ],
)
def test_an_engine_that_answers(  # one column of the table each
    root: Machine, environment: str, stack: str, forbid: str, code: int, installs: bool
) -> None:
    """Where an engine answers, missing servers stop only what cannot run in containers."""
    root.shim("docker", "exit 0")
    done = root.run("-e", environment, "--", "--stack", stack, PLIMSOLL_NO_INSTALL=forbid)
    assert done.returncode == code, done.stderr
    assert any(call.startswith("apt-get install") for call in root.calls) == installs
    assert ("going on in containers" in done.stderr) == (code == 7 and not installs)


def test_no_python_that_is_new_enough(bare: Machine) -> None:
    """Without Python 3.11 the wrapper says what it tried and what to run."""
    bare.shim("python3", "exit 1")
    done = bare.run("-e", "lint")
    assert done.returncode == 2
    assert "toxw: no Python 3.11 or newer among: python3 python3.11" in done.stderr
    assert "hint: sudo apt-get install -y python3-venv" in done.stderr


def test_a_python_without_ensurepip(bare: Machine) -> None:
    """Plain Debian's Python has no ensurepip: the package is named, and root gets it installed before .venv is made."""
    asks = f'case "$*" in *ensurepip*) exit 1 ;; *" venv "*) exit 9 ;; esac\nexec "{sys.executable}" "$@"'
    bare.shim("python3", asks)
    package = f"python3.{sys.version_info.minor}-venv"
    done = bare.run("-e", "lint")
    assert done.returncode == 2
    assert f"hint: sudo apt-get update && sudo apt-get install -y --no-install-recommends {package}\n" in done.stderr
    bare.shim("id", "echo 0")
    bare.has_apt()
    assert f"toxw: installing {package} (" in bare.run("-e", "lint").stderr
    assert any(call.startswith("apt-get install") and call.endswith(f" {package}") for call in bare.calls)
    assert bare.calls[-1].startswith("python3 -I -m venv")


def test_another_python_can_be_named(bare: Machine) -> None:
    """PLIMSOLL_PYTHON is the only Python tried, and its absence is an error rather than a second choice."""
    done = bare.run("-e", "lint", PLIMSOLL_PYTHON="/nonexistent/py thon")
    assert done.returncode == 2
    assert "no Python 3.11 or newer among: /nonexistent/py thon\n" in done.stderr


def test_a_signal_leaves_no_half_venv(bare: Machine) -> None:
    """A wrapper stopped while it makes .venv, as by Ctrl-C, takes its half away."""
    bare.shim("python3", f'case "$*" in *" venv "*) kill -INT 0 ;; esac\nexec "{sys.executable}" "$@"')
    done = bare.run("-e", "lint")
    assert done.returncode == 130, done.stderr
    assert "making .venv" in done.stderr
    assert sorted(path.name for path in bare.project.iterdir()) == ["tox.ini", "toxw"]


def test_a_venv_of_somebody_elses_is_left_alone(bare: Machine) -> None:
    """A .venv that toxw did not make is neither used nor replaced; the message says how to move it away."""
    theirs = bare.project / ".venv" / "bin"
    theirs.mkdir(parents=True)
    done = bare.run("-e", "lint")
    assert done.returncode == 2
    assert ".venv is not one that toxw made" in done.stderr
    assert theirs.is_dir()
