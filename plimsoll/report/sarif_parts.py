"""What results of SARIF refer to: rules of tools, and places in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import quote

from plimsoll.model import Advice, Finding, Outcome, Severity, Spot

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

BASE = "SRCROOT"
"""What paths of files start at: code scanning takes them from the top of the checkout (3.14.14)."""

FINGERPRINT = "plimsollHole/v1"

Json: TypeAlias = dict[str, object]

LEVELS: Mapping[Outcome | Severity, str] = {
    Outcome.FAIL: "error",
    Outcome.UNKNOWN: "note",
    Severity.CRITICAL: "warning",
    Severity.HIGH: "warning",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
"""An error breaks a promise; advice never does."""


def level_of(judgement: Outcome | Severity) -> str:
    """The level of a result, or of a notification."""
    return LEVELS[judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What a rule says of itself: in one sentence, at length, in Markdown with examples; and where its page is."""

    says: str
    why: str = ""
    markdown: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Places in files whose paths start at `root`, which itself starts at the top of the checkout."""

    root: str

    def at(self, spot: Spot) -> Json:
        """A line of a file, or the file as a whole (3.29)."""
        region: Json = {"region": {"startLine": spot.line}} if spot.line else {}
        return {"artifactLocation": self.file(spot.file), **region}

    def file(self, name: str) -> Json:
        """A file: from the top of the checkout, or absolute where it lies elsewhere (3.4)."""
        name = name or "."
        if name.startswith("/"):
            return {"uri": f"file://{_quoted(name)}"}
        return {"uri": _quoted(str(PurePosixPath(self.root) / name)), "uriBaseId": BASE}


def _quoted(path: str) -> str:
    """The path as a URI; no first part of it may look like a scheme (RFC 3986, 4.2)."""
    quoted = quote(path, safe="/-._~!$&'()*+,;=@", errors="backslashreplace")
    return quoted or "."


@dataclass(slots=True)
class Tools:
    """The tools that have something to say, each with the rules that it speaks by, as they come up."""

    texts: Mapping[str, RuleText]
    _rules: dict[str, Json] = field(default_factory=dict)
    _scanners: dict[str, dict[str, Json]] = field(default_factory=dict)

    def rule(self, name: str, finding: Finding) -> Json:
        """What a result says of its rule (3.27.5 and 6)."""
        if name not in self._rules:
            self._rules[name] = self._described(name, finding)
        return {"ruleId": name, "ruleIndex": list(self._rules).index(name)}

    def reference(self, name: str, finding: Finding) -> Json:
        """What a notification says of the rule that it is about (3.58.3)."""
        rule = self.rule(name, finding)
        return {"id": rule["ruleId"], "index": rule["ruleIndex"]}

    def advice(self, advice: Advice) -> Json:
        """What a result of a scanner says of the scanner's rule."""
        rules = self._scanners.setdefault(advice.scanner, {})
        if advice.rule not in rules:
            rules[advice.rule] = {
                "id": advice.rule,
                "shortDescription": {"text": advice.message or advice.rule},
                "defaultConfiguration": {"level": level_of(advice.severity)},
                **({"helpUri": advice.link} if advice.link else {}),
            }
        index = {"index": list(self._scanners).index(advice.scanner)}
        return {
            "ruleId": advice.rule,
            "rule": {"id": advice.rule, "index": list(rules).index(advice.rule), "toolComponent": index},
        }

    def shown(self, version: str) -> Json:
        """All of them (3.18)."""
        return {
            "driver": {
                "name": "Plimsoll",
                **({"semanticVersion": version} if version else {}),
                "rules": list(self._rules.values()),
            },
            "extensions": [
                {"name": scanner, "rules": list(rules.values())} for scanner, rules in self._scanners.items()
            ],
        }

    def _described(self, name: str, finding: Finding) -> Json:
        text = self.texts.get(name) or RuleText(says=finding.promise.title or name)
        full = f"{text.says} {text.why}".strip()
        return {
            "id": name,
            "name": name.title().replace("-", ""),
            "shortDescription": {"text": text.says or name},
            "fullDescription": {"text": full or name},
            "help": {"text": full or name, "markdown": text.markdown or full or name},
            **({"helpUri": text.page} if text.page else {}),
            "defaultConfiguration": {"level": level_of(Outcome.FAIL)},
            "properties": {"tags": [finding.promise.area], "precision": "high"},
        }
