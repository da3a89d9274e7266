"""The words of shell commands: what they mean, as far as the script itself tells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from plimsoll.observations.artefacts.shell import Word

BRACED = re.compile(r"\$\{([A-Za-z_]\w*)\}")
LONGEST = 4096
"""Characters of a word's meaning; a script that doubles a variable again and again soon means more than memory."""


def text_of(node: Node) -> str:
    """The text of a node as it is written; plain variables without braces, whether or not they have some."""
    return BRACED.sub(r"$\1", (node.text or b"").decode("utf-8", errors="replace"))


@dataclass(slots=True)
class Words:
    """What variables are known to mean, and words read with that."""

    known: dict[str, str] = field(default_factory=dict)

    def word(self, node: Node) -> Word:
        """One word."""
        loose: list[str] = []
        bare: list[str] = []
        value = self._value(node, loose, bare, quoted=False)
        return Word(text=text_of(node), value=value[:LONGEST], loose=tuple(loose), bare=tuple(bare))

    def _value(  # noqa: PLR0911 - one answer for each kind of word in the grammar
        self, node: Node, loose: list[str], bare: list[str], *, quoted: bool
    ) -> str:
        match node.type:
            case "raw_string":
                return text_of(node)[1:-1]
            case "ansi_c_string":
                return text_of(node)[2:-1]
            case "string":
                return self._joined(node, loose, bare, start=node.start_byte + 1, end=node.end_byte - 1, quoted=True)
            case "simple_expansion" | "expansion":
                return self._variable((node.text or b"").decode("utf-8", errors="replace"), loose, bare, quoted=quoted)
            case "command_substitution" | "process_substitution":
                return "*"
            case "word":
                return re.sub(r"\\(.)", r"\1", text_of(node), flags=re.DOTALL)
            case _ if node.named_children:
                return self._joined(node, loose, bare, start=node.start_byte, end=node.end_byte, quoted=quoted)
        return text_of(node)

    def _joined(self, node: Node, loose: list[str], bare: list[str], *, start: int, end: int, quoted: bool) -> str:
        """The parts of a node, and what stands between them."""
        whole, parts, at = node.text or b"", list[str](), start
        for child in node.named_children:
            if child.start_byte >= at:
                parts.append(whole[at - node.start_byte : child.start_byte - node.start_byte].decode(errors="replace"))
                parts.append(self._value(child, loose, bare, quoted=quoted))
                at = child.end_byte
        parts.append(whole[at - node.start_byte : max(end - node.start_byte, 0)].decode(errors="replace"))
        return "".join(parts)[:LONGEST]

    def _variable(self, text: str, loose: list[str], bare: list[str], *, quoted: bool) -> str:
        if not text.startswith("${"):
            name, operator, rest = text[1:], "", ""
        elif match := re.fullmatch(r"\$\{(\w+|[@*#?!-])(:?[-=?+])?(.*)\}", text, re.DOTALL):
            name, operator, rest = match[1], match[2] or "", match[3]
        else:
            return "*"
        if not quoted:
            loose.append(name)
        if not operator.endswith(("?", "-", "=")):
            bare.append(name)
        if operator.endswith(("-", "=")) and name not in self.known:
            return rest.strip("\"'")
        if not operator and rest:
            return "*"
        return self.known.get(name, f"${name}")
