"""The cases of fixtures/cases: what a rule was shown, and what it has to say of it.

A case is one JSON file, `<rule>/good*.json` or `<rule>/bad*.json`:

    {"why": "...", "parameters": {...}, "observations": {"HttpSurvey": {...}}, "outcome": "fail", "says": "..."}

Observations are the fields of the dataclasses in plimsoll/observations/. What a case leaves out is, in this order,
the ordinary value below, the field's own default, or nothing (an empty list or table, null). An item of a list that
says `"repeat": 60` stands for sixty alike: seconds of a run of load are many.

A case for a rule that reads files is a Markdown file: between two lines of `+++` the same keys in TOML (but for the
observations), then each file in a fenced block, after a line with its name in backquotes. `whole = true` says that the
blocks are whole files; else they are fragments, as those of a guide are.
"""

from __future__ import annotations

import json
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from plimsoll.artefacts import guide
from plimsoll.artefacts.observe import observe
from plimsoll.model import Advice, Finding, Outcome, Promise
from plimsoll.model.load import Phase, Plan
from plimsoll.observations import (
    Attempt,
    Ban,
    Burst,
    Certificate,
    Chain,
    Directive,
    Ejection,
    FileLine,
    ForwardedRequest,
    Handshake,
    HostClaims,
    HttpExchange,
    Listener,
    Listening,
    LoggedIn,
    Lures,
    NginxConfig,
    PoolGrowth,
    Published,
    PublishedPorts,
    Reachability,
    Reached,
    SignedToken,
    Spread,
    TlsSurvey,
    Trial,
    WebSocketEcho,
)
from plimsoll.observations.artefacts import Artefacts, CronLine, SourceFile
from plimsoll.observations.artefacts.scans import Examined, Scan
from plimsoll.observations.drills import Attempt as Tried
from plimsoll.observations.drills import Attempts, Journal
from plimsoll.observations.load import Capacity, Generator, Level, LoadRun, Pulse, Reading, Tally, Used, Window
from plimsoll.rules import RULES
from plimsoll.shape import coerce

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
SEEN_AT = "2026-03-01T12:00:00+00:00"
"""When everything was seen, unless a case says otherwise."""

