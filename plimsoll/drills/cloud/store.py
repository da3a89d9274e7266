"""The object store that backups are copied to: an S3 API of the run's own, or the one that the deployment names."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from plimsoll.drills.cloud.aws import AwsClient
from plimsoll.drills.cloud.daemon import Daemon
from plimsoll.drills.cloud.listing import listed
from plimsoll.errors import CouldNotLook
from plimsoll.probes.scanners import environments
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports

HOME = "drills"
"""The pinned environment that has moto's server and the AWS CLI: policies/scanners/drills.txt."""

READY_SECONDS = 30.0
"""moto's server is ready after 1 to 2 s (measured); a machine under load may need longer."""

CALL_SECONDS = 60.0
MOST_KEYS = 1000
"""Objects that one call deletes (Amazon S3 API, DeleteObjects)."""

REGION = "us-east-1"
PASSED_ON = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION")
"""What a store that is not ours wants to know of whoever runs the drill."""

LIMITS = ("--cli-read-timeout", "60", "--cli-connect-timeout", "10")


class ObjectStore:
    """While entered, `endpoint` answers the S3 API, and programs with `environment` reach it.

    `endpoint` given is somebody's own store, not `ours`, which is used with the credentials of this process's
    environment; without one, moto's server is started in `folder`, and gone afterwards. Raises MissingTool where client
    and server cannot be installed.
    """

    def __init__(self, folder: Path, *, endpoint: str = "") -> None:
        bin_folder = environments.prepared(HOME) / "bin"
        self._aws = AwsClient(bin_folder, folder)
        self.client = self._aws.path
        self._program = bin_folder / "moto_server"
        self._folder = folder
        self.endpoint = endpoint
        self.ours = not endpoint
        self._inside = ExitStack()
        self._secret = secrets.token_hex(20)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as inside:
            inside.enter_context(self._aws)
            if self.ours:
                inside.enter_context(self._server(free_ports(1)[0]))
            self._inside = inside.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._inside.close()

    def _server(self, port: int) -> Daemon:
        """A server of moto at that port, from now on the endpoint."""
        self.endpoint = f"http://{LOOPBACK}:{port}"
        return Daemon(
            "the object store",
            [self._program, "-H", LOOPBACK, "-p", str(port)],
            log=self._folder / "store.log",
            ready=lambda: self._answers(port),
            seconds=READY_SECONDS,
            environment={"TMPDIR": str(self._folder)},
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables by which the AWS CLI and boto3 find this store, and give up soon when they do not."""
        asked = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_RETRY_MODE": "standard",
            "AWS_MAX_ATTEMPTS": "2",
            "AWS_PAGER": "",
        }
        if not self.ours:
            return {**{name: os.environ[name] for name in PASSED_ON if name in os.environ}, **asked}
        return {
            **asked,
            "AWS_ACCESS_KEY_ID": "operator",
            "AWS_SECRET_ACCESS_KEY": self._secret,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def forget(self) -> None:
        """A store of our own is as it was at first; somebody else's is left alone."""
        if self.ours:
            host, _, port = self.endpoint.removeprefix("http://").partition(":")
            asked = HTTPConnection(host, int(port), timeout=CALL_SECONDS)
            try:
                asked.request("POST", "/moto-api/reset")
                asked.getresponse().read()
            finally:
                asked.close()

    def make(self, bucket: str) -> None:
        """The bucket is there, empty if it was not before."""
        if not self.ours:
            return
        self.call("s3api", "create-bucket", "--bucket", bucket)

    def keys(self, bucket: str, prefix: str = "") -> dict[str, int]:
        """The names in the bucket that begin so, with their sizes in bytes."""
        if self.ours:
            return dict(listed(self.endpoint, bucket, prefix))
        said = self.call("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix, "--output", "json")
        found = json.loads(said or "{}").get("Contents") or []
        return {each["Key"]: int(each["Size"]) for each in found}

    def get(self, bucket: str, key: str, file: Path) -> Path:
        """The object is in that file."""
        self.call("s3", "cp", "--only-show-errors", f"s3://{bucket}/{key}", str(file))
        return file

    def put(self, bucket: str, key: str, file: Path) -> None:
        """The file is in the bucket."""
        self.call("s3", "cp", "--only-show-errors", str(file), f"s3://{bucket}/{key}")

    def drop(self, bucket: str, *keys: str) -> None:
        """The objects are gone, whichever of them were there. Raises CouldNotLook."""
        file = self._folder / "keys.json"
        for first in range(0, len(keys), MOST_KEYS):
            some = [{"Key": key} for key in keys[first : first + MOST_KEYS]]
            file.write_text(json.dumps({"Objects": some, "Quiet": True}), encoding="utf-8")
            words = ("--bucket", bucket, "--delete", f"file://{file}", "--output", "json")
            said = self.call("s3api", "delete-objects", *words)
            if failed := json.loads(said or "{}").get("Errors"):
                raise CouldNotLook(f"aws s3api delete-objects: {failed[0].get('Key')}: {failed[0].get('Message')}")

    def call(self, *words: str, seconds: float = CALL_SECONDS) -> str:
        """What the AWS CLI said when it was asked so. Raises CouldNotLook when it failed."""
        try:
            done = subprocess.run(
                [str(self.client), *words, *LIMITS],
                cwd=self._folder,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "HOME": str(self._folder),
                    "LC_ALL": "C.UTF-8",
                    **self.environment,
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise CouldNotLook(f"aws {' '.join(words[:2])} was not done after {seconds:g} s") from error
        if done.returncode:
            raise CouldNotLook(f"aws {' '.join(words[:2])}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _answers(self, port: int) -> bool:
        """Whether the server speaks HTTP yet."""
        asked = HTTPConnection(LOOPBACK, port, timeout=1.0)
        try:
            asked.request("GET", "/moto-api/")
            return asked.getresponse().status < 500  # noqa: PLR2004 - a server error (RFC 9110, 15.6)
        except OSError:
            return False
        finally:
            asked.close()
