"""Shell scripts are read as bash reads them, as far as a judgement needs it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts.observe import observe
from plimsoll.observations.artefacts import Kind, Script, ShellScripts, SourceFile
from plimsoll.rules.operations.programs import calls_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def read(text: str, **beside: str) -> Script:
    """The script of that text; `beside` are environment files (ending in _env) and scripts that it may read."""
    sources = [SourceFile(name="b.sh", kind=Kind.SCRIPT, text=text)]
    for name, said in beside.items():
        kind = Kind.ENVIRONMENT if name.endswith("_env") else Kind.SCRIPT
        sources.append(SourceFile(name=f"scripts/{name}", kind=kind, text=said))
    seen = observe(ShellScripts, sources, NOW)
    assert isinstance(seen, ShellScripts)
    return seen.scripts[0]


@pytest.mark.parametrize(
    ("head", "stops", "pipefail"),
    [
        ("set -e", True, False),
        ("set -euo pipefail", True, True),
        ("set -o errexit -o pipefail", True, True),
        ("set -e\nset -o pipefail", True, True),
        ("#!/bin/bash -e", True, False),
        ("#!/usr/bin/env -S bash -euo pipefail", True, True),
        ("set -euo pipefail\nset +e", False, True),
        ("set -x", False, False),
    ],
)
def test_options_in_force(head: str, stops: bool, pipefail: bool) -> None:
    """Options hold from where they are set, in whatever way."""
    last = read(f"{head}\npg_dump shop | gzip > x\n").commands[-1]

    assert (last.stops, last.pipefail) == (stops, pipefail)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("$DIR/n_$(date +%F).gz", "/b/n_*.gz"),
        ('"${DIR}/x"', "/b/x"),
        ("$DIR/n_$DAY.gz", "/b/n_$DAY.gz"),
        ("${OTHER:-/c}/x", "/c/x"),
        ("${DIR##*/}", "*"),
        ("'$DIR'", "$DIR"),
        ("a\\ b", "a b"),
    ],
)
def test_words_mean_what_the_script_sets(word: str, value: str) -> None:
    """What the script sets stands in its place, what a command prints is a star, what nobody sets keeps its name."""
    script = read(f"DIR=/b\necho {word}\n")

    assert script.commands[-1].argv == ("echo", value)


def test_settings_of_a_file_that_a_shared_script_reads() -> None:
    """Settings reach a script through another that reads them, and so do its functions."""
    script = read(
        '. "$(dirname "$0")/common.sh"\nat_database pg_dump "$DB"\n',
        **{"common.sh": '. "${ENV:-/etc/shop_env}"\nat_database() { "$@"; }\n', "shop_env": "DB=shop\n"},
    )

    assert [(call.program, call.arguments) for call in calls_of(script)][-1] == ("pg_dump", ("shop",))


@pytest.mark.parametrize(
    ("line", "program", "container"),
    [
        ("sudo -u postgres pg_dump shop", "pg_dump", ""),
        ("timeout 60 nice -n 19 pg_dump shop", "pg_dump", ""),
        ("docker exec -i -u postgres db pg_dump shop", "pg_dump", "db"),
        ("docker compose -f x.yml exec -T db pg_dump shop", "pg_dump", "db"),
        ("docker-compose run --rm db pg_dump shop", "pg_dump", "db"),
        ("PGPASSWORD=$X /usr/bin/pg_dump shop", "pg_dump", ""),
        ("docker compose stop app", "docker", ""),
    ],
)
def test_wrappers_are_taken_off(line: str, program: str, container: str) -> None:
    """What runs is what somebody else runs for it."""
    call = calls_of(read(f"{line}\n"))[-1]

    assert (call.program, call.container) == (program, container)


@pytest.mark.parametrize("text", ["K{\U000f304eJ", "\U000f304e=1", "echo {\U0010ffff}"])
def test_characters_that_end_a_process(text: str) -> None:
    """The library's scanner looks them up in a table that is far too short; all around them is read all the same."""
    (*_, last) = read(f"{text}\ntar -cf x.tar y").commands

    assert [word.text for word in last.words] == ["tar", "-cf", "x.tar", "y"]


def test_what_becomes_of_a_status() -> None:
    """Tested, with something to do instead, one of a pipeline, or the output of another."""
    script = read("if a; then b; fi\nc || { d; exit 1; }\ne | f\ng=$(h)\n! i\n")
    seen = {command.argv[0]: command for command in script.commands}

    assert [name for name, command in seen.items() if command.tested] == ["a", "c", "i"]
    assert [script.commands[number].argv[0] for number in seen["c"].otherwise] == ["d", "exit"]
    assert (seen["e"].pipe, seen["e"].last, seen["f"].last) == (seen["f"].pipe, False, True)
    assert seen["h"].nested


def test_broken_script_is_trouble() -> None:
    """A script that is no bash is named, with a line, and read as far as it goes."""
    seen = observe(ShellScripts, [SourceFile(name="b.sh", kind=Kind.SCRIPT, text="echo a\n\nif then fi (\n")], NOW)

    assert seen.trouble.startswith("b.sh:")
    assert "is not bash" in seen.trouble
