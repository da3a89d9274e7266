"""A deployment file is read whole, or refused with one clear error: file, line, key, and a hint."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from plimsoll import promises as reader
from plimsoll.deployment import DEPLOYMENTS, find, read_deployment
from plimsoll.errors import BadInput
from plimsoll.model import Deployment, Limits, Live, Promise, Service, Spot, Waiver
from plimsoll.promises import HOME
from plimsoll.rules import RULES
from plimsoll.services import RECIPES
from plimsoll.stacks.containers import recipes as stack_recipes
from tests.bad_deployments import BAD, LIVE, SERVICES, added
from tests.bad_workloads import BAD_WORKLOADS, GOOD
from tests.odd_deployments import ODD

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a deployment.toml into a folder of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)

    def written(text: str) -> Path:
        path = tmp_path / "deployment.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("name", [*BAD, *ODD, *BAD_WORKLOADS])
def test_bad_input_is_one_clear_error(name: str, write: Write) -> None:
    """The error names file, line and key, says what is wrong and what to do."""
    text, (line, key, fact, hint) = {**BAD, **ODD, **BAD_WORKLOADS}[name]

    with pytest.raises(BadInput) as caught:
        read_deployment(write(text))

    error = caught.value
    where = ": ".join(part for part in (f"deployment.toml:{line}", key) if part)
    assert (error.file, error.line, error.key) == ("deployment.toml", line, key)
    assert error.fact.startswith(f"{where}: {fact}")
    assert len(error.fact) < 300, "an error fits a few lines"
    assert error.hint.startswith(hint)
    assert bool(error.hint) == bool(hint)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """The error names the line of the first byte that is none."""
    bad = tmp_path / "deployment.toml"
    bad.write_bytes(LIVE.encode() + "# café\n".encode("latin-1"))

    with pytest.raises(BadInput, match=r":11: not UTF-8\nhint: save the file as UTF-8"):
        read_deployment(bad)


def test_ten_megabytes_are_not_even_read(tmp_path: Path) -> None:
    """A file of 10 MB is refused for its size."""
    bad = tmp_path / "deployment.toml"
    bad.write_bytes(LIVE.encode() + b"#" * 10_000_000)

    with pytest.raises(BadInput, match=r"larger than 1048576 bytes\nhint: split promises into promises/<area>\.toml"):
        read_deployment(bad)


def test_a_thousand_brackets_are_refused(write: Write) -> None:
    """Nesting that exhausts the reader is an error of the file, not of the harness."""
    with pytest.raises(BadInput, match="nested too deeply"):
        read_deployment(write("x = " + "[" * 5000 + "]" * 5000))


def test_the_largest_file_is_complained_about_soon(write: Write) -> None:
    """The line of a mistake at the end of a megabyte is found, too."""
    filler = '[[promise]]\nid = "A{}"\nrule = "http2-offered"\n'
    text = added("".join(filler.format(number) for number in range(10_000)) + "x = 1\n")

    with pytest.raises(BadInput, match=r"deployment\.toml:30011: promise\[10000\]\.x: unknown key"):
        read_deployment(write(text))


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        (
            "headers.toml",
            'promise = "x"\n',
            r"promises/headers\.toml:1: promise: expected a list, each a table, got 'x'",
        ),
        ("headers.toml", "[waiver]\n", r"promises/headers\.toml:1: waiver: unknown key\nhint: known here: promise"),
        (
            "headers.toml",
            '\n[[promise]]\nid = "SH-01"\nrule = "http2-offered"\n',
            r"promises/headers\.toml:3: promise\[0\]\.id: SH-01 is declared twice, first in deployment\.toml",
        ),
        (
            "heads.toml",
            '[[promise]]\nid = "B"\nrule = "http2-offered"\n',
            r"promises/heads\.toml:1: promise\[0\]\.area: no suite judges the area 'heads'; did you mean 'headers'\?",
        ),
        ("headers.toml", "x", r"promises/headers\.toml:1: not TOML"),
    ],
)
def test_promises_beside_are_read_with_the_same_suspicion(write: Write, name: str, text: str, refusal: str) -> None:
    """A mistake in promises/<area>.toml is reported there."""
    path = write(LIVE)
    (path.parent / "promises").mkdir()
    (path.parent / "promises" / name).write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=refusal):
        read_deployment(path)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A folder among the promises is an error of its own."""
    path = tmp_path / "deployment.toml"
    path.write_text(LIVE, encoding="utf-8")
    (tmp_path / "promises" / "edge.toml").mkdir(parents=True)

    with pytest.raises(BadInput, match=r"promises/edge\.toml: cannot be read: Is a directory"):
        read_deployment(path)


@pytest.mark.parametrize("name", ["nestmapp", "/no/such/place", "x" * 5000, "a\0b", ""])
def test_an_unknown_deployment_is_refused(name: str) -> None:
    """Neither a name nor a path: those that exist are listed."""
    with pytest.raises(
        BadInput, match=r"(?s)^--deployment: no deployment .*hint: a path to a deployment\.toml, or one of: .*nestmap"
    ):
        find(name)


