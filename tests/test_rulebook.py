"""The pages of the rules are those that their docstrings and cases make."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.__main__ import main
from plimsoll.rulebook import ADDRESS, PAGES, pages, texts, write_pages
from plimsoll.rules import RULES

COMMAND = "python -m plimsoll rules --write docs/rules"


def test_pages_are_up_to_date() -> None:
    """docs/rules says what the rules say today."""
    made = pages()
    lie = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    stale = sorted(name for name in made.keys() | lie.keys() if made.get(name) != lie.get(name))

    assert not stale, f"{', '.join(stale)} in docs/rules: run {COMMAND}"


def test_every_rule_has_a_section() -> None:
    """Under its own name, with its sentence, so that a link to it leads somewhere."""
    made = pages()
    for rule in RULES.values():
        assert f"\n## {rule.name}\n\n{rule.says}\n" in made[f"{rule.area}.md"]


def test_rules_on_files_show_before_and_after() -> None:
    """The bad case and the good one, as files."""
    page = pages()["containers.md"]
    section = page[page.index("## health-checks-can-fail") :].partition("\n## ")[0]
    before, after = section.index("**Before.**"), section.index("**After.**")

    assert "curl" in section[before:after]
    assert "| `files` | a text | default: none |" in section
    assert "ART-CTR-HEALTH: curl(1), --fail" in section


def test_text_for_reports_names_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine, or where the folder docs is published."""
    monkeypatch.delenv(ADDRESS, raising=False)
    assert texts(["no-such-rule"]) == {}
    assert texts(["http2-offered"])["http2-offered"].page == f"{(PAGES / 'tls.md').as_uri()}#http2-offered"
    monkeypatch.setenv(ADDRESS, "https://docs.example/plimsoll/")
    told = texts(["health-checks-can-fail"])["health-checks-can-fail"]
    assert told.page == "https://docs.example/plimsoll/rules/containers.md#health-checks-can-fail"
    assert "**After.**" in told.markdown
    assert told.says in told.markdown


def test_the_command_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that a stale page asks for; without a folder the rules are listed as before."""
    assert main(["rules", "--write", str(tmp_path)]) == 0
    assert (tmp_path / "tls.md").read_text(encoding="utf-8") == pages()["tls.md"]
    assert f"{len(pages())} pages in {tmp_path}" in capsys.readouterr().out
    assert main(["rules"]) == 0
    assert "http2-offered (tls)" in capsys.readouterr().out


def test_page_of_an_area_that_is_no_more_goes(tmp_path: Path) -> None:
    """What is written anew is the whole folder."""
    (tmp_path / "gone.md").touch()

    assert write_pages(tmp_path) == len(list(tmp_path.glob("*.md"))) == len(pages())
