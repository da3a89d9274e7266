"""A verdict as verdict.json, schema 1, and back: a stored run can be reported again.

Derived members (outcome, counts) are written for other people's scripts and not read back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from plimsoll.errors import BadInput
from plimsoll.model import Finding, Outcome, Promise, RunIdentity, Verdict, Waiver
from plimsoll.report.clean import Clean

SCHEMA = 1

HINT = "a verdict.json is written by a run; run the suite again rather than editing it"

Value = TypeVar("Value")


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
        },
        "outcome": verdict.outcome,
        "counts": dict(verdict.counts),
        "findings": [_finding(finding) for finding in verdict.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


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
        "seconds": finding.seconds,
        "out_of_reach": finding.out_of_reach,
        "waiver": waiver and {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()},
    }


def read(path: Path) -> Verdict:
    """The verdict a stored run came to. Raises BadInput with the file and the place of whatever is not as expected."""
    file = str(path)
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=file, hint=HINT) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"is not UTF-8: byte {error.start}", file=file, hint=HINT) from error
    except json.JSONDecodeError as error:
        raise BadInput(f"is not JSON: {error.msg}", file=file, line=error.lineno, hint=HINT) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("is no verdict: nested too deep, or a number too long", file=file, hint=HINT) from error
    top = _Place(file=file, key="", value=document)
    schema = top.item("schema")
    if schema.value != SCHEMA:
        raise schema.wrong(f"schema {SCHEMA}")
    run = top.item("run")
    return Verdict(
        run=RunIdentity(
            id=run.item("id").text(),
            started=run.item("started").moment(),
            finished=run.item("finished").moment(),
            deployment=run.item("deployment").text(),
            stack=run.item("stack").text(),
            images=run.item("images").texts(),
            tool_versions=run.item("tool_versions").texts(),
        ),
        findings=tuple(_read_finding(place) for place in top.item("findings").items()),
        strict=run.item("strict", default=False).a(bool, "true or false"),
    )


def _read_finding(place: _Place) -> Finding:
    outcome = place.item("outcome")
    if outcome.value not in tuple(Outcome):
        raise outcome.wrong("one of " + ", ".join(Outcome))
    waiver = place.item("waiver", default=None)
    return Finding(
        promise=Promise(
            id=place.item("promise").text(),
            rule=place.item("rule").text(),
            area=place.item("area").text(),
            title=place.item("title").text(),
            source=place.item("source").text(),
            waiver=None
            if waiver.value is None
            else Waiver(
                reason=waiver.item("reason").text(),
                owner=waiver.item("owner").text(),
                expires=waiver.item("expires").day(),
            ),
        ),
        outcome=Outcome(outcome.text()),
        expected=place.item("expected").text(),
        actual=place.item("actual").text(),
        message=place.item("message").text(),
        hint=place.item("hint").text(),
        evidence=tuple(line.text() for line in place.item("evidence").items()),
        seconds=place.item("seconds").number(),
        out_of_reach=place.item("out_of_reach", default=False).a(bool, "true or false"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One value of the document and where it stands."""

    file: str
    key: str
    value: object

    def wrong(self, expected: str) -> BadInput:
        seen = json.dumps(self.value)
        seen = seen if len(seen) <= 40 else seen[:40] + "..."  # noqa: PLR2004 - enough to recognise it by
        return BadInput(f"expected {expected}, found {seen}", file=self.file, key=self.key, hint=HINT)

    def a(self, kind: type[Value], expected: str) -> Value:
        if not isinstance(self.value, kind):
            raise self.wrong(expected)
        return self.value

    def item(self, name: str, **default: object) -> _Place:
        members: dict[str, object] = self.a(dict, "an object")
        key = f"{self.key}.{name}" if self.key else name
        if name not in members and "default" not in default:
            raise BadInput("expected a member of this name, found none", file=self.file, key=key, hint=HINT)
        return _Place(file=self.file, key=key, value=members.get(name, default.get("default")))

    def items(self) -> tuple[_Place, ...]:
        values: list[object] = self.a(list, "an array")
        return tuple(_Place(file=self.file, key=f"{self.key}[{i}]", value=v) for i, v in enumerate(values))

    def text(self) -> str:
        return self.a(str, "a text")

    def texts(self) -> dict[str, str]:
        members: dict[str, object] = self.a(dict, "an object of texts")
        return {name: self.item(name).text() for name in members}

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        return float(self.value)

    def moment(self) -> datetime:
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong("an ISO 8601 moment in UTC") from error
        if moment.tzinfo is None:
            raise self.wrong("an ISO 8601 moment in UTC")
        return moment

    def day(self) -> date:
        try:
            return date.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong("an ISO 8601 day") from error
