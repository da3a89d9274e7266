"""Queries in PromQL, read as far as rules need it: which series are asked for, by which labels, in which functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
      | (?P<variable>\$\{[^}]*\}|\$\w+|\[\[\w+\]\])
      | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))
      | (?P<number>0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[a-zA-Z_][\w:]*)
      | (?P<operator>=~|!~|!=|==|>=|<=|[-+*/%^<>=@])
      | (?P<bracket>[(){}\[\],:])""",
    re.VERBOSE,
)
AGGREGATORS = frozenset(
    {"sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values"}
    | {"bottomk", "topk", "quantile", "limitk", "limit_ratio"}
)
GROUPINGS = frozenset(["by", "without", "on", "ignoring", "group_left", "group_right"])
WORDS = GROUPINGS | frozenset(["and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "start", "end"])
"""Words of the language that are no names of series (Prometheus: operators)."""

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
PART = re.compile(r"(\d+)(ms|[smhdwy])")
PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label."""

    label: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """One metric that is asked for. `within` are the functions around it, outermost first; `at` its place in order."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    window: str = ""
    within: tuple[str, ...] = ()
    at: int = 0
    ends: int = 0

    @property
    def aggregated(self) -> bool:
        """Whether many series are made into fewer before anything is done with them."""
        return any(function in AGGREGATORS for function in self.within)


@dataclass(slots=True)
class Query:
    """One query: the tokens, what is asked for, the labels it groups or matches by, and what is wrong with it."""

    tokens: list[tuple[str, str]] = field(default_factory=list)
    selectors: list[Selector] = field(default_factory=list)
    grouped: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


def seconds(text: str) -> float | None:
    """The seconds of a duration such as `5m` or `1h30m`; None if it is none."""
    parts = PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(int(number[:9]) * UNITS[unit] for number, unit in parts)


def parsed(text: str) -> Query:
    """The query as far as it could be read; `trouble` says where it could not."""
    query = Query()
    at = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            query.trouble = query.trouble or f"{text[at]!r} belongs nowhere"
            at += 1
            continue
        at = token.end()
        if token.lastgroup != "space":
            query.tokens.append((token.lastgroup or "", token[0]))
    _Walk(query).run()
    return query


class _Walk:
    """One pass over the tokens of a query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._open: list[tuple[str, str]] = []

    def run(self) -> None:
        tokens = self._query.tokens
        at = 0
        called = ""
        while at < len(tokens):
            kind, text = tokens[at]
            if kind == "name" and text.lower() in GROUPINGS and self._text(at + 1) == "(":
                at = self._grouping(text.lower(), at + 2)
                continue
            if kind == "name" and text.lower() not in WORDS:
                if self._text(at + 1) == "(" or (text in AGGREGATORS and self._text(at + 1) in ("by", "without")):
                    called = text
                else:
                    at = self._selector(text, at)
                    continue
            elif text == "{" and kind == "bracket":
                at = self._selector("", at - 1)
                continue
            elif kind == "bracket" and text in "([":
                self._open.append((text, called))
                called = ""
            elif text in PAIRS:
                self._close(text)
            at += 1
        if self._open and not self._query.trouble:
            self._query.trouble = f"{self._open[-1][0]!r} is never closed"

    def _text(self, at: int) -> str:
        return self._query.tokens[at][1] if at < len(self._query.tokens) else ""

    def _close(self, text: str) -> None:
        if not self._open or self._open[-1][0] != PAIRS[text]:
            self._query.trouble = self._query.trouble or f"{text!r} closes nothing"
            return
        self._open.pop()

    def _grouping(self, word: str, at: int) -> int:
        while at < len(self._query.tokens) and self._text(at) != ")":
            if self._query.tokens[at][0] == "name":
                self._query.grouped.append((word, self._text(at)))
            at += 1
        return at + 1

    def _selector(self, metric: str, at: int) -> int:
        start, at = at, at + 1
        matchers: list[Matcher] = []
        if self._text(at) == "{":
            at += 1
            while at < len(self._query.tokens) and self._text(at) != "}":
                if self._query.tokens[at][0] == "name" and self._text(at + 1) in ("=", "!=", "=~", "!~"):
                    matchers.append(Matcher(self._text(at), self._text(at + 1), self._text(at + 2).strip("\"'`")))
                    at += 2
                at += 1
            if at >= len(self._query.tokens):
                self._query.trouble = self._query.trouble or "'{' is never closed"
            at += 1
        window = ""
        if self._text(at) == "[":
            window = self._text(at + 1)
            while at < len(self._query.tokens) and self._text(at) != "]":
                at += 1
            if at >= len(self._query.tokens):
                self._query.trouble = self._query.trouble or "'[' is never closed"
            at += 1
        named = [m.value for m in matchers if m.label == "__name__" and m.operator == "="]
        within = tuple(name for _, name in self._open if name)
        self._query.selectors.append(
            Selector(metric or (named[0] if named else ""), tuple(matchers), window, within, max(start, 0), at)
        )
        return at


def divided_by_themselves(query: Query) -> Iterator[tuple[Selector, Selector]]:
    """Divisions of a metric's series by series of the same metric, each by the one with the same labels."""
    for above, below in zip(query.selectors, query.selectors[1:], strict=False):
        between = [text for _, text in query.tokens[above.ends : below.at]]
        plain = between.count("/") == 1 and not {*between} & (GROUPINGS | {"+", "-", "*", ","})
        same = above.metric == below.metric and above.matchers != below.matchers
        if plain and same and not above.aggregated and not below.aggregated:
            yield above, below
