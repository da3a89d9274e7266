"""The server processes of one run: started with their logs, watched, ended."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from plimsoll.segments import given_back
from plimsoll.stacks.processes.launches import Launch
from plimsoll.stacks.processes.programs import family, give_away, lives, plain_environment, unprivileged
from plimsoll.wait import wait_until

HALT_SECONDS = 10.0
"""How long a service may take to end in good order before it is killed, as `docker stop` gives it."""

CHANGE_SECONDS = 5.0
"""How long processes that were killed may take to go; it takes milliseconds."""

LAST_WORDS = 15
"""Lines of a service's log that a failure shows."""

ANYONE = 0o755
OWNER_ONLY = 0o600


class Children:
    """The processes of a stack by name. Each leads its own session, works in the run's folder and writes one log."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: dict[str, tuple[Launch, subprocess.Popen[bytes]]] = {}

    def start(self, launch: Launch) -> None:
        """The process runs, with its files in its folder."""
        launch.folder.mkdir(mode=ANYONE, exist_ok=True)
        written = [launch.folder / name for name in launch.files]
        for file, content in zip(written, launch.files.values(), strict=True):
            file.touch(mode=OWNER_ONLY)
            file.write_bytes(content)
        if not launch.as_us:
            give_away(launch.folder, *written)
        with (self.logs / f"{launch.name}.log").open("ab") as log:
            process = subprocess.Popen(  # type: ignore[call-overload] # user, group and extra_groups
                launch.command,
                cwd=launch.folder,
                env={**plain_environment(), **launch.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **({} if launch.as_us else unprivileged()),
            )
        self._running[launch.name] = (launch, process)

    def pid(self, name: str) -> int:
        """The process id of that leader."""
        return self._running[name][1].pid

    def has(self, name: str) -> bool:
        """Whether that leader was started and nobody ended it."""
        return name in self._running

    def runs(self, launch: Launch) -> bool:
        """Whether such a process runs, started with just that."""
        known, process = self._running.get(launch.name, (None, None))
        return known == launch and process is not None and process.poll() is None

    def stop(self, *names: str) -> None:
        """These are gone in an orderly way, as far as they ran: each may be started again at once."""
        ended = [self._running.pop(name) for name in names if name in self._running]
        families = [pid for _, process in ended for pid in family(process.pid)]
        with given_back(families):
            for launch, process in ended:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, launch.ending)
            for _, process in ended:
                process.wait()
        # What they started may hold their ports for a moment longer.
        wait_until(lambda: not any(map(lives, families)), timeout=CHANGE_SECONDS, what=f"the end of {', '.join(names)}")

    def halt(self, *names: str) -> None:
        """These have ended in good order, as far as they ran; what does not within its time is dead."""
        told = [(name, *self._running[name]) for name in names if name in self._running]
        for _, launch, process in told:
            with suppress(ProcessLookupError):
                os.kill(process.pid, launch.halting)
        for name, _, process in told:
            with suppress(subprocess.TimeoutExpired):
                process.wait(HALT_SECONDS)
            self.slay(name)

    def slay(self, *names: str) -> None:
        """These are dead at once with all that they started, as by SIGKILL, and have no word with the disk."""
        ended = [self._running.pop(name)[1] for name in names if name in self._running]
        families = [pid for process in ended for pid in family(process.pid)]
        with given_back(families):
            for pid in families:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for process in ended:
                process.wait()
        wait_until(lambda: not any(map(lives, families)), timeout=CHANGE_SECONDS, what=f"the end of {', '.join(names)}")

    def tell(self, number: signal.Signals, *names: str) -> None:
        """These, as far as they run, and all that they started have been sent that signal."""
        for pid in [pid for name in names if name in self._running for pid in family(self._running[name][1].pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """All are gone, their children with them."""
        ended = [process for _, process in self._running.values()]
        self._running.clear()
        with given_back(process.pid for process in ended):
            for process in ended:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            for process in ended:
                process.wait()

    def dead(self) -> str:
        """What to say of a process that ended by itself; nothing while all run."""
        for name, (launch, process) in self._running.items():
            if process.poll() is not None:
                return f"{name} ended with exit code {process.returncode}:\n{self.last_words(launch.role)}"
        return ""

    def last_words(self, role: str) -> str:
        """The end of a role's log, or of the logs of its replicas."""
        names = [launch.name for launch, _ in self._running.values() if launch.role == role] or [role]
        return "\n".join("\n".join(self._log(name)[-LAST_WORDS:]) for name in names)

    def _log(self, name: str) -> list[str]:
        with suppress(OSError):
            return (self.logs / f"{name}.log").read_text("utf-8", errors="replace").splitlines()
        return []
