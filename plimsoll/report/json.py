"""A verdict as verdict.json, schema 1. Members are only ever added."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime

from plimsoll.model import Advice, Finding, Hole, KnownHole, Spot
from plimsoll.observations.drills import DrillRecord
from plimsoll.packed import packed
from plimsoll.report.clean import Clean
from plimsoll.report.drill_words import told
from plimsoll.report.load.facts import facts
from plimsoll.statistics.extrapolation import CannotExtrapolate, whole

SCHEMA = 1

FACTS = ("journal", "regained", "attempts", "promises", "trouble", "served")
"""What a drill is told of, member by member."""

LONGEST_NAME = 60
"""Characters of a drill's name that its file has; every file system takes as many."""


def render(verdict: Clean) -> str:
    """The verdict as JSON text, one member of a finding per line."""
    run = verdict.run
    document = {
        "schema": SCHEMA,
        "run": {
            "id": run.id,
            "started": _moment(run.started),
            "finished": _moment(run.finished),
            "deployment": run.deployment,
            "stack": run.stack,
            "images": dict(run.images),
            "tool_versions": dict(run.tool_versions),
            "strict": verdict.strict,
            "root": run.root,
        },
        "outcome": verdict.outcome,
        "counts": dict(verdict.counts),
        "findings": [_finding(finding) for finding in verdict.findings],
        "files": [{"name": f.name, "kind": f.kind, **_spot(f.spot), "trouble": f.trouble} for f in verdict.files],
        "advice": [_advice(advice) for advice in verdict.advice],
        "baseline": {"file": verdict.baseline, "gone": [known(hole) for hole in verdict.gone]},
        "drills": [_drill(journal) for journal in verdict.journals],
        "history": packed(verdict.history),
        "loads": facts(verdict.loads),
        "capacities": [packed(capacity) for capacity in verdict.capacities],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def each_drill(verdict: Clean) -> dict[str, str]:
    """A file for each drill, by its path in the run's folder: its facts, and each figure beside its promise."""
    texts, names = dict[str, str](), Counter[str]()
    for journal in verdict.journals:
        name = re.sub(r"[^a-z0-9]+", "-", journal.journal.drill.lower()).strip("-")[:LONGEST_NAME] or "drill"
        names[name] += 1
        judged = [f for f in verdict.findings if f.promise.id in journal.promises]
        document = {
            "schema": SCHEMA,
            "run": verdict.run.id,
            "deployment": verdict.run.deployment,
            "stack": verdict.run.stack,
            "told": told(journal),
            **_drill(journal),
            "promises": [
                {"promise": f.promise.id, "expected": f.expected, "actual": f.actual, "outcome": f.outcome}
                for f in judged
            ],
        }
        path = f"drills/{name}.json" if names[name] == 1 else f"drills/{name}~{names[name]}.json"
        texts[path] = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return texts


def _drill(it: DrillRecord) -> dict[str, object]:
    """A drill's facts, with what they say of production's size: figures, or why there are none."""
    facts = {name: packed(getattr(it, name)) for name in FACTS}
    back, said = it.regained, None
    if back and back.target:
        try:
            said = asdict(whole(back.points, back.target, seconds=back.seconds))
        except CannotExtrapolate as error:
            said = {"trouble": str(error)}
    return {**facts, "extrapolation": said}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _finding(finding: Finding) -> dict[str, object]:
    promise, waiver = finding.promise, finding.promise.waiver
    return {
        "promise": promise.id,
        "rule": promise.rule,
        "area": promise.area,
        "title": promise.title,
        "source": promise.source,
        "outcome": finding.outcome,
        "expected": finding.expected,
        "actual": finding.actual,
        "message": finding.message,
        "hint": finding.hint,
        "evidence": list(finding.evidence),
        "holes": [_hole(hole) for hole in finding.holes],
        "known": finding.known,
        "seconds": finding.seconds,
        "out_of_reach": finding.out_of_reach,
        "waiver": waiver and {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()},
    }


def _spot(spot: Spot) -> dict[str, object]:
    return {"file": spot.file, "line": spot.line}


def _hole(hole: Hole) -> dict[str, object]:
    beside = [_spot(spot) for spot in hole.beside]
    return {**_spot(hole.spot), "what": hole.what, "fix": hole.fix, "beside": beside, "known": hole.known}


def _advice(advice: Advice) -> dict[str, object]:
    return {
        "scanner": advice.scanner,
        "rule": advice.rule,
        "severity": advice.severity,
        **_spot(advice.spot),
        "message": advice.message,
        "link": advice.link,
    }


def known(hole: KnownHole) -> dict[str, object]:
    """A hole as a baseline keeps it."""
    return {
        "fingerprint": hole.fingerprint,
        "promise": hole.promise,
        "rule": hole.rule,
        **_spot(hole.spot),
        "what": hole.what,
    }
