"""The AWS command line as a drill's operator finds it: the real one, kept loaded, as its start takes most of a call."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from plimsoll.drills.cloud.daemon import Daemon
from plimsoll.probes.scanners.scanner import POLICIES

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
        self._address = folder / "aws.socket"
        self._server = Daemon(
            "the AWS command line",
            [self._python, SERVER, self._address.name],
            log=folder / "aws.log",
            ready=self._address.exists,
            seconds=READY_SECONDS,
            environment={"HOME": str(folder)},
        )

    def __enter__(self) -> Self:
        self._address.unlink(missing_ok=True)  # of one that was here before
        self._server.__enter__()
        self.path.write_text(STUB.format(python=self._python, address=str(self._address)), encoding="utf-8")
        self.path.chmod(FOR_ALL)
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.__exit__()