ORDINARY: Mapping[type, Mapping[str, object]] = {
    HttpExchange: {"kind": "page", "role": "edge", "method": "GET", "url": "https://site.example/", "status": 200},
    Handshake: {"outcome": "accepted"},
    TlsSurvey: {
        "host": "site.example",
        "versions": [{"version": "TLSv1.2"}, {"version": "TLSv1.3"}],
        "http2_preface": True,
        "alpn": ["h2"],
    },
    Chain: {"certificates": [{}], "trouble": ""},
    Certificate: {
        "names": ["site.example"],
        "issuer": "CN=Sample Authority",
        "subject": "CN=site.example",
        "not_before": "2026-01-01T00:00:00+00:00",
        "not_after": "2027-01-01T00:00:00+00:00",
        "key": "RSA 2048",
        "signature": "RSA_WITH_SHA256",
    },
    WebSocketEcho: {"url": "wss://site.example/ws", "status": 101, "accepted": True, "echoed": True, "trouble": ""},
    ForwardedRequest: {
        "sent_host": "site.example",
        "sent_headers": [["X-Forwarded-For", "203.0.113.66"], ["X-Real-IP", "203.0.113.66"]],
        "client_address": "127.0.0.9",
    },
    Burst: {"role": "edge", "seconds": 0.1},
    Directive: {"file": "nginx.conf", "line": 1, "context": ["http#0", "server#1"]},
    NginxConfig: {"test": ""},
    HostClaims: {"stranger": "stranger.invalid"},
    Lures: {"stranger": "stranger.invalid", "planted": "X-Planted"},
    Spread: {"role": "app"},
    Ejection: {"role": "app", "replicas": 3, "dead": 3, "after": 0.0},
    PoolGrowth: {"role": "app"},
    CronLine: {"file": "crontab", "line": 1},
    Reached: {"zone": "internet", "family": "IPv4", "address": "192.0.2.1", "control": True, "listens": True},
    Reachability: {"zones": {"internet": [22, 443], "office": [22, 443, 5432]}, "unnamed": [31337]},
    Published: {"service": "app", "inside": 5000, "file": "compose.yml", "line": 7},
    PublishedPorts: {"files": ["compose.yml"], "zones": {"internet": [80, 443]}},
    FileLine: {"file": "firewall.sh", "line": 3},
    Ban: {
        "jail": "sshd",
        "service": "ssh",
        "max_retry": 3,
        "ban_seconds": 3600,
        "tries": 3,
        "before": "open",
        "after": "refused",
        "neighbour": "open",
        "listed": True,
        "released": True,
        "shortened": 2,
    },
    Listening: {"files": ["postgresql.conf"], "at_rest": True},
    Listener: {"port": 5432, "where": "postgresql.conf:3"},
    SignedToken: {"signature_bytes": 256},
    Advice: {
        "scanner": "hadolint",
        "rule": "DL3002",
        "severity": "medium",
        "spot": {"file": "app/Dockerfile", "line": 9},
        "message": "Last USER should not be root",
    },
    Scan: {"scanner": "hadolint", "version": "2.15.1"},
    Examined: {"name": "app/Dockerfile", "kind": "dockerfile"},
    LoggedIn: {"url": "https://site.example/api/auth/login", "status": 200},
    Journal: {"drill": "dump", "says": "a dump is restored", "started": SEEN_AT},
    Attempts: {"journal": {}},
    Tried: {"name": "control", "command": "/opt/site/scripts/backup.sh", "code": 0, "landed": "nothing befalls it"},
    Attempt: {"name": "a forgery", "lacks": "signature", "status": 401},
    Trial: {
        "url": "https://site.example/api/private",
        "anonymous": {"name": "nothing", "lacks": "everything", "status": 401},
        "genuine": {"name": "the genuine one", "lacks": "", "status": 200},
        "afterwards": {"name": "the genuine one", "lacks": "", "status": 200},
    },
    Phase: {"name": "steady", "seconds": 60, "rate": 30, "until": 30},
    Plan: {"phases": [{}]},
    Window: {"number": 0, "phase": "steady", "judged": True, "due": 30, "begun": 30},
    Tally: {"route": "list"},
    Pulse: {"number": 0, "cpu": 0.2},
    Generator: {"name": "worker 1", "pulses": [{}]},
    Reading: {"at": 1, "role": "app", "what": "cpu"},
    LoadRun: {"deployment": "site", "target": "https://site.example", "plan": {}, "generators": [{}]},
    Used: {"role": "app", "what": "cpu"},
    Level: {"seconds": 60, "outcome": "pass", "low": 0.99},
    Capacity: {"deployment": "site", "target": "https://site.example", "stated": 30, "application": "app", "cores": 8},
}
"""What a case need not say."""

REPEAT = "repeat"
"""The key of an item that stands for several alike."""

Built = TypeVar("Built")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case as its file writes it."""

    why: str
    outcome: str
    says: str
    observations: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[SourceFile, ...] = ()


class CaseError(ValueError):
    """A case file that does not say what it should."""


def case_files() -> Iterator[Path]:
    """Every case there is, by rule and name."""
    yield from sorted(path for path in CASES.glob("*/*") if path.suffix in (".json", ".md"))


def read_case(path: Path) -> Case:
    """The case in one file. Raises CaseError for unknown and missing keys."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return build(json.loads(text), Case)
    _, head, body = text.split("+++\n", 2)
    said = tomllib.loads(head)
    whole = said.pop("whole", False)
    sources = tuple(replace(source, fragment=not whole, file="", first=1) for source in guide.read(body, path.name))
    return replace(build({"observations": {}, **said}, Case), sources=sources)


