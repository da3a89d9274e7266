"""A run's folder holds three whole files, or none, and `latest` names the newest run."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from plimsoll.errors import BadInput, PlimsollError
from plimsoll.redact import Redactor
from plimsoll.report import point_latest, read, write
from plimsoll.report.clean import clean

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample

FILES = {"junit.xml", "report.html", "verdict.json"}


def test_run_is_written_as_three_files(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """JSON, page and JUnit stand side by side, and nothing else does."""
    page = write(make_verdict(sample.mixed(34)), tmp_path / "run", redact=Redactor())
    assert page == tmp_path / "run" / "report.html"
    assert {path.name for path in page.parent.iterdir()} == FILES


def test_verdict_json_has_the_agreed_shape(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """Other people's scripts rely on these names."""
    findings = (sample.broken(waiver=sample.waiver()), sample.kept(), sample.unknown(out_of_reach=True))
    write(make_verdict(findings), tmp_path, redact=Redactor())
    document = json.loads((tmp_path / "verdict.json").read_text())
    assert list(document) == [
        *("schema", "run", "outcome", "counts", "findings", "files", "advice", "baseline", "drills", "history"),
        *("loads", "capacities"),
    ]
    assert document["schema"] == 1
    assert document["run"]["started"] == "2026-03-14T09:26:53Z"
    run = ["id", "started", "finished", "deployment", "stack", "images", "tool_versions", "strict", "root"]
    assert list(document["run"]) == run
    assert document["outcome"] == "pass"
    assert document["counts"] == {"pass": 1, "fail": 1, "unknown": 1, "not_applicable": 0}
    first, second, third = document["findings"]
    members = "promise rule area title source outcome expected actual message hint evidence holes known"
    members += " seconds out_of_reach waiver"
    assert list(first) == members.split()
    assert first["waiver"] == {
        "reason": "the old client cannot follow",
        "owner": "platform team",
        "expires": "2026-09-01",
    }
    assert (second["waiver"], third["out_of_reach"]) == (None, True)


