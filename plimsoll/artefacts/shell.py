"""Shell scripts parsed by tree-sitter's grammar of bash: commands, and what becomes of each one's exit status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from plimsoll.artefacts.words import Words, text_of
from plimsoll.observations.artefacts import SourceFile, Trouble
from plimsoll.observations.artefacts.shell import Assignment, Command, Redirect, Script, Word

BASH = Language(tree_sitter_bash.language())
SHEBANG = re.compile(r"\A#!\s*(\S+.*)")
FAR = re.compile(r"[^\x00-\uffff]")
"""What lies beyond Unicode's basic plane: the grammar's scanner asks isalnum(3) about it, which may end the process."""

VARIABLE = re.compile(r"(?<![\\$])\$([A-Za-z_]\w*)")
"""A variable without braces: the grammar takes `n_$DATE.gz` for two words, and `n_${DATE}.gz` for one."""

MOST_DEPTH = 200
"""Blocks within blocks; the grammar nests a level or two for each that is written."""

LONGEST = 2 * 2**20
"""Characters of a script; nobody writes a longer one."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around a command."""

    pipe: int = 0
    last: bool = True
    tested: bool = False
    otherwise: tuple[int, ...] = ()
    within: str = ""
    nested: bool = False
    background: bool = False
    redirects: tuple[Redirect, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class _Reading:
    source: SourceFile
    words: Words
    commands: list[Command] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    stops: bool = False
    pipefail: bool = False
    pipes: int = 0
    options: bool = False
    too_deep: bool = False


def read(
    source: SourceFile,
    settings: Mapping[str, Mapping[str, str]],
    functions: Mapping[str, tuple[str, ...]],
) -> tuple[Script, tuple[Trouble, ...]]:
    """One script, and what of it could not be understood.

    `settings` and `functions` are what the files that it may read define, by the files' names without folders.
    """
    text = source.text if len(source.text) <= LONGEST else ""
    reading = _Reading(source, Words())
    shebang = SHEBANG.match(text)
    if shebang:
        _set(reading, re.split(r"\s+", shebang[1])[1:])
    braced = FAR.sub("\N{REPLACEMENT CHARACTER}", VARIABLE.sub(r"${\1}", text))
    root = Parser(BASH).parse(braced.encode("utf-8", errors="replace")).root_node
    _walk(reading, root, _Place(), settings)
    script = Script(
        source=source,
        commands=tuple(reading.commands),
        assignments=tuple(reading.assignments),
        functions=(*reading.functions, *(name for file in reading.reads for name in functions.get(file, ()))),
        whole=bool(shebang or reading.functions or reading.options),
        reads=tuple(reading.reads),
        known=dict(reading.words.known),
    )
    return script, tuple(_troubles(source, root, reading, text))


def _troubles(source: SourceFile, root: Node, reading: _Reading, text: str) -> Iterable[Trouble]:
    if not text and source.text:
        yield Trouble(spot=source.spot(1), what="is longer than any script")
    if reading.too_deep:
        yield Trouble(spot=source.spot(1), what="is nested too deep to be followed")
    if root.has_error and not source.fragment:
        wrong = next((n for n in _all(root) if n.is_error or n.is_missing), root)
        yield Trouble(spot=source.spot(wrong.start_point.row + 1), what="is not bash, or not understood from here on")


def _all(root: Node) -> Iterable[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _walk(reading: _Reading, node: Node, place: _Place, settings: Mapping[str, Mapping[str, str]]) -> None:  # noqa: C901, PLR0912 - one case for each construct of the grammar
    if place.depth > MOST_DEPTH:
        reading.too_deep = True
        return
    place = replace(place, depth=place.depth + 1)
    children = node.named_children
    match node.type:
        case "command" | "test_command" | "unset_command":
            _command(reading, node, place, settings)
        case "declaration_command":
            _command(reading, node, place, settings, declares=True)
        case "variable_assignment":
            _nested(reading, node, place, settings)
            _assign(reading, node)
        case "pipeline":
            number = place.pipe
            if not _goes_on(node):
                reading.pipes += 1
                number = reading.pipes
            for child in children:
                last = child == children[-1]
                _walk(reading, child, replace(place, pipe=number, last=last and place.last), settings)
        case "list":
            _list(reading, node, place, settings)
        case "redirected_statement":
            redirects = tuple(_redirect(reading, c) for c in children if c.type.endswith("redirect"))
            body = node.child_by_field_name("body")
            for child in children:
                if child == body:
                    # A pipeline's redirection is that of its last command.
                    _walk(reading, child, replace(place, redirects=place.redirects + redirects), settings)
                else:
                    _nested(reading, child, place, settings)
        case "if_statement" | "while_statement" | "elif_clause":
            opened = False
            for child in node.children:
                opened = opened or child.type in ("then", "do_group")
                _walk(reading, child, replace(place, tested=place.tested or not opened, redirects=()), settings)
        case "negated_command":
            for child in children:
                _walk(reading, child, replace(place, tested=True), settings)
        case "function_definition":
            name = node.child_by_field_name("name")
            called = text_of(name) if name else ""
            reading.functions.append(called)
            for child in children[1:]:
                _walk(reading, child, replace(place, within=called), settings)
        case "heredoc_redirect" | "comment":
            _nested(reading, node, place, settings)
        case "command_substitution" | "process_substitution":
            inner = _Place(within=place.within, nested=True, depth=place.depth)
            for child in children:
                _walk(reading, child, inner, settings)
        case _:
            for child in children:
                after = child.next_sibling
                background = place.background or bool(after and after.type == "&")
                _walk(reading, child, replace(place, background=background), settings)


def _goes_on(node: Node) -> bool:
    """Whether a pipeline is the rest of the one around it: to the grammar `a | b | c || d` is `a | (b | c || d)`."""
    around = node.parent
    if around is None or around.type != "list" or node != around.named_children[0]:
        return False
    return around.parent is not None and around.parent.type == "pipeline"


def _list(reading: _Reading, node: Node, place: _Place, settings: Mapping[str, Mapping[str, str]]) -> None:
    """`a && b`, `a || b`: what stands on the left is tested; after `||` stands what happens when it fails."""
    left, right = node.named_children[0], node.named_children[-1]
    either = any(child.type == "||" for child in node.children)
    first = len(reading.commands)
    _walk(reading, left, replace(place, tested=True, redirects=()), settings)
    middle = len(reading.commands)
    _walk(reading, right, place, settings)
    if either:
        fallback = tuple(range(middle, len(reading.commands)))
        for number in range(first, middle):
            command = reading.commands[number]
            reading.commands[number] = replace(command, otherwise=command.otherwise or fallback)


def _command(
    reading: _Reading,
    node: Node,
    place: _Place,
    settings: Mapping[str, Mapping[str, str]],
    *,
    declares: bool = False,
) -> None:
    _nested(reading, node, place, settings)
    assigned, parts = [], []
    for child in node.children if node.type == "test_command" else node.named_children:
        if child.type == "variable_assignment":
            if declares:
                _assign(reading, child)
            else:
                name, value = _assigned(reading, child)
                assigned.append((name, value))
        elif not child.type.endswith("redirect"):
            parts.append(reading.words.word(child))
    if declares or node.type == "unset_command":
        parts.insert(0, Word(text=node.children[0].type, value=node.children[0].type))
    own = tuple(_redirect(reading, c) for c in node.named_children if c.type.endswith("redirect"))
    command = Command(
        spot=reading.source.spot(node.start_point.row + 1),
        words=tuple(parts),
        assigned=tuple(assigned),
        redirects=(place.redirects if place.last or not place.pipe else ()) + own,
        pipe=place.pipe,
        last=place.last,
        tested=place.tested,
        otherwise=place.otherwise,
        stops=reading.stops and not place.tested,
        pipefail=reading.pipefail,
        within=place.within,
        nested=place.nested,
        background=place.background,
    )
    reading.commands.append(command)
    match command.argv[:1]:
        case ("set",):
            _set(reading, command.argv[1:])
        case ("." | "source",) if len(command.argv) > 1:
            file = command.argv[1].rpartition("/")[2]
            reading.reads.append(file)
            reading.words.known.update(settings.get(file, {}))


def _nested(
    reading: _Reading, node: Node, place: _Place, settings: Mapping[str, Mapping[str, str]], depth: int = 0
) -> None:
    """The commands whose output stands in a word."""
    for child in node.named_children:
        if child.type in ("command_substitution", "process_substitution"):
            _walk(reading, child, replace(place, depth=place.depth + depth), settings)
        elif child.named_child_count and place.depth + depth <= MOST_DEPTH:
            _nested(reading, child, place, settings, depth + 1)


def _set(reading: _Reading, arguments: Iterable[str]) -> None:
    """What `set` and the shell's own arguments switch on and off (bash(1), set)."""
    on, named = True, False
    for argument in arguments:
        if named:
            named = False
            reading.stops = on if argument == "errexit" else reading.stops
            reading.pipefail = on if argument == "pipefail" else reading.pipefail
        elif re.fullmatch(r"[-+][a-zA-Z]+", argument):
            on, reading.options = argument[0] == "-", True
            reading.stops = on if "e" in argument else reading.stops
            named = argument.endswith("o")


def _assign(reading: _Reading, node: Node) -> None:
    name, value = _assigned(reading, node)
    reading.words.known[name] = value.value
    reading.assignments.append(Assignment(name=name, value=value, spot=reading.source.spot(node.start_point.row + 1)))


def _assigned(reading: _Reading, node: Node) -> tuple[str, Word]:
    name = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    return text_of(name) if name else "", reading.words.word(value) if value else Word(text="", value="")


def _redirect(reading: _Reading, node: Node) -> Redirect:
    target = node.named_children[-1] if node.named_children else None
    operator = next((c.type for c in node.children if not c.is_named), "")
    descriptor = node.children[0] if node.children and node.children[0].type == "file_descriptor" else None
    word = reading.words.word(target) if target and node.type == "file_redirect" else Word(text="", value="")
    return Redirect(operator=(text_of(descriptor) if descriptor else "") + operator, target=word)
