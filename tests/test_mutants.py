"""Mutants: every promise has one that breaks it, and the runner tells the killed from all others."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.deployment import DEPLOYMENTS, find, read_deployment
from plimsoll.errors import BadInput
from plimsoll.model import Deployment, Finding, Outcome, Promise
from plimsoll.mutants import main
from plimsoll.mutants.command import MUTANTS
from plimsoll.mutants.mutant import Mutant, read_mutant, read_mutants
from plimsoll.mutants.trial import Score, Trial, compare
from plimsoll.promises import POLICIES, general_promises, policy_promises
from plimsoll.rules import RULES
from tests.strangers.stranger import STRANGERS

FEWEST = 30
"""Mutants of the first deployment (issue 2, section 7)."""

SURVIVOR = """
defect = "A comment is not as it was."
breaks = ["NM-TLS-03"]
edit = [{ file = "nginx/snippets/tls.conf", old = "# TLS 1.2", new = "# Tls 1.2" }]
"""
COLLATERAL = """
defect = "The version is told, and X-Frame-Options lacks always."
breaks = ["NM-HDR-07"]
edit = [
    { file = "nginx/nginx.conf", old = "server_tokens off;", new = "" },
    { file = "nginx/snippets/security-headers.conf", old = '"DENY" always', new = '"DENY"' },
]
"""
KILLED = """
defect = "TLS sessions live for a day."
breaks = ["NM-TLS-04"]
says = "SSL_SESSION_TIMEOUT IS 1D"
edit = [{ file = "nginx/snippets/tls.conf", old = "ssl_session_timeout 10m", new = "ssl_session_timeout 1d" }]
"""
KEPT = """
variant = "Too many requests are refused with 503, and 503 is what is promised."
edit = [
    { file = "nginx/nginx.conf", old = "limit_req_status 429;", new = "limit_req_status 503;" },
    { file = "promises/edge.toml", old = "status = 429", new = "status = 503" },
]
"""
ALARM = """
variant = "Whoever promises less is not wrong, but 503 is not what is promised here."
edit = [{ file = "nginx/nginx.conf", old = "limit_req_status 429;", new = "limit_req_status 503;" }]
"""
CLUSTER = """
defect = "The certificate in the cluster comes from somebody else."
breaks = ["NM-TLS-07"]
edit = [{ file = "nginx/snippets/tls.conf", old = "# TLS 1.2", new = "# Tls 1.2" }]
"""
MUMBLED = KILLED.replace("SSL_SESSION_TIMEOUT IS 1D", "the moon")
REFUSED = """
defect = "The application does not even start."
breaks = ["NM-EDG-10"]
settings = { "app.RATE_LIMIT_MAX" = "many" }
"""

EDIT = """
defect = "One text of one artefact."
breaks = ["NM-TLS-04"]

