"""The AWS command line as a drill's operator finds it: the real one, kept loaded, as its start takes most of a call."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

from plimsoll.errors import StackFailed
from plimsoll.probes.scanners.scanner import POLICIES
from plimsoll.wait import NotReady, wait_until

SERVER = POLICIES / "scanners" / "aws_server.py"
READY_SECONDS = 60.0
"""Loading takes half a second; on a machine with much to do far longer."""

FOR_ALL = 0o755

STUB = """#!{python} -IS
import json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({address!r})
call = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
socket.send_fds(asked, [json.dumps(call).encode() + b"\\n"], [0, 1, 2])
said = asked.makefile().readline()
sys.exit(int(said) if said.strip() else 255)
"""
"""What is called `aws`: it hands arguments, environment and streams to the server, and ends as that says."""


class AwsClient:
    """While entered, the program at `path` is the AWS command line of an environment whose programs are in `tools`."""

    def __init__(self, tools: Path, folder: Path) -> None:
        self.path = folder / "aws"
        self._python = tools / "python"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        address = self._folder / "aws.socket"
        address.unlink(missing_ok=True)  # of one that was here before
        with (self._folder / "aws.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._python), str(SERVER), address.name],
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.path.write_text(STUB.format(python=self._python, address=str(address)), encoding="utf-8")
        self.path.chmod(FOR_ALL)
        process = self._process
        try:
            wait_until(
                address.exists, timeout=READY_SECONDS, error=lambda _: process.poll() is not None, what="the AWS client"
            )
        except NotReady as error:
            self.__exit__()
            said = (self._folder / "aws.log").read_text(encoding="utf-8", errors="replace")[-1000:]
            raise StackFailed(f"the AWS command line does not start: {said.strip()}") from error
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
