"""The arrows of the design hold: who may import whom, and what stands in no module.

A new module of plimsoll goes into ROOMS: find the room whose sentence fits it. A room imports itself and the rooms it
uses, and nothing else of plimsoll; from outside the standard library it imports what OUTSIDE allows it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from plimsoll.rules import RULES
from tests.imports import HOME, imports, name_of


@dataclass(frozen=True, slots=True)
class Room:
    """Modules that belong together, and the rooms whose doors are open to them."""

    modules: str
    uses: str = ""


ROOMS: Mapping[str, Room] = {
    # Words, values and small tools; they know nothing of deployments, servers or pytest.
    "base": Room(
        "__init__ model observations errors wait shape places tables document packed redact"
        " labelled mounts runs segments services statistics"
    ),
    # Pure judgements.
    "rules": Room("rules", uses="base"),
    # Reads deployment.toml; promises are checked against the signatures of their rules.
    "deployment": Room("deployment promises oddities workloads", uses="base rules"),
    # Texts of files understood, without I/O.
    "artefacts": Room("artefacts", uses="base"),
    # A deployment running.
    "stacks": Room("stacks", uses="base artefacts"),
    # Looks at stacks and files, and never judges.
    "probes": Room("probes", uses="base stacks artefacts"),
    # Acts on a stack on purpose, and proves what happened.
    "drills": Room("drills", uses="base stacks probes artefacts"),
    # Writes a verdict down.
    "report": Room("report", uses="base"),
    # Where looks and judgements meet, and what one run is about.
    "inspection": Room("inspection looks session", uses="base rules deployment stacks probes artefacts drills"),
    # What pytest or a terminal starts.
    "entrance": Room(
        "plugin suite selection __main__ compare doctor mutants rulebook",
        uses="base rules deployment stacks probes artefacts drills report inspection",
    ),
}

OUTSIDE: Mapping[str, str] = {
    "artefacts": "cronsim crossplane hcl2 lark tree_sitter tree_sitter_bash yaml",
    "probes": "crossplane cronsim cryptography h11 OpenSSL pg8000 testinfra wsproto yaml",
    "stacks": "trustme cryptography docker pg8000 testcontainers",
    "drills.backup.archives": "cryptography",  # this module alone
    "plugin": "pytest",  # likewise
}

FLOORS = ("recorder", "cloud", "protocol", "clients", "host", "stage", "backup", "recovery rollout resilience")
"""Of the drills' own room, from the ground up: a module imports its own folder, and the floors below."""

RULES_MAY_IMPORT = (
    "__future__ base64 collections dataclasses datetime fnmatch functools inspect ipaddress itertools json math re"
    " types typing urllib.parse"
)
"""Of the standard library, what neither looks at the world nor changes it: a rule gets what it judges handed to it."""

HEAVY = frozenset({"docker", "testcontainers"})
"""Slow to import: whoever runs on plain processes or live must not wait for an engine's client."""

LONGEST_FILE = 300
LONGEST_CONFTEST = 20

LIBRARY = HOME / "plimsoll"
FILES = sorted(LIBRARY.rglob("*.py"))
IMPORTS = [each for file in FILES for each in imports(file)]
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LIBRARY)))


def room_of(module: str) -> str:
    """The room of a module of plimsoll: `rules` for `plimsoll.rules.tls`."""
    first = module.split(".")[1] if "." in module else "__init__"
    return next((name for name, room in ROOMS.items() if first in room.modules.split()), f"no room for {first}")


