"""The pages of the rules, one for each area: what each asks and why, what a promise may say, before and after.

Docstrings and cases are the only source; `python -m plimsoll rules --write docs/rules` writes the pages from them.
"""

from __future__ import annotations

import inspect
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from plimsoll.deployment import DEPLOYMENTS, FILE, read_deployment
from plimsoll.model import Outcome, Promise
from plimsoll.promises import HOME, policy_promises
from plimsoll.redact import Redactor
from plimsoll.report import RuleText, put
from plimsoll.rules import RULES, Rule
from plimsoll.shape import describe

CASES = HOME / "fixtures" / "cases"
PAGES = HOME / "docs" / "rules"

ADDRESS = "PLIMSOLL_DOCS"
"""The variable that says where the folder docs is published; without it, pages are named as files of this machine."""

WORDS_SHOWN = 4
"""Cases told in words for a rule that judges what a server does."""

ABOUT = """\
Written by `python -m plimsoll rules --write docs/rules` from the docstrings and cases of the rules; change those.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of a rule: why it is judged so, the outcome, and its files in Markdown ("" where it has none)."""

    name: str
    why: str
    outcome: str
    body: str = ""


def write_pages(folder: Path) -> int:
    """How many pages are in the folder now, each made anew; those of areas that are no more are gone."""
    made = pages()
    put(folder, made, redact=Redactor())
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    return len(made)


def pages() -> Mapping[str, str]:
    """The text of every page by its name: one for each area, and README.md, which lists them."""
    users = _users()
    areas = {
        area: list(rules)
        for area, rules in groupby(sorted(RULES.values(), key=lambda r: (r.area, r.name)), lambda r: r.area)
    }
    return {
        "README.md": "\n".join(_index(areas)),
        **{
            f"{area}.md": "\n".join([f"# Rules: {area}", "", ABOUT, *(_section(rule, users) for rule in rules)])
            for area, rules in areas.items()
        },
    }


def texts(names: Iterable[str]) -> Mapping[str, RuleText]:
    """What these rules say of themselves, for those who show findings."""
    return {name: _text(RULES[name]) for name in dict.fromkeys(names) if name in RULES}


def _text(rule: Rule) -> RuleText:
    base = os.environ.get(ADDRESS, "").rstrip("/") or (HOME / "docs").as_uri()
    return RuleText(
        says=rule.says,
        why=_why(rule),
        markdown="\n\n".join(filter(None, (rule.says, _why(rule), *_examples(rule.name)))),
        page=f"{base}/rules/{rule.area}.md#{rule.name}",
    )


def _index(areas: Mapping[str, list[Rule]]) -> Iterator[str]:
    yield f"# The rules\n\n{ABOUT}"
    for area, rules in areas.items():
        yield f"- [{area}]({area}.md): " + ", ".join(f"[{rule.name}]({area}.md#{rule.name})" for rule in rules)
    yield ""


def _section(rule: Rule, users: Mapping[str, list[str]]) -> str:
    used = "; ".join(users.get(rule.name, ())) or "no promise yet"
    reads = ", ".join(kind.__name__ + ("" if needed else " (if there is one)") for kind, needed in rule.reads.items())
    parts = (
        f"## {rule.name}",
        rule.says,
        _why(rule),
        "\n".join(_parameters(rule)),
        *_examples(rule.name),
        f"Reads: {reads}. Asked for by: {used}.",
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _why(rule: Rule) -> str:
    """The docstring after its first sentence."""
    return inspect.cleandoc(rule.judge.__doc__ or "").partition("\n")[2].strip()


def _parameters(rule: Rule) -> Iterator[str]:
    if rule.parameters:
        yield "| a promise says | which is | |\n|---|---|---|"
    for name, shape in rule.parameters.items():
        default = inspect.signature(rule.judge).parameters[name].default
        told = "required" if name in rule.required else f"default: {_default(default)}"
        yield f"| `{name}` | {describe(shape).replace('|', ' or ')} | {told} |"


def _default(value: object) -> str:
    """The default as a deployment file writes it."""
    if value is None or value == {} or value in ("", ()):
        return "none"
    plain = list(value) if isinstance(value, tuple) else value
    return json.dumps(plain, ensure_ascii=False, default=str).replace("|", "\\|")


@cache
def _examples(rule: str) -> tuple[str, ...]:
    """Before and after, from the first bad and the first good case with files; else what cases say in words."""
    cases = list(_cases(rule))
    bad = next((c for c in cases if c.outcome == Outcome.FAIL and c.body), None)
    good = next((c for c in cases if c.outcome == Outcome.PASS and c.body), None)
    if bad and good:
        return (f"**Before.** {bad.why}\n\n{bad.body}", f"**After.** {good.why}\n\n{good.body}")
    broken = [f"- {case.why}" for case in cases if case.outcome == Outcome.FAIL][:WORDS_SHOWN]
    return (f"**Broken, for example:**\n\n{chr(10).join(broken)}",) if broken else ()


def _cases(rule: str) -> Iterator[Case]:
    for path in sorted((CASES / rule).glob("*")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            _, head, body = text.split("+++\n", 2)
            said = tomllib.loads(head)
            yield Case(name=path.stem, why=said["why"], outcome=said["outcome"], body=body.strip())
        elif path.suffix == ".json":
            said = json.loads(text)
            yield Case(name=path.stem, why=said["why"], outcome=said["outcome"])


def _users() -> Mapping[str, list[str]]:
    """The promises that each rule judges, by deployment and by policy, with their sources where a policy asks."""
    users: dict[str, list[str]] = {}
    for name, promises in (*policy_promises().items(), *_deployments()):
        for rule, those in groupby(sorted(promises, key=lambda p: (p.rule, p.id)), lambda p: p.rule):
            users.setdefault(rule, []).append(f"{name} ({', '.join(map(_told, those))})")
    return users


def _deployments() -> Iterator[tuple[str, list[Promise]]]:
    for path in sorted(DEPLOYMENTS.glob(f"*/{FILE}")):
        yield path.parent.name, [promise for promise in read_deployment(path).promises if not promise.general]


def _told(promise: Promise) -> str:
    return f"{promise.id}: {promise.source}" if promise.general else promise.id
