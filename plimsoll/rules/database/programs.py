"""What programs say of databases and caches: options of their clients, and how values get into statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import Kind, Programs, SourceFile

__all__ = ["client_options", "queries_parameterised", "redis_keys_scanned"]

ENTRY = re.compile(r"(?:^|[,{\n])\s*['\"]?(?P<name>[A-Za-z_$][\w$]*)['\"]?\s*:\s*(?P<value>[^,}\n]+)")
COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
REMARK = re.compile(r"(?m)^\s*#.*$")
SCRIPT_QUERIES = re.compile(
    r"(?:\.\s*(?:query|execute|raw|\$queryRawUnsafe|\$executeRawUnsafe)\s*(?:<[^>]*>)?\(\s*)(?P<text>`(?:\\.|[^`\\])*`|'[^'\n]*'\s*\+|\"[^\"\n]*\"\s*\+)"
)
UNSAFE = re.compile(r"\$(?:query|execute)RawUnsafe\s*\(")
PYTHON_QUERIES = re.compile(
    r"\.\s*(?:execute|executemany|fetch|fetchrow|fetchval|query)\(\s*(?P<text>[fF](?:\"\"\"[\s\S]*?\"\"\"|\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?:\"[^\"\n]*\"|'[^'\n]*')\s*(?:%\s*[\w(]|\.format\(|\+\s*\w))"
)
KEYS = re.compile(r"\b(?P<client>\w*(?:redis|cache)\w*)\s*\.\s*keys\s*\(\s*[^)\s]", re.IGNORECASE)
"""`redis.keys(pattern)`; a Map's or a dict's own keys() takes nothing."""

VERB = re.compile(r"\b(select|insert|update|delete|where|from|values|set)\b", re.IGNORECASE)
IDENTIFIER = re.compile(r"\b(from|into|update|table|join)\s+\"?\$?\{[\w.]+\}", re.IGNORECASE)
"""The name of a table, which can be no parameter; where it comes from is for the program to mind."""

TEMPLATED = re.compile(r"\$\{|\{\w|%\s|\.format\(|\+\s*\w*$")


@dataclass(frozen=True, slots=True)
class Construction:
    """`new Name({…})` in a program: the options it states, each with its line."""

    name: str
    spot: Spot
    options: Mapping[str, tuple[str, Spot]]


def constructions(source: SourceFile, name: str) -> Iterator[Construction]:
    """Every construction of that name with an object of options."""
    text = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text)
    for found in re.finditer(rf"\bnew\s+(?:\w+\.)?{re.escape(name)}\s*\(", text):
        begin = text.find("{", found.end())
        end = _closing(text, begin) if begin >= 0 and "(" not in text[found.end() : begin] else -1
        if end < 0 or ")" in text[found.end() : begin]:
            continue
        options = {
            entry["name"]: (entry["value"].strip(), source.spot(text.count("\n", 0, begin + entry.start("name")) + 1))
            for entry in ENTRY.finditer(text[begin:end])
        }
        yield Construction(name, source.spot(text.count("\n", 0, found.start()) + 1), options)


def _closing(text: str, begin: int) -> int:
    depth = 0
    for number in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[number], 0)
        if depth == 0:
            return number
    return -1


def client_options(promise: Promise, programs: Programs, *, client: str, options: Mapping[str, str]) -> Finding:
    """Every client of that class is made with these options."""
    found = [each for source in programs.sources for each in constructions(source, client)]
    holes = []
    for each in found:
        for name, wanted in options.items():
            value, spot = each.options.get(name, ("", each.spot))
            if value.strip("'\"").replace("_", "") != wanted:
                what = f"{client} is made with {name} {value}" if value else f"{client} is made without {name}"
                holes.append(Hole(spot=spot, what=f"{what}, not {wanted}", fix=f"{name}: {wanted}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: new {client}" for each in found],
        expected=", ".join(f"{name}: {value}" for name, value in options.items()),
        nothing=f"no program makes a {client}",
    )


def queries_parameterised(promise: Promise, programs: Programs) -> Finding:
    """Values get into SQL as parameters, never as parts of its text."""
    sources = [source for source in programs.sources if source.kind in (Kind.JAVASCRIPT, Kind.PYTHON)]
    asking = [
        source for source in sources if re.search(r"\.\s*(query|execute|fetch\w*|\$queryRaw|raw)\b|prisma", source.text)
    ]
    return promise.judged(
        [hole for source in asking for hole in _put_together(source)],
        looked=[f"{source.spot()}: {source.name}" for source in asking],
        expected="placeholders ($1, ?, %s, or a tagged template), and the values apart",
        nothing="no program asks a database",
    )


def _put_together(source: SourceFile) -> Iterator[Hole]:
    python = source.kind is Kind.PYTHON
    code = (REMARK if python else COMMENT).sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text)
    fix = 'connection.execute("… WHERE id = $1", id)' if python else "client.query('… WHERE id = $1', [id])"
    for found in (PYTHON_QUERIES if python else SCRIPT_QUERIES).finditer(code):
        text = IDENTIFIER.sub("", found["text"])
        if VERB.search(text) and TEMPLATED.search(text):
            line = source.text.count("\n", 0, found.start("text")) + 1
            yield Hole(spot=source.spot(line), what="a value becomes part of the statement's text", fix=fix)
    for found in () if python else UNSAFE.finditer(code):
        line = source.text.count("\n", 0, found.start()) + 1
        what = f"{found[0].rstrip('( ')} takes text as it comes"
        yield Hole(
            spot=source.spot(line), what=what, fix="prisma.$queryRaw`… WHERE id = ${id}`, which makes parameters"
        )


def redis_keys_scanned(promise: Promise, programs: Programs) -> Finding:
    """No program asks Redis for all keys of a pattern at once (KEYS): everybody waits until it has gone through all."""
    asking = [source for source in programs.sources if re.search(r"redis", source.text, re.IGNORECASE)]
    holes = []
    for source in asking:
        remarks = REMARK if source.kind is Kind.PYTHON else COMMENT
        code = remarks.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text)
        for found in KEYS.finditer(code):
            line = code.count("\n", 0, found.start()) + 1
            what = f"{found['client']}.keys(…) stops Redis until it has gone through every key it holds"
            holes.append(Hole(spot=source.spot(line), what=what, fix="SCAN with MATCH and COUNT, or a set of the keys"))
    return promise.judged(
        holes,
        looked=[f"{source.spot()}: {source.name}" for source in asking],
        expected="SCAN, or keys that are known",
        nothing="no program asks Redis",
    )