def calls(file: Path) -> Iterable[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_module_has_one_room() -> None:
    """A module without a room would be held by nothing; a room may name modules that are yet to come."""
    homes = [module for room in ROOMS.values() for module in room.modules.split()]

    assert len(homes) == len(set(homes))
    assert {room_of(name_of(file)) for file in FILES} <= ROOMS.keys()


def test_rooms_form_no_circle() -> None:
    """Forward only, each room entered once: a room uses rooms that stand above it."""
    for number, room in enumerate(ROOMS.values()):
        assert set(room.uses.split()) <= set([*ROOMS][:number])


def test_rooms_are_entered_by_their_doors() -> None:
    """A room imports itself and the rooms it uses."""
    wrong = []
    for each in IMPORTS:
        here = room_of(name_of(each.file))
        if each.top == "plimsoll" and room_of(each.module) not in (here, *ROOMS[here].uses.split()):
            wrong.append(f"{each}, but {here} uses only: {ROOMS[here].uses}")

    assert any(each.top == "plimsoll" for each in IMPORTS)
    assert wrong == []


def test_drills_stand_on_the_floors_below() -> None:
    """What a drill is made of knows no drill, and no kind of drill knows another, but for what befalls backups."""
    floors = {folder: number for number, floor in enumerate(FLOORS) for folder in floor.split()}
    wrong = []
    for each in (each for each in IMPORTS if each.module.startswith("plimsoll.drills.")):
        here, there = name_of(each.file).split("."), each.module.split(".")[2]
        if here[1] == "drills" and here[2] != there and floors[there] >= floors[here[2]]:
            wrong.append(str(each))

    assert wrong == []


def test_what_comes_from_outside() -> None:
    """Beyond the standard library a room imports what OUTSIDE allows it; so nobody but the plugin imports pytest."""
    wrong = []
    for each in IMPORTS:
        name = name_of(each.file)
        allowed = f"{OUTSIDE.get(room_of(name), '')} {OUTSIDE.get(name.removeprefix('plimsoll.'), '')}".split()
        if each.top not in {"plimsoll", *sys.stdlib_module_names, *allowed}:
            wrong.append(str(each))

    assert wrong == []
    assert {name_of(each.file) for each in IMPORTS if each.top == "pytest"} == {"plimsoll.plugin"}


def test_nobody_imports_locust() -> None:
    """It changes sockets for everybody in its process, so it runs in one of its own, also with late workers."""
    files = [file for folder in ("plimsoll", "suites", "tests") for file in (HOME / folder).rglob("*.py")]
    importing = {file.relative_to(HOME) for file in files for each in imports(file) if each.top == "locust"}

    assert importing == {Path("tests/load/late_locust.py")}


@every_file
def test_rules_do_not_look_at_the_clock(file: Path) -> None:
    """What a rule needs to know of the time stands in what it judges: a stored run is judged as it was."""
    told = {called(call) for call in calls(file)} & {"now", "utcnow", "today"}

    assert not told or room_of(name_of(file)) != "rules"


def test_rules_do_no_io() -> None:
    """A rule that could look for itself could not be judged by cases."""
    allowed = {"plimsoll", *RULES_MAY_IMPORT.split()}
    files = [file for file in FILES if room_of(name_of(file)) == "rules"]
    foreign = [str(i) for file in files for i in imports(file) if not {i.top, i.module} & allowed]
    opened = [
        f"{file.name}:{call.lineno}" for file in files for call in calls(file) if called(call) in {"open", "print"}
    ]

    assert foreign == []
    assert opened == []


def test_heavy_libraries_wait_until_they_are_used() -> None:
    """Importing any module that is not a container's own imports none of them, however many steps away."""
    eager = {name_of(file): {each.module for each in imports(file) if each.eager} for file in FILES}
    reached, ahead = set[str](), {name for name in eager if room_of(name) != "stacks"} | {"plimsoll.stacks"}
    while ahead:
        reached |= ahead
        ahead = {module for name in ahead for module in eager.get(name, ())} - reached

    assert {module for module in reached if module.partition(".")[0] in HEAVY} == set()
    assert {room_of(name_of(each.file)) for each in IMPORTS if each.top in HEAVY} <= {"stacks"}


@every_file
def test_nobody_else_waits(file: Path) -> None:
    """The only clock and the only waiting loop are in wait.py: elsewhere nothing sleeps or waits for an event."""
    sleeps = [call.lineno for call in calls(file) if called(call) == "sleep"]
    events = [call.lineno for call in calls(file) if called(call) in {"Event", "Condition", "Timer"}]
    clocks = [each.line for each in imports(file) if each.module in {"time", "sched", "asyncio"}]

    if file == LIBRARY / "wait.py":
        assert (len(sleeps), events, len(clocks)) == (2, [], 1)
    else:
        assert (sleeps, events, clocks) == ([], [], [])


@every_file
def test_files_are_short_and_say_what_they_are(file: Path) -> None:
    """No file outgrows its reader, each says in its first line what it is about, and nothing waits to be done."""
    text = file.read_text(encoding="utf-8")

    assert text.count("\n") <= LONGEST_FILE
    assert not text.strip() or ast.get_docstring(ast.parse(text))
    assert re.findall(r"\b(?:TODO|FIXME|XXX)\b", text) == []


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_promises(rule: str) -> None:
    """A rule's docstring becomes the title of promises that have none: one sentence, in one line."""
    assert re.fullmatch(r"[A-Z].*\.", RULES[rule].says)


def test_the_switch_is_small() -> None:
    """The conftest.py at the top switches the plugin on and does nothing else."""
    assert len((HOME / "conftest.py").read_text(encoding="utf-8").splitlines()) < LONGEST_CONFTEST


def test_imports_are_read_as_written(tmp_path: Path) -> None:
    """What the tests above rely on: every way to import is seen, and whether it happens at once."""
    (tmp_path / "plimsoll" / "rules").mkdir(parents=True)
    (tmp_path / "plimsoll" / "model.py").touch()
    (tmp_path / "plimsoll" / "rules" / "tls.py").touch()
    file = tmp_path / "plimsoll" / "rules" / "sample.py"
    file.write_text(
        "import os.path, ssl\nfrom plimsoll import model\nfrom plimsoll.model import Promise\nfrom . import tls\n"
        "from ..model import Finding\ndef f():\n    import docker\nif True:\n    from urllib import request\n"
        "if TYPE_CHECKING:\n    import h11\n",
        encoding="utf-8",
    )

    assert sorted((each.line, each.module, each.eager) for each in imports(file, tmp_path)) == [
        (1, "os.path", True),
        (1, "ssl", True),
        (2, "plimsoll.model", True),
        (3, "plimsoll.model", True),
        (4, "plimsoll.rules.tls", True),
        (5, "plimsoll.model", True),
        (7, "docker", False),
        (9, "urllib.request", True),
        (11, "h11", False),
    ]


def test_tests_are_called_as_nobody_else_is() -> None:
    """Their folders are searched before the standard library, and pytest knows a test file by its last name alone."""
    names = [file.stem for file in (HOME / "tests").rglob("*.py")]
    tests = [name for name in names if name.startswith("test_")]

    assert {*names} & sys.stdlib_module_names == set()
    assert [name for name in tests if tests.count(name) > 1] == []
