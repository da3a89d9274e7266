"""What a block of a guide is called: by its first line, by the sentence before it, or by its heading."""

from __future__ import annotations

import re

from plimsoll.artefacts import contents, kinds
from plimsoll.observations.artefacts import Kind

ENDINGS = (
    "bash|cfg|cjs|cnf|conf|cron|crontab|env|hcl|ini|j2|js|json|jsx|local|md|mjs|path|prom|properties|py|rules|service|sh|socket|"
    "sql|template|tf|tfvars|timer|toml|tpl|ts|tsx|txt|xml|ya?ml"
)
NAME = (
    rf"(?:[\w.@-]+/)*(?:[\w.-]+\.(?:{ENDINGS})|\.env(?:\.[\w-]+)*|Dockerfile(?:[.-][\w-]+)?|crontab|Caddyfile|\.(?:git|docker)ignore)"
    r"|(?:[\w.@-]+/)*(?:sites-(?:available|enabled)|(?:cron|conf|logrotate|jail)\.d)/[\w.-]+"
)
QUOTED = re.compile(rf"`/?({NAME})`")
BARE = re.compile(rf"(?<![\w/.@])/?({NAME})(?![\w/])")
"""Words that look like the name of a file."""

FIRST = re.compile(rf"^\s*(?:#|//|--|;|<!--)\s*/?({NAME})(?P<more>(?:\s+[\w(),-]+){{0,5}})\s*(?:-->)?$")
"""A first line that is a comment and begins with a name."""

SHEBANG = re.compile(r"\A#!.*\n")
"""What a script begins with, before it says its name."""

PRODUCT = re.compile(r"^([A-Z]\w*|next|node|nuxt|vue|express|nest|react|three|d3|chart|alpine)\.(js|io|ts)$")
"""Software that is called like a file."""

LONGEST = 120
"""Characters of a sentence that introduces a file; longer ones speak of several things."""

PROSE = ("markdown", "md", "text")
"""Words after the fence of what is a document; a sentence before any other block only points to one."""

TREES = frozenset(
    {Kind.ALERTMANAGER, Kind.ALERTS, Kind.COMPOSE, Kind.DASHBOARD, Kind.ECS, Kind.HELM_VALUES, Kind.KUBERNETES}
    | {Kind.PACKAGE, Kind.PROMETHEUS, Kind.RAILWAY, Kind.VERCEL, Kind.WORKFLOW}
)


def told(sentence: str) -> str:
    """The only name of a file in a sentence or a heading; "" if it has none, or several."""
    if len(sentence) > LONGEST or "http" in sentence:
        return ""
    found = QUOTED.findall(sentence) or BARE.findall(sentence)
    return found[0] if len(found) == 1 and not PRODUCT.match(found[0]) else ""


def own(text: str, info: str) -> str:
    """The name that a block's first line says it has; one with more words after it must fit what the text is."""
    found = FIRST.match(SHEBANG.sub("", text).partition("\n")[0])
    if not found or PRODUCT.match(found[1]):
        return ""
    return found[1] if not found["more"].strip() or fits(found[1], text, info) else ""


def fits(name: str, text: str, info: str) -> bool:
    """Whether a text may be the file of that name: a sentence may name another than the one that follows it."""
    named = kinds.by_name(name)
    if named is Kind.DOCUMENT and info.lower() not in PROSE:
        return False
    stated = kinds.INFOS.get(info.lower(), Kind.OTHER)
    if named is Kind.OTHER or stated is Kind.OTHER:
        shell = contents.tells(text) is Kind.SCRIPT
        return not (shell and named in TREES)
    return stated is named or named in kinds.CLOSER.get(stated, ()) or contents.tells(text) is named