[[edit]]
file = "{file}"
old = "{old}"
new = ""
"""


@pytest.fixture(scope="module")
def nestmap() -> Deployment:
    return read_deployment(find("nestmap"))


@pytest.mark.parametrize("folder", sorted(MUTANTS.iterdir()), ids=lambda folder: folder.name)
def test_every_gate_has_a_mutant(folder: Path) -> None:
    """Every promise that a stack of ours can show is broken by some mutant, and every mutant names the cause."""
    deployment = read_deployment(DEPLOYMENTS / folder.name / "deployment.toml")

    mutants = [
        *read_mutants(folder, deployment),
        *_in(folder / "files", deployment),
        *_in(folder / "drills", deployment),
        *_in(folder / "load", deployment),
    ]

    broken = {name for mutant in mutants for name in mutant.breaks}
    own = [p for p in deployment.promises if not p.needs and not p.general and p.rule not in SHOWN_OTHERWISE]
    assert [promise.id for promise in own if promise.id not in broken] == []
    assert [mutant.name for mutant in mutants if not mutant.harmless and not all(mutant.says.values())] == []
    assert len(mutants) >= FEWEST


def test_what_is_generally_asked_has_mutants() -> None:
    """Every promise of the policy for files is broken by a mutant of some deployment."""
    broken = set()
    for folder in sorted(MUTANTS.iterdir()):
        deployment = read_deployment(DEPLOYMENTS / folder.name / "deployment.toml")
        broken |= {name for mutant in _in(folder / "files", deployment) for name in mutant.breaks}

    assert [promise.id for promise in general_promises() if promise.id not in broken] == []


def test_what_is_asked_of_every_recovery_has_mutants() -> None:
    """Every promise of the policy for drills is broken by a mutant of some deployment."""
    broken = set()
    for folder in sorted(MUTANTS.iterdir()):
        deployment = read_deployment(DEPLOYMENTS / folder.name / "deployment.toml")
        broken |= {name for mutant in _in(folder / "drills", deployment) for name in mutant.breaks}

    asked = [promise for promise in policy_promises()["recovery"] if promise.rule not in SHOWN_OTHERWISE]
    assert [promise.id for promise in asked if promise.id not in broken] == []


def _in(folder: Path, deployment: Deployment) -> tuple[Mutant, ...]:
    return read_mutants(folder, deployment) if folder.is_dir() else ()


SHOWN_OTHERWISE: Mapping[str, str] = {
    "certificate-issuer": "promised of a cluster alone, which no stack of ours has",
    "certificate-revocation": "throw-away certificates name no place where revocations are told",
    "disk-used-within": "a stack's disk is this machine's own, which nobody fills for a test; its cases have full ones",
    "keys-outlive-a-crash": "what Redis has written the kernel keeps; no process that is killed loses it",
    "machine-at-least": "machines are asked over SSH where a deployment runs live; its cases have small ones",
    "no-incident-recorded": "whoever keeps a record of incidents keeps it elsewhere; its cases have records",
    "release-returnable": "it takes an orchestrator, and no stack has one; tests/probes asks stand-ins that are wrong",
    "release-runs": "likewise: an orchestrator has to be asked",
    "restores-rehearsed": "earlier runs decide it; tests/report and its cases have histories with gaps",
    "smuggling-refused": "nginx and HAProxy refuse whatever is configured; tests/strangers has servers that do not",
    "tls-compression": "no server that can be installed compresses TLS; tests/probes has one that says so",
    "tls-renegotiation": "nginx and HAProxy refuse it whatever is configured; tests/strangers has one that does not",
}
"""Rules that no mutant can break, and why; what is not shown red by another server has bad cases alone."""


def test_every_rule_has_a_mutant() -> None:
    """Every rule is seen red on a real server somewhere: of a deployment, or of a stranger."""
    files = [*DEPLOYMENTS.rglob("*.toml"), *POLICIES.rglob("*.toml")]
    promises = [promise for file in files for promise in tomllib.loads(file.read_text()).get("promise", [])]
    rules = {promise["id"]: promise["rule"] for promise in promises}
    mutants = [*MUTANTS.rglob("*.toml"), *STRANGERS.glob("*/mutants/*.toml")]
    broken = {rules[name] for file in mutants for name in tomllib.loads(file.read_text()).get("breaks", [])}

    assert set(RULES) - broken == set(SHOWN_OTHERWISE)


def test_real_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On one stack: what breaks its promise is killed, and whatever else happens is told apart and ends with 1."""
    texts = {"a-refused": REFUSED, "collateral": COLLATERAL, "killed": KILLED, "mumbled": MUMBLED, "survivor": SURVIVOR}
    texts |= {"alarm": ALARM, "cluster": CLUSTER, "kept": KEPT}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)

    code = main(["--stack", "processes", "--mutants", str(tmp_path), "--reports", str(tmp_path / "reports")])

    told = json.loads((tmp_path / "reports" / "latest" / "mutants.json").read_text())
    seen = {each["mutant"]: each for each in told["mutants"]}
    assert code == 1
    assert {name: each["verdict"] for name, each in seen.items()} == {
        "a-refused": "refused",
        "alarm": "alarm",
        "cluster": "out of reach",
        "kept": "kept",
        "collateral": "collateral",
        "killed": "killed",
        "mumbled": "survived",
        "survivor": "survived",
    }
    assert (told["score"], told["variants"], told["collateral"]) == ({"seen": 2, "of": 5}, {"kept": 1, "of": 2}, 2)
    assert seen["collateral"]["collateral"] == ["NM-HDR-01"]
    assert "RATE_LIMIT_MAX" in seen["a-refused"]["message"]
    assert "does not say 'the moon'" in seen["mumbled"]["message"]
    assert "NM-TLS-03 sees nothing of it" in seen["survivor"]["message"]
    assert (
        "2 of 5 mutants seen, 2 other promises changed; 1 of 2 variants kept; 1 out of reach" in capsys.readouterr().out
    )


