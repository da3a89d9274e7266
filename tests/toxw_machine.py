"""A machine of the tests' making, on which the wrapper runs as a stranger would run it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WRAPPER = Path(__file__).parents[1] / "toxw"
SERVERS = ("nginx", "redis-server", "postgres", "initdb")
TOX_INI = """\
[tox]
no_package = true
[testenv:{smoke,tests,lint}]
package = skip
commands = python -c "import sys; print(sys.argv[1:]); sys.exit(7)" {posargs}
"""
TOOLS = ("cat", "chmod", "flock", "grep", "mkdir", "readlink", "rm", "rmdir", "sh", "timeout", "true")


@dataclass(frozen=True, slots=True)
class Machine:
    """One temporary directory that plays a whole machine."""

    home: Path

    @property
    def tools(self) -> Path:
        """The only directory on PATH."""
        return self.home / "tools"

    @property
    def system(self) -> Path:
        """Where the wrapper looks for the system's files."""
        return self.home / "system"

    @property
    def project(self) -> Path:
        """A checkout: the wrapper and a tox.ini whose commands print their arguments and exit with 7."""
        return self.home / "a project"

    @property
    def calls(self) -> list[str]:
        """What the shims were called with, first to last."""
        log = self.home / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def shim(self, name: str, script: str) -> None:
        """Puts a shell script on PATH that notes its call first."""
        path = self.tools / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.home}/calls"\n{script}\n')
        path.chmod(0o755)

    def has_servers(self) -> None:
        """Every server is where Debian puts it, out of an ordinary user's PATH."""
        for name, place in zip(SERVERS, ("sbin", "sbin", *["lib/postgresql/15/bin"] * 2), strict=True):
            (self.system / "usr" / place).mkdir(parents=True, exist_ok=True)
            (self.system / "usr" / place / name).symlink_to("/bin/true")

    def has_apt(self, during: str = "") -> None:
        """`apt-get install` runs the line given, and puts the servers on PATH."""
        links = "\n".join(f'ln -sf /bin/true "{self.tools}/{name}"' for name in SERVERS)
        self.shim("apt-get", f"PATH=/usr/bin:/bin; case $1 in install) {during}\n{links}\nesac")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts the wrapper in another directory than the project's."""
        passed = {name: value for name, value in os.environ.items() if name == "HOME" or name.startswith("PIP_")}
        return subprocess.Popen(
            [self.project / "toxw", *arguments],
            cwd=self.home,
            env={"PYTHONDONTWRITEBYTECODE": "1", **passed, "PATH": str(self.tools), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a shim may signal the whole group, as a terminal does
        )

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the wrapper to its end."""
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def set_up(home: Path, *, user: int) -> Machine:
    """A bare machine: Python and the shell's tools, no server, no package manager, no sudo, no engine."""
    machine = Machine(home)
    for directory in (machine.tools, machine.project, machine.system / "run", machine.system / "usr/sbin"):
        directory.mkdir(parents=True)
    for tool in TOOLS:
        (machine.tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    base = sys._base_executable  # type: ignore[attr-defined] # the Python that this venv was made from
    (machine.tools / "python3").write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    (machine.tools / "python3").chmod(0o755)
    machine.shim("id", f"echo {user}")
    text = WRAPPER.read_text()
    assert text.count("\nsysroot='' ") == 1
    (machine.project / "toxw").write_text(text.replace("\nsysroot='' ", f"\nsysroot='{machine.system}' "))
    (machine.project / "toxw").chmod(0o755)
    (machine.project / "tox.ini").write_text(TOX_INI)
    return machine