def test_holes_files_and_advice_are_in_the_json(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """Each with its place; what a file was not understood for, too."""
    verdict = replace(
        make_verdict((sample.holed(holes=1),)),
        files=(sample.file(), sample.file("values.yml", trouble="a template")),
        advice=(sample.advice(),),
    )
    write(verdict, tmp_path, redact=Redactor())
    document = json.loads((tmp_path / "verdict.json").read_text())
    assert document["findings"][0]["holes"] == [
        {
            "file": "compose/production.yml",
            "line": 7,
            "what": "port 8000 of service s0 is published to every network",
            "fix": '- "127.0.0.1:8000:8000"',
            "beside": [{"file": "firewall/rules.sh", "line": 3}],
            "known": False,
        }
    ]
    assert document["files"][1] == {
        "name": "values.yml",
        "kind": "compose",
        "file": "values.yml",
        "line": 12,
        "trouble": "a template",
    }
    assert document["advice"] == [
        {
            "scanner": "checkov",
            "rule": "CKV_1",
            "severity": "high",
            "file": "docker/Dockerfile",
            "line": 1,
            "message": "Ensure that what number 1 asks for is so",
            "link": "https://docs.example/rules/1",
        }
    ]
    assert read(tmp_path / "verdict.json") == clean(verdict, redact=Redactor())


def test_junit_says_what_decides_the_run(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """Broken is a failure, could not tell an error; what does not decide the run is skipped with its reason."""
    findings = (
        sample.broken(1),
        sample.broken(2, waiver=sample.waiver()),
        sample.unknown(3),
        sample.unknown(4, out_of_reach=True),
        sample.kept(5),
        sample.not_applicable(6),
        replace(sample.holed(7), known=True),
    )
    write(make_verdict(findings), tmp_path, redact=Redactor())
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314 - a file this test wrote
    cases = suite.findall("testcase")
    assert [[child.tag for child in case] for case in cases] == [
        ["failure"],
        ["skipped"],
        ["error"],
        ["skipped"],
        [],
        ["skipped"],
        ["skipped"],
    ]
    assert cases[0].get("classname") == "headers"
    assert cases[0].get("name") == f"{findings[0].promise.id} {findings[0].promise.title}"
    assert "waived until 2026-09-01 by platform team" in cases[1][0].get("message", "")
    assert "known since the baseline was written" in cases[6][0].get("message", "")
    assert "out of reach" in cases[3][0].get("message", "")
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["7", "1", "1", "4"]
    properties = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    assert properties["deployment"] == "sample"
    assert properties["stack"] == "processes"
    assert properties["image.edge"] == "nginx 1.22.1 (local program)"


def test_strict_run_does_not_skip_what_is_out_of_reach(
    sample: Sample, make_verdict: MakeVerdict, tmp_path: Path
) -> None:
    """JUnit agrees with the exit code: under --strict an unreachable promise is an error."""
    write(make_verdict((sample.unknown(out_of_reach=True),), strict=True), tmp_path, redact=Redactor())
    assert "<error" in (tmp_path / "junit.xml").read_text()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow beyond that size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_leaves_no_half_file(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """Where the bytes do not fit, the earlier report stays whole and the error says what to do."""
    write(make_verdict((sample.kept(),)), tmp_path, redact=Redactor())
    earlier = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with files_of_at_most(4096), pytest.raises(PlimsollError, match="cannot be written") as caught:
        write(make_verdict(sample.mixed(34)), tmp_path, redact=Redactor())
    assert "free some space" in caught.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == earlier


def test_folder_that_cannot_be_made_is_told(make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """A file in the way is a plain error, without a secret that its name may hold."""
    (tmp_path / "taken-hunter22").write_text("")
    with pytest.raises(PlimsollError) as caught:
        write(make_verdict(), tmp_path / "taken-hunter22" / "run", redact=Redactor(["hunter22"]))
    assert "taken-***/run" in str(caught.value)


def test_latest_names_the_newest_run(tmp_path: Path) -> None:
    """`latest` is a relative link that moves on, so that the folder can be copied elsewhere."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        assert point_latest(tmp_path / name) == tmp_path / "latest"
    assert os.readlink(tmp_path / "latest") == "second"  # noqa: PTH115 - the link's own text is what matters
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "latest", "second"]


def test_latest_is_a_file_where_links_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system makes no symbolic links, `latest` holds the name."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "run").mkdir()
    point_latest(tmp_path / "run")
    monkeypatch.setattr(os, "symlink", refuse)
    point_latest(tmp_path / "run")
    assert not (tmp_path / "latest").is_symlink()
    assert (tmp_path / "latest").read_text() == "run\n"


def test_folder_named_latest_is_not_overwritten(tmp_path: Path) -> None:
    """A real folder of that name is somebody's: it stays, and the error names it."""
    (tmp_path / "latest").mkdir()
    with pytest.raises(PlimsollError, match="latest"):
        point_latest(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


BAD = [
    ("[]", "expected an object"),
    ("{", "is not JSON"),
    ('{"schema": 2}', "schema: expected schema 1, found 2"),
    ("[" * 100_000, "nested too deep"),
    ("{}", "schema: expected a member of this name"),
]


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_file_that_is_no_verdict_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    """The error names the file and what was expected there."""
    path = tmp_path / "verdict.json"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert expected in str(caught.value)


Edit = tuple[tuple[str | int, ...], object, str]

EDITS: list[Edit] = [
    (("run", "started"), "yesterday", "run.started: expected an ISO 8601 moment"),
    (("run", "started"), "2026-03-14T09:26:53", "run.started: expected an ISO 8601 moment"),
    (("run", "images"), {"edge": 5}, "run.images.edge: expected a text, found 5"),
    (("run", "strict"), "no", "run.strict: expected true or false"),
    (("findings", 0, "outcome"), "maybe", "findings[0].outcome: expected one of pass, fail"),
    (("findings", 0, "outcome"), ["pass"], "findings[0].outcome: expected one of pass, fail"),
    (("findings", 0, "seconds"), True, "findings[0].seconds: expected a number"),
    (("findings", 0, "evidence"), ["a", None], "findings[0].evidence[1]: expected a text, found null"),
    (("findings", 0, "waiver"), {"reason": "r", "owner": "o", "expires": "soon"}, "waiver.expires: expected an ISO"),
    (("findings", 0, "waiver"), "yes", "findings[0].waiver: expected an object"),
    (("findings", 0, "holes"), [{"file": "a", "line": 1}], "holes[0].what: expected a member of this name"),
    (("findings", 0, "known"), 1, "findings[0].known: expected true or false"),
    (("files",), [{"name": "a", "kind": "b", "file": "a", "line": -1}], "files[0].line: expected a whole number"),
    (("advice",), [{"scanner": "a", "severity": "bad"}], "advice[0].severity: expected one of critical, high"),
    (("findings",), {}, "findings: expected an array"),
]


@pytest.mark.parametrize("edit", EDITS, ids=[edit[2].partition(":")[0] for edit in EDITS])
def test_each_wrong_member_is_named(edit: Edit, sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """Whoever edits a stored run is told which member is wrong."""
    place, value, expected = edit
    write(make_verdict((sample.kept(),)), tmp_path, redact=Redactor())
    path = tmp_path / "verdict.json"
    document = json.loads(path.read_text())
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    path.write_text(json.dumps(document))
    with pytest.raises(BadInput) as caught:
        read(path)
    assert expected in str(caught.value)


def test_missing_and_undecodable_files_are_told(tmp_path: Path) -> None:
    """No file and no UTF-8 are plain errors too."""
    with pytest.raises(BadInput, match="No such file"):
        read(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(BadInput, match="not UTF-8"):
        read(tmp_path / "latin.json")


def test_older_run_without_the_additions_is_read(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """What came later than schema 1 may be absent."""
    write(make_verdict((sample.kept(),)), tmp_path, redact=Redactor())
    path = tmp_path / "verdict.json"
    document = json.loads(path.read_text())
    del document["run"]["strict"]
    del document["run"]["root"], document["files"], document["advice"], document["baseline"]
    for name in ("out_of_reach", "holes", "known"):
        del document["findings"][0][name]
    path.write_text(json.dumps(document))
    assert not read(path).strict
