"""Dockerfiles are read as BuildKit reads them: continued lines, comments within, here-documents, flags, stages."""

from __future__ import annotations

from datetime import UTC, datetime

from plimsoll.artefacts.dockerfile import observe
from plimsoll.observations.artefacts import Dockerfile, Dockerfiles, Kind, SourceFile

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def seen(text: str, *, fragment: bool = False) -> Dockerfiles:
    """The observation of one Dockerfile."""
    return observe((SourceFile(name="Dockerfile", kind=Kind.DOCKERFILE, text=text, fragment=fragment),), NOW)


def recipe(text: str) -> Dockerfile:
    """The only recipe of a text that holds nothing strange."""
    found = seen(text)
    assert found.troubles == ()
    return found.recipes[0]


def test_continued_lines_are_one_instruction_at_its_first_line() -> None:
    """Comments and empty lines may stand between them."""
    read = recipe('FROM a:1\n\nRUN one \\\n  # why\n\n  && two\nCMD ["x"]\n')

    run, command = read.final.instructions
    assert (run.name, run.text, run.spot.line) == ("RUN", "one && two", 3)
    assert (command.words, command.spot.line) == (("x",), 7)


def test_another_escape_may_be_chosen() -> None:
    """As on Windows, where the backslash stands in paths."""
    read = recipe("# escape=`\nFROM a:1\nRUN one `\n two\nCOPY x C:\\\n")

    assert [each.text for each in read.final.instructions] == ["one two", "x C:\\"]


def test_flags_are_no_arguments() -> None:
    """`--from=builder --chown=1:1` come before what is copied."""
    read = recipe("FROM a:1 AS builder\nFROM b:1\nCOPY --from=builder --chown=1:1 /x /y\n")

    copy = read.final.instructions[0]
    assert (copy.flag("from"), copy.flag("chown"), copy.flag("link"), copy.text) == ("builder", "1:1", "", "/x /y")


def test_here_documents_belong_to_their_instruction() -> None:
    """What stands in them is no instruction."""
    read = recipe("FROM a:1\nRUN <<EOF\nUSER root\nEOF\nUSER 1001\n")

    assert [each.name for each in read.final.instructions] == ["RUN", "USER"]
    assert "USER root" in read.final.instructions[0].text


def test_stages_stand_on_each_other() -> None:
    """What a stage does not say, the one below it does; names are found in any case, and numbers as well."""
    read = recipe('ARG V=1\nFROM a:${V} AS Base\nUSER 1\nFROM base\nCMD ["x"]\n')

    assert [stage.base for stage in read.lineage(read.final)] == ["base", "a:${V}"]
    user = read.inherited(read.final, "USER")
    assert user is not None
    assert user.text == "1"
    assert read.stage("BASE") is read.stage("0") is read.stages[0]
    assert [each.text for each in read.arguments] == ["V=1"]
    assert read.whole


def test_a_health_check_is_what_it_runs() -> None:
    """Its CMD is no part of the command, in either form."""
    for said in ('CMD ["curl", "x"]', "CMD curl x"):
        check = recipe(f"FROM a:1\nHEALTHCHECK --interval=5s {said}\n").final.instructions[0]
        assert (check.words, check.flag("interval")) == (("curl", "x"), "5s")


def test_what_is_no_instruction_is_named() -> None:
    """With its line; a whole file without FROM is none at all, a fragment may begin later."""
    assert [str(t.spot) + t.what for t in seen("FROM a:1\nRUNN x\n").troubles] == [
        "Dockerfile:2'RUNN' is no instruction"
    ]
    assert [t.what for t in seen("USER 1\n").troubles] == ["has no FROM"]
    assert seen("USER 1\n", fragment=True).troubles == ()