def test_a_deployment_is_found_by_name_by_folder_and_by_file(write: Write) -> None:
    """The three ways to say which deployment is meant."""
    path = write(LIVE)

    assert find("nestmap") == DEPLOYMENTS / "nestmap" / "deployment.toml"
    assert find(str(path.parent)) == find(str(path)) == find(".") == path.resolve()


@pytest.mark.parametrize("path", sorted(DEPLOYMENTS.glob("*/deployment.toml")), ids=lambda path: path.parent.name)
def test_every_deployment_here_reads(path: Path) -> None:
    """What this project keeps under fixtures/deployments is right."""
    read = read_deployment(path)

    assert read.name == path.parent.name
    assert len({promise.id for promise in read.promises}) == len(read.promises) > 0
    assert all(promise.source for promise in read.promises)


def test_recipes_are_those_of_the_stacks() -> None:
    """What a deployment may name, stacks can run."""
    assert set(RECIPES) <= set(stack_recipes.RECIPES) | set(stack_recipes.SHARED)


def test_ten_lines_are_a_deployment(write: Write) -> None:
    """What the file says comes back, and what it does not say has its default."""
    read = read_deployment(write(LIVE))

    promise = Promise(
        id="SH-01",
        rule="certificate-valid",
        area="tls",
        title=RULES["certificate-valid"].says,
        source="deployment.toml",
        parameters={"days_left": 30},
    )
    assert read == Deployment(
        name="shop",
        root=read.root,
        hosts=("shop.example",),
        promises=(promise,),
        paths={"page": "/"},
        live=Live(url="https://shop.example"),
    )


def test_everything_that_can_be_said_is_read(write: Write) -> None:
    """Every table of a deployment, a policy among them, comes back as it was said."""
    path = write(
        SERVICES
        + 'title = "Speaks HTTP/2"\nsource = "the guide, L3"\nneeds = ["cdn"]\narea = "edge"\n'
        + '[paths]\npage = "/"\n[limits]\nrequests_per_second = 5\n[generated]\n"big.bin" = 10\n'
        + '[artefacts]\ncrontab = "nginx.conf"\n[services.edge.files]\n"big.bin" = "/srv/big.bin"\n'
        + '[[waiver]]\npromise = "SH-01"\nreason = "r"\nowner = "o"\nexpires = 2027-01-31\n'
    )
    (path.parent / "nginx.conf").touch()

    read = read_deployment(path)

    assert read.promises == (
        Promise(
            id="SH-01",
            rule="http2-offered",
            area="edge",
            title="Speaks HTTP/2",
            source="the guide, L3",
            needs=("cdn",),
            waiver=Waiver(reason="r", owner="o", expires=date(2027, 1, 31), spot=Spot("deployment.toml", 30)),
        ),
    )
    assert read.services == {
        "edge": Service(
            role="edge", recipe="nginx", ports=(443, 80), config="nginx.conf", files={"big.bin": "/srv/big.bin"}
        )
    }
    assert (read.limits, read.paths) == (Limits(requests_per_second=5.0), {"page": "/"})
    assert (read.generated, read.artefacts) == ({"big.bin": 10}, {"crontab": "nginx.conf"})


def test_a_policy_is_adopted_by_name(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its promises join the deployment's own, in the area of their rules; its mistakes are reported where they are."""
    (tmp_path / "policies").mkdir()
    policy = tmp_path / "policies" / "modern.toml"
    policy.write_text(
        'name = "modern"\ndated = 2026-01-01\n[[promise]]\nid = "MO-1"\nrule = "http2-offered"\n', encoding="utf-8"
    )
    monkeypatch.setattr(reader, "POLICIES", policy.parent)

    read = read_deployment(write('policies = ["modern"]\n' + LIVE))
    assert [(promise.id, promise.area) for promise in read.promises] == [("SH-01", "tls"), ("MO-1", "tls")]

    with pytest.raises(
        BadInput,
        match=r"deployment\.toml:2: policies: no policy 'modem'; did you mean 'modern'\?\nhint: there are: modern",
    ):
        read_deployment(write('#\npolicies = ["modem"]\n' + LIVE))
    policy.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"policies/modern\.toml:1: x: unknown key"):
        read_deployment(write('policies = ["modern"]\n' + LIVE))


@pytest.mark.parametrize("name", ["unknown key", "not TOML", "missing artefact"])
def test_a_run_ends_with_the_error_and_exit_code_2(write: Write, name: str) -> None:
    """A user sees the error, not where the harness raised it."""
    path = write(BAD[name][0])

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "suites/smoke", "--deployment", str(path)],
        cwd=HOME,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = ended.stdout + ended.stderr
    line, key, fact, hint = (*BAD[name][1],)
    assert ended.returncode == 2
    assert f"deployment.toml:{line}: {key + ': ' if key else ''}{fact}" in said
    assert f"hint: {hint}" in said
    assert "Traceback" not in said


def test_a_workload_is_what_clients_do(write: Write) -> None:
    """Journeys have their names and steps, and so many requests a second come of the rate."""
    workload = read_deployment(write(LIVE + GOOD)).workload

    assert workload is not None
    assert [journey.name for journey in workload.journeys] == ["browse"]
    assert workload.routes == ("list", "one")
    assert workload.requests == 60.0
    assert workload.journeys[0].steps[0].keeps == {"id": "id"}
