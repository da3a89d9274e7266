"""The text of an nginx configuration as statements, read by nginx's own rules of words, quotes and blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>#[^\n]*|(?:\.\.\.|…)[ \t]*(?=\n|\Z))"  # dots that end a line: guides leave things out
    r"|\"(?P<double>(?:\\.|[^\"\\])*)\"|'(?P<single>(?:\\.|[^'\\])*)'"
    r"|(?P<mark>[{};])"
    r"|(?P<word>(?:\\.|\$\{|[^\s;{}\"'\\#])(?:\\.|\$\{|[^\s;{\\])*)",
    re.DOTALL,
)
"""A brace or a semicolon ends a word, a quote or a hash within one does not (ngx_conf_file.c, ngx_conf_read_token)."""

PARENTHESES = ("if", "elsif")
FOREIGN = re.compile(r"_by_lua(_block)?$|^js_content_block$")
"""Blocks whose inside is another language."""

DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """One directive: its words, its line, and for a block what stands in it."""

    name: str
    arguments: tuple[str, ...]
    line: int
    block: tuple[Statement, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    quoted: bool


class NotNginx(Exception):
    """A text that nginx would not read: what is wrong, and in which line."""

    def __init__(self, said: str, line: int) -> None:
        super().__init__(said)
        self.said = said
        self.line = line


class Unclosed(NotNginx):
    """A text that ends within a block, that many deep."""

    def __init__(self, said: str, line: int, depth: int) -> None:
        super().__init__(said, line)
        self.depth = depth


@lru_cache(512)
def read(text: str, *, cut: bool = False) -> tuple[Statement, ...]:
    """The statements of a text, each in its block; one that was cut off need not close all of them. Raises NotNginx."""
    try:
        return _read(text)
    except Unclosed as error:
        if not cut:
            raise
        return _read(f"{text}\n{'}' * error.depth}")


def _read(text: str) -> tuple[Statement, ...]:
    tokens = _tokens(text)
    found, closed = _block(tokens, depth=0)
    if closed:
        raise NotNginx("a } closes a block that was never opened", closed)
    return found


def _block(tokens: Iterator[_Token], *, depth: int, opened: int = 0) -> tuple[tuple[Statement, ...], int]:
    """The statements up to the end of the block, and the line of the } that ends it (0 at the end of the text)."""
    if depth > DEEPEST:
        raise NotNginx(f"blocks are nested more than {DEEPEST} deep", opened)
    found: list[Statement] = []
    words: list[_Token] = []
    for token in tokens:
        mark = "" if token.quoted else token.text
        if mark == "}":
            if words:
                raise NotNginx(f"{words[0].text!r} is not ended by a semicolon", words[0].line)
            return tuple(found), token.line
        if mark not in (";", "{"):
            words.append(token)
            continue
        if not words:
            raise NotNginx(f"a {mark} ends nothing", token.line)
        inside = _inside(tokens, words[0], depth=depth + 1) if mark == "{" else None
        found.append(_statement(words, inside))
        words = []
    if words:
        raise NotNginx(f"{words[0].text!r} is not ended by a semicolon", words[0].line)
    return tuple(found), 0


def _inside(tokens: Iterator[_Token], head: _Token, *, depth: int) -> tuple[Statement, ...]:
    """What stands in the block that was just opened."""
    if FOREIGN.search(head.text):
        _skip(tokens, head.line)
        return ()
    inside, end = _block(tokens, depth=depth, opened=head.line)
    if not end:
        raise Unclosed(f"the block of {head.text!r} is never closed", head.line, depth)
    return inside


def _skip(tokens: Iterator[_Token], line: int) -> None:
    """What is not nginx's passes by, up to its closing brace."""
    depth = 1
    for token in tokens:
        hidden = token.quoted or "'" in token.text or '"' in token.text
        depth += 0 if hidden else token.text.count("{") - token.text.count("}")
        if depth <= 0:
            return
    raise NotNginx("a block is never closed", line)


def _statement(words: list[_Token], block: tuple[Statement, ...] | None) -> Statement:
    arguments = [word.text for word in words[1:]]
    if words[0].text in PARENTHESES and arguments:
        arguments[0] = arguments[0].removeprefix("(")
        arguments[-1] = arguments[-1].removesuffix(")")
        arguments = [each for each in arguments if each]
    return Statement(words[0].text, tuple(arguments), words[0].line, block)


def _tokens(text: str) -> Iterator[_Token]:
    line, position = 1, 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            what = "a quote is never closed" if text[position] in "\"'" else "a lone backslash"
            raise NotNginx(what, line)
        if found["mark"] or found["word"]:
            yield _Token(found[0], line, quoted=False)
        elif found["double"] is not None:
            yield _Token(found["double"].replace('\\"', '"'), line, quoted=True)
        elif found["single"] is not None:
            yield _Token(found["single"].replace("\\'", "'"), line, quoted=True)
        line += found[0].count("\n")
        position = found.end()
