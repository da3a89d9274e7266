"""What files of this project import, read from their text without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[1]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SUBMODULES = frozenset({"urllib.request", "urllib.parse", "concurrent.futures"})
"""Modules of the standard library that `from package import module` may mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One module imported by a file. `eager` when it happens as soon as the file itself is imported."""

    file: Path
    line: int
    module: str
    eager: bool

    @property
    def top(self) -> str:
        """The package that the module belongs to."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line} imports {self.module}"


def imports(file: Path, home: Path = HOME) -> Iterator[Import]:
    """Every import of a file; `from a import b` is a.b where that is a module, else a."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    later = {id(each) for node in ast.walk(tree) if _is_later(node) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = file.relative_to(home).parts[: -node.level] if node.level else ()
            source = ".".join([*package, *filter(None, [node.module])])
            whole = [f"{source}.{alias.name}" for alias in node.names]
            names = [name if _is_module(name, home) else source for name in whole]
        else:
            continue
        for name in names:
            yield Import(file=file, line=node.lineno, module=name, eager=id(node) not in later)


def name_of(file: Path, home: Path = HOME) -> str:
    """The dotted name of a file."""
    parts = file.relative_to(home).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_later(node: ast.AST) -> bool:
    """Whether what stands inside runs later, or never: a function, or what only a type checker reads."""
    return isinstance(node, FUNCTIONS) or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))


def _is_module(name: str, home: Path) -> bool:
    place = home.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir() or name in SUBMODULES