def judge(rule_name: str, case: Case) -> Finding:
    """What the rule says of the case; observations that it can do without and the case lacks are None."""
    rule = RULES[rule_name]
    known = {kind.__name__: kind for kind in rule.reads}
    if strange := case.observations.keys() - known.keys():
        raise CaseError(f"{rule_name} reads no {', '.join(strange)}")
    seen: list[object] = []
    for name, kind in known.items():
        if case.sources and issubclass(kind, Artefacts):
            files = observe(kind, case.sources, datetime.fromisoformat(SEEN_AT))
            if not files.sources and rule.reads[kind]:
                raise CaseError(f"{rule_name} needs a file for {kind.__name__}")
            seen.append(files if files.sources else None)
            continue
        if name not in case.observations and rule.reads[kind]:
            raise CaseError(f"{rule_name} needs a {name}")
        seen.append(build(case.observations[name], kind) if name in case.observations else None)
    if wrong := (case.parameters.keys() - rule.parameters.keys()) | (rule.required - case.parameters.keys()):
        raise CaseError(f"{rule_name}: unknown or missing parameters: {', '.join(sorted(wrong))}")
    parameters = {name: coerce(value, rule.parameters[name]) for name, value in case.parameters.items()}
    return rule.judge(a_promise(rule_name), *seen, **parameters)


def a_promise(rule_name: str) -> Promise:
    """A promise to judge by that rule."""
    return Promise(id="SP-01", rule=rule_name, area=RULES[rule_name].area, title="a sample", source="a sample guide L1")


def outcome_of(case: Case) -> Outcome:
    """The outcome that the case asks for."""
    return Outcome(case.outcome)


def build(value: object, kind: type[Built]) -> Built:
    """The JSON value as that type, built from its annotations."""
    return cast(Built, _build(value, kind))


def _build(value: object, annotation: Any) -> object:  # noqa: ANN401 - annotations are of any type
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is Any or annotation is object:
        return value
    if origin in (Union, types.UnionType):
        return None if value is None else _build(value, next(each for each in inner if each is not types.NoneType))
    if origin is tuple:
        if not isinstance(value, list):
            raise CaseError(f"expected a list, got {value!r}")
        value = [each for item in value for each in _repeated(item)]
        shapes = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_build(each, shape) for each, shape in zip(value, shapes, strict=True))
    if origin is Mapping:
        if not isinstance(value, dict):
            raise CaseError(f"expected a table, got {value!r}")
        return {inner[0](key): _build(each, inner[1]) for key, each in value.items()}  # JSON has texts for keys
    if is_dataclass(annotation):
        return _record(value, cast(type, annotation))
    return _scalar(value, annotation)


def _repeated(item: object) -> list[object]:
    """The item as often as it says, once where it does not."""
    if not isinstance(item, dict) or REPEAT not in item:
        return [item]
    return [{key: value for key, value in item.items() if key != REPEAT}] * int(item[REPEAT])


def _scalar(value: object, kind: type) -> object:
    if kind in (bytes, datetime) and isinstance(value, str):
        return value.encode() if kind is bytes else datetime.fromisoformat(value)
    if issubclass(kind, Enum) and isinstance(value, str):
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise CaseError(f"expected {kind.__name__}, got {value!r}")
    return value


def _record(value: object, kind: type) -> object:
    if not isinstance(value, dict):
        raise CaseError(f"expected the fields of {kind.__name__}, got {value!r}")
    hints = typing.get_type_hints(kind)
    if strange := value.keys() - hints.keys():
        raise CaseError(f"{kind.__name__} has no {', '.join(sorted(strange))}")
    ordinary = next((ORDINARY[base] for base in kind.__mro__ if base in ORDINARY), {})
    said = {"seen_at": SEEN_AT} | dict(ordinary) | value if "seen_at" in hints else dict(ordinary) | value
    built = {}
    for each in fields(kind):
        if each.name in said:
            built[each.name] = _build(said[each.name], hints[each.name])
        elif not _has_default(each):
            built[each.name] = _nothing(kind, each.name, hints[each.name])
    return kind(**built)


def _has_default(each: Field[Any]) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def _nothing(kind: type, name: str, annotation: Any) -> object:  # noqa: ANN401 - likewise
    """What a field is when nobody says: only containers and optionals can be nothing."""
    origin = get_origin(annotation)
    if origin is tuple:
        return ()
    if origin is Mapping:
        return {}
    if origin in (Union, types.UnionType):
        return None
    raise CaseError(f"{kind.__name__}.{name} is missing")
