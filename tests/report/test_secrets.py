"""Secrets planted in every field of a run are in none of its outputs."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from plimsoll.model import (
    Advice,
    FileSeen,
    Finding,
    Hole,
    KnownHole,
    Outcome,
    Promise,
    RunIdentity,
    Severity,
    Spot,
    Verdict,
    Waiver,
)
from plimsoll.redact import MASK, Redactor
from plimsoll.report import summary, write
from tests.report.any_drill import drill_of, remembered
from tests.report.any_load import load_of

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict

REGISTERED = 'tr0ub4dor&3 "<x>"'
VARIABLE = "kept-in-a-variable"

PLANTS = {
    "registered": (REGISTERED, "tr0ub4dor"),
    "registered, percent-encoded": (quote(REGISTERED), "tr0ub4dor"),
    "registered, in JSON": (json.dumps({"x": REGISTERED}), "tr0ub4dor"),
    "registered, in Base64": (base64.b64encode(REGISTERED.encode()).decode(), "dHIwdWI0ZG9y"),
    "variable": (VARIABLE, VARIABLE),
    "authorization": ("authorization: Basic cGxhbnRlZDpwbGFudGVk", "cGxhbnRlZ"),
    "proxy authorization": ("Proxy-Authorization: Digest planted-digest", "planted-digest"),
    "cookie": ("Cookie: session=planted-cookie", "planted-cookie"),
    "set-cookie": ("Set-Cookie: session=planted-cookie; Secure", "planted-cookie"),
    "URL": ("postgres://app:planted-word@db:5432/app", "planted-word"),
    "private key": ("-----BEGIN EC PRIVATE KEY-----\nplantedkey\n-----END EC PRIVATE KEY-----", "plantedkey"),
    "JWT": ("eyJhbGciOiJSUzI1NiJ9.eyJwbGFudGVkIjoxfQ.cGxhbnRlZA", "eyJwbGFudGVkIjoxfQ"),
    "bearer": ("Bearer planted-bearer", "planted-bearer"),
    "AWS": ("AKIAPLANTEDPLANTED12", "PLANTED"),
    "Stripe": ("sk_live_plantedplanted", "plantedplanted"),
    "GitHub": ("ghp_plantedplantedplantedplanted1234", "plantedplanted"),
    "assignment": ("SMTP_PASSWORD=planted-value", "planted-value"),
}


def planted(text: str, verdict: Verdict) -> Verdict:
    """The same run with that text added to every field that holds any."""

    def put(words: str) -> str:
        return f"{words} {text}"

    waiver = Waiver(reason=put("r"), owner=put("o"), expires=date(2030, 1, 1))
    promise = Promise(
        id=put("P-1"), rule=put("rule"), area=put("area"), title=put("title"), source=put("L1"), waiver=waiver
    )
    finding = Finding(
        promise=promise,
        outcome=Outcome.FAIL,
        expected=put("e"),
        actual=put("a"),
        message=put("m"),
        hint=put("h"),
        evidence=(*text.split("\n"), put("seen")),
        holes=(Hole(spot=Spot(put("file"), 3), what=put("w"), fix=put("f"), beside=(Spot(put("other"), 4),)),),
    )
    spot = Spot(put("file"), 5)
    run = RunIdentity(
        id=put("run"),
        started=verdict.run.started,
        finished=verdict.run.finished,
        deployment=put("d"),
        stack=put("s"),
        images={put("edge"): put("nginx")},
        tool_versions={put("tool"): put("1")},
        root=put("root"),
    )
    unwaived = replace(finding, promise=replace(promise, waiver=None))
    every = (unwaived, *(replace(finding, outcome=outcome) for outcome in Outcome))
    return replace(
        verdict,
        run=run,
        findings=every,
        advice=(
            Advice(
                scanner=put("s"),
                rule=put("r"),
                severity=Severity.LOW,
                spot=spot,
                message=put("m"),
                link=put("https://l"),
            ),
        ),
        files=(FileSeen(name=put("n"), kind=put("k"), spot=spot, trouble=put("t")),),
        baseline=put("b"),
        gone=(KnownHole(fingerprint=put("p"), promise=put("P"), rule=put("r"), spot=spot, what=put("w")),),
        journals=(drill_of(put("drill")),),
        history=remembered(put("drill")),
        loads=(replace(load_of(put("load")), name="gate"),),
    )


@pytest.mark.parametrize("kind", PLANTS)
def test_no_output_holds_a_secret(kind: str, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """JSON, page, JUnit, SARIF and terminal: none shows it, plain or as any of them escapes it."""
    text, needle = PLANTS[kind]
    redact = Redactor([REGISTERED]).with_environment({"APP_TOKEN": VARIABLE})
    verdict = planted(text, make_verdict())
    page = write(verdict, tmp_path / "run", redact=redact)
    outputs = {
        re.sub(r"^drill\b.*", "drill", path.name): path.read_text(encoding="utf-8")
        for path in page.parent.rglob("*")
        if path.is_file()
    }
    outputs["terminal"] = summary(verdict, report=tmp_path / text.replace("/", "%2F"), redact=redact, width=1000)
    assert set(outputs) == {
        "verdict.json",
        "report.html",
        "junit.xml",
        "results.sarif",
        "terminal",
        "drill",
        "gate.json",
    }
    for name, output in outputs.items():
        assert needle not in output, name
        assert MASK in output, name
