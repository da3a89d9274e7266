"""Runs of load, and orders for them, as JSON files: what a run of the generator is given, and what it leaves."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from plimsoll.document import Place, opened
from plimsoll.errors import PlimsollError
from plimsoll.observations.load.order import Order
from plimsoll.observations.load.run import LoadRun
from plimsoll.packed import packed, unpacked

SCHEMA = 1
SCHEMA_MEMBER = "schema"
RUN_HINT = "a load.json is written by a run of locust -f loadtests/; docs/load.md describes it"
ORDER_HINT = "docs/load.md describes what a file in PLIMSOLL_LOAD_PLAN says"


def as_json(value: LoadRun | Order) -> str:
    """The run or the order in one line of JSON."""
    document = packed(value)
    assert isinstance(document, dict)  # noqa: S101 - a record packs into an object
    return json.dumps({SCHEMA_MEMBER: SCHEMA, **document}, separators=(",", ":"))


def write(value: LoadRun | Order, path: Path) -> None:
    """The file is there as a whole, or as it was before; only its owner may read it. Raises PlimsollError."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.touch(mode=0o600)
        with new.open("w", encoding="utf-8") as file:
            file.write(as_json(value))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise PlimsollError(
            f"cannot write {path}: {error.strerror}",
            hint="free space, or choose another place: --result, or TMPDIR where a suite asks",
        ) from error


def read_run(path: Path) -> LoadRun:
    """The run that a load.json tells of. Raises BadInput with the file and the place of what is not as expected."""
    return unpacked(_known(opened(path, hint=RUN_HINT)), LoadRun)


def read_order(path: Path) -> Order:
    """The order that such a file gives. Raises BadInput as well."""
    return unpacked(_known(opened(path, hint=ORDER_HINT)), Order)


def order_of(text: str) -> Order:
    """The order that was written as this JSON, by whoever is trusted to have done so."""
    return unpacked(_known(Place(file="the order", key="", value=json.loads(text), hint=ORDER_HINT)), Order)


def _known(top: Place) -> Place:
    schema = top.item(SCHEMA_MEMBER)
    if schema.value != SCHEMA:
        raise schema.wrong(f"schema {SCHEMA}")
    return top
