"""A cloud's stand-in: it is told what Terraform's files say, and keeps what the runbook's scripts ask of it."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from plimsoll.drills.cloud.store import HOME, ObjectStore
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills import Asked
from plimsoll.probes.scanners import environments
from plimsoll.probes.scanners.scanner import POLICIES

DRIVER = POLICIES / "scanners" / "cloud_driver.py"
SCRIPTS = "aws-cli/"
"""How the client of scripts calls itself; ours is another."""

READ_ONLY = ("Describe", "List", "Get")
SECONDS = 20.0

Answer = Mapping[str, object]


class Cloud:
    """While entered, `store.endpoint` answers the APIs of AWS, in every region, with nothing in them at first."""

    def __init__(self, folder: Path) -> None:
        self.store = ObjectStore(folder)
        self._folder = folder
        self._driver: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.store.__enter__()
        interpreter = environments.prepared(HOME) / "bin" / "python"
        with (self._folder / "driver.log").open("wb") as log:
            self._driver = subprocess.Popen(
                [str(interpreter), str(DRIVER)],
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **self.store.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._recorder("start-recording")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._driver is not None:
            with suppress(OSError):
                self._driver.communicate(timeout=SECONDS)
            self._driver.kill()
            self._driver.wait()
        self.store.__exit__(*exception)

    def ask(self, service: str, operation: str, region: str, **parameters: object) -> Answer:
        """What the API says. Raises CouldNotLook where it refuses."""
        driver = self._driver
        assert driver is not None  # noqa: S101 - it is entered
        assert driver.stdin is not None  # noqa: S101 - likewise
        assert driver.stdout is not None  # noqa: S101 - likewise
        call = {"service": service, "operation": operation, "region": region, "parameters": parameters}
        try:
            driver.stdin.write(json.dumps(call) + "\n")
            driver.stdin.flush()
            answer = json.loads(driver.stdout.readline() or "{}")
        except (OSError, ValueError) as error:
            raise CouldNotLook(f"the cloud's stand-in cannot be asked: {error}") from error
        if "said" not in answer:
            raise CouldNotLook(f"{service} {operation} in {region}: {answer.get('error', 'no answer')}")
        said: Answer = answer["said"]
        return said

    def forget(self) -> None:
        """Calls from now on are told of, earlier ones are not."""
        self._recorder("reset-recording")

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The calls of scripts that change something, since they were last forgotten."""
        lines = self._recorder("download-recording", method="GET").splitlines()
        calls = (json.loads(line) for line in lines if line.strip())
        found = [asked_in(call) for call in calls if call["headers"].get("User-Agent", "").startswith(SCRIPTS)]
        return tuple(each for each in found if each.action and not each.action.startswith(READ_ONLY))

    def _recorder(self, what: str, *, method: str = "POST") -> str:
        """What moto's recorder of requests says."""
        place = urlsplit(self.store.endpoint)
        asked = HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
        try:
            asked.request(method, f"/moto-api/recorder/{what}")
            return asked.getresponse().read().decode("utf-8", errors="replace")
        except OSError as error:
            raise CouldNotLook(f"the cloud's stand-in does not answer: {error}") from error
        finally:
            asked.close()


def asked_in(call: Mapping[str, object]) -> Asked:
    """A request as the call of an API that it is: the query protocol's, or Route 53's XML."""
    headers = call["headers"]
    signed = str(headers.get("Authorization", "")) if isinstance(headers, dict) else ""
    credential = signed.partition("Credential=")[2].partition(",")[0].split("/")
    region = credential[2] if len(credential) > 2 else ""  # noqa: PLR2004 - key/day/region/service (AWS, SigV4)
    raw = str(call.get("body") or "")
    body = b64decode(raw).decode("utf-8", errors="replace") if call.get("body_encoded") else raw
    if body.lstrip().startswith("<"):
        root = _parsed(body)
        return Asked(action=_xml_name(root), region=region, parameters=dict(_changes(root)))
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(body):
        plain = name.partition(".")[0]
        parameters[plain] = f"{parameters[plain]},{value}" if plain in parameters else value
    return Asked(action=parameters.pop("Action", ""), region=region, parameters=parameters)


def _xml_name(root: ET.Element | None) -> str:
    return _plain(root.tag).removesuffix("Request") if root is not None else ""


def _parsed(body: str) -> ET.Element | None:
    with suppress(ET.ParseError):
        return ET.fromstring(body)  # noqa: S314 - what our own scripts have sent
    return None


def _changes(root: ET.Element | None) -> Iterator[tuple[str, str]]:
    """The changes of a batch as one line each: `UPSERT tasks.example CNAME 60 dr.tasks.example`."""
    changes = [each for each in root.iter() if _plain(each.tag) == "Change"] if root is not None else []
    for number, change in enumerate(changes):
        said = {_plain(each.tag): (each.text or "").strip() for each in change.iter()}
        words = (said.get(key, "") for key in ("Action", "Name", "Type", "TTL", "Value"))
        yield f"change {number}", " ".join(word for word in words if word)


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]