def test_broken_baseline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a promise is broken without any mutant, nothing can be told: exit 2, and the promise is named."""
    broken = tmp_path / "nestmap"
    shutil.copytree(DEPLOYMENTS / "nestmap", broken)
    tls = broken / "nginx" / "snippets" / "tls.conf"
    tls.write_text(tls.read_text().replace("ssl_session_timeout 10m", "ssl_session_timeout 1d"))
    (tmp_path / "survivor.toml").write_text(SURVIVOR)
    options = ["--deployment", str(broken), "--mutants", str(tmp_path), "--reports", str(tmp_path / "reports")]

    code = main([*options, "--stack", "processes"])

    assert code == 2
    assert "NM-TLS-04 fail: the edge's configuration is not as promised" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_mutant_of_files_among_those_of_servers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mutant of what files alone show is tried on files: elsewhere it would be judged by nobody."""
    (tmp_path / "renewal.toml").write_text(
        (MUTANTS / "nestmap" / "files" / "tls-renewal-weekly.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )

    code = main(["--stack", "processes", "--mutants", str(tmp_path), "--reports", str(tmp_path / "reports")])

    assert code == 2
    assert "renewal breaks NM-TLS-06, which is not judged on a processes stack" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (KILLED.replace("TLS-04", "TLS-4"), "bad.toml:3: breaks: no promise 'NM-TLS-4'; did you mean 'NM-TLS-04'?"),
        (KILLED.replace('["NM-TLS-04"]', "[]"), "bad.toml:3: breaks: breaks no promise"),
        (KILLED.replace("says", "say"), "bad.toml:4: say: unknown key; did you mean 'says'?"),
        (KILLED.replace('"SSL_SESSION_TIMEOUT IS 1D"', '["a", "b"]'), "bad.toml:4: says: says 2 texts for 1 promises"),
        (KILLED + 'variant = "and odd"', "known here: edit, hides, settings, variant"),
        (REFUSED.replace("app.", "ap."), "settings.ap.RATE_LIMIT_MAX: unknown setting"),
        ('defect = "Nothing."\nbreaks = ["NM-TLS-04"]', "a mutant that changes nothing"),
        (
            EDIT.format(file="app/app.env", old="NOBODY"),
            "bad.toml:7: edit[0].old: stands 0 times in app/app.env, not once",
        ),
        (
            EDIT.format(file="app/app.env", old="PATH_"),
            "edit[0].old: stands 6 times in app/app.env, not once",
        ),
        (
            EDIT.format(file="app/ap.env", old="A"),
            "bad.toml:6: edit[0].file: no artefact 'app/ap.env'; did you mean 'app/app.env'?",
        ),
        (
            EDIT.format(file="../nestmap/app/app.env", old="A"),
            "edit[0].file: no artefact '../nestmap/app/app.env'",
        ),
    ],
    ids=["promise", "none", "key", "says", "both", "setting", "nothing", "absent", "often", "file", "outside"],
)
def test_bad_mutant(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    """A mutant that says something that cannot be is one clear error with file, line and key: exit 2."""
    (tmp_path / "bad.toml").write_text(text)

    code = main(["--stack", "processes", "--mutants", str(tmp_path)])

    assert code == 2
    assert told in capsys.readouterr().err


def test_empty_folder_is_never_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No mutant means that nobody could tell: exit 2."""
    assert main(["--stack", "processes", "--mutants", str(tmp_path)]) == 2
    assert "no mutant in" in capsys.readouterr().err


def test_edits_follow_each_other(tmp_path: Path, nestmap: Deployment) -> None:
    """Two edits of one artefact are both made, the second on what the first left."""
    (tmp_path / "twice.toml").write_text(
        'defect = "Two."\nbreaks = ["NM-EDG-10"]\n[[edit]]\nfile = "app/app.env"\nold = "RATE_LIMIT_MAX=100"\n'
        'new = "RATE_LIMIT_MAX=200"\n[[edit]]\nfile = "app/app.env"\nold = "RATE_LIMIT_MAX=200"\nnew = "GONE=1"'
    )

    mutant = read_mutant(tmp_path / "twice.toml", nestmap)

    assert mutant.artefacts["app/app.env"].count("GONE=1") == 1
    assert "RATE_LIMIT_MAX" not in mutant.artefacts["app/app.env"]


def test_an_edit_that_changes_nothing_is_no_mutant(tmp_path: Path, nestmap: Deployment) -> None:
    """Where new is old, the mutant would be the deployment itself."""
    (tmp_path / "same.toml").write_text(KILLED.replace("ssl_session_timeout 1d", "ssl_session_timeout 10m"))

    with pytest.raises(BadInput, match="changes nothing: new is old"):
        read_mutant(tmp_path / "same.toml", nestmap)


MUTANT = Mutant(name="one", defect="One.", breaks=("P-1",), says={"P-1": "cause"})
VARIANT = Mutant(name="odd", defect="Odd, and right.", breaks=())


def finding(name: str, outcome: Outcome, message: str = "") -> Finding:
    promise = Promise(id=name, rule="r", area="edge", title="t", source="s")
    return Finding(promise=promise, outcome=outcome, expected="", actual="", message=message)


def test_unknown_is_collateral_too() -> None:
    """A promise of which nobody can tell any more was changed by the mutant as well."""
    before = {name: finding(name, Outcome.PASS) for name in ("P-1", "P-2")}
    after = {"P-1": finding("P-1", Outcome.FAIL, "the cause"), "P-2": finding("P-2", Outcome.UNKNOWN, "who knows")}

    trial = compare(MUTANT, before, after, seconds=1.0)

    assert (trial.verdict, trial.collateral, trial.message) == ("collateral", ("P-2",), "P-2 became unknown: who knows")


@pytest.mark.parametrize(
    ("hides", "outcome", "verdict"),
    [
        (("P-*",), Outcome.UNKNOWN, "killed"),
        (("Q-*",), Outcome.UNKNOWN, "collateral"),
        (("P-*",), Outcome.FAIL, "collateral"),
    ],
)
def test_what_a_defect_hides_is_no_collateral(hides: tuple[str, ...], outcome: Outcome, verdict: str) -> None:
    """Where no client gets any further, the promises named may be unknown; they may not be broken, and no others."""
    mutant = replace(MUTANT, hides=hides)
    before = {name: finding(name, Outcome.PASS) for name in ("P-1", "P-2")}
    after = {"P-1": finding("P-1", Outcome.FAIL, "the cause"), "P-2": finding("P-2", outcome, "who knows")}

    assert compare(mutant, before, after, seconds=1.0).verdict == verdict


@pytest.mark.parametrize(
    ("trials", "code"),
    [
        ([Trial(mutant=MUTANT, seen=("P-1",))], 0),
        ([Trial(mutant=MUTANT, seen=("P-1",)), Trial(mutant=MUTANT)], 1),
        ([Trial(mutant=MUTANT, seen=("P-1",), collateral=("P-2",))], 1),
        ([Trial(mutant=MUTANT, seen=("P-1",)), Trial(mutant=MUTANT, tried=False)], 2),
        ([Trial(mutant=MUTANT, tried=False), Trial(mutant=MUTANT)], 1),
        ([Trial(mutant=MUTANT, seen=("P-1",)), Trial(mutant=MUTANT, within_reach=False), Trial(mutant=VARIANT)], 0),
        ([Trial(mutant=MUTANT, seen=("P-1",)), Trial(mutant=VARIANT, collateral=("P-2",))], 1),
        ([Trial(mutant=MUTANT, within_reach=False)], 2),
        ([], 2),
    ],
)
def test_exit_code(trials: list[Trial], code: int) -> None:
    """0 needs a mutant, every one seen and nothing else changed; what could not be tried is 2."""
    assert Score(tuple(trials)).exit_code == code
