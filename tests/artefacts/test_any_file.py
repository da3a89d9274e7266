"""Whatever a file holds, it is read and judged: nothing in it makes anybody raise."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts import guide
from plimsoll.artefacts.kinds import kind_of
from plimsoll.artefacts.observe import KINDS, READERS
from plimsoll.model import Finding
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.files import folder
from plimsoll.rules import RULES
from tests.rules.cases import CASES, a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWN = (
    "files-understood keys-unique redirects-answered certificates-for-names cors-origins-answered "
    + " ".join(name for name in RULES if name.startswith("nginx-") and name != "nginx-directives")
).split()
TEXTS = [path.read_text(encoding="utf-8") for rule in OWN for path in sorted((CASES / rule).glob("*.md"))]
PIECES = (
    "{",
    "}",
    ";",
    '"',
    "'",
    "\\",
    "$",
    "${",
    "\t",
    "\0",
    "- ",
    ": ",
    "&a ",
    "*a",
    "<<: *a",
    "{{",
    "[",
    "\n",
    "²",
    "\ufffd",
)
NAMES = st.text(max_size=20) | st.sampled_from(
    ("nginx/nginx.conf", "compose.yml", ".env", "package.json", "railway.toml", "k8s/a.yml", "a.sh", "Dockerfile", "x")
)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A case's text with some of its lines gone, repeated, or broken."""
    text = draw(st.sampled_from(TEXTS)).split("+++\n", 2)[2]
    lines = text.split("\n")
    dice = random.Random(draw(st.integers(0, 10**6)))  # noqa: S311 - a test's dice
    for _ in range(draw(st.integers(1, 6))):
        at = dice.randrange(len(lines))
        word = dice.choice(PIECES)
        lines[at : at + 1] = dice.choice([[], [lines[at]] * 2, [lines[at] + word], [word + lines[at]], [lines[at][:3]]])
        lines = lines or [""]
    return "\n".join(lines)


def judged(rule: str, sources: tuple[SourceFile, ...]) -> Finding:
    """What a rule without parameters says of some files."""
    seen = [READERS[kind](tuple(s for s in sources if s.kind in KINDS[kind]), NOW) for kind in RULES[rule].reads]
    return RULES[rule].judge(a_promise(rule), *seen)


@given(NAMES, st.text(max_size=200) | spoilt(), st.sampled_from(("", "bash", "yaml", "json", "nginx", "x")))
def test_any_text_has_a_kind(name: str, text: str, info: str) -> None:
    """Whatever it is called and says, a file is something."""
    assert kind_of(name, text, info=info) in Kind


@pytest.mark.parametrize("observation", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=30)
@given(st.data())
def test_any_text_is_read_as_any_kind(observation: type, data: st.DataObject) -> None:
    """Whatever a file holds, what it was taken for is read; what could not be understood is said with its line."""
    kind = data.draw(st.sampled_from(KINDS[observation]))
    text = data.draw(st.text(max_size=200) | spoilt())
    source = SourceFile(name=data.draw(NAMES), kind=kind, text=text)

    seen = READERS[observation]((source,), NOW)

    assert set(seen.sources) <= {source}
    assert all(trouble.what and trouble.spot.line >= 0 for trouble in seen.troubles)


@pytest.mark.parametrize("rule", OWN)
@settings(max_examples=30)
@given(spoilt())
def test_any_guide_is_judged(rule: str, text: str) -> None:
    """Whatever a guide's blocks have become, a rule has something to say of them."""
    finding = judged(rule, tuple(guide.read(text, "guide.md")))

    assert finding.message


@settings(max_examples=50)
@given(content=st.binary(max_size=300), name=st.sampled_from(("nginx.conf", "compose.yml", "a.json", "a.toml", ".env")))
def test_any_bytes_are_a_file(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    """Whatever bytes a file has, it is listed."""
    root: Path = tmp_path_factory.mktemp("any")
    (root / name).write_bytes(content)

    (source, *_) = folder.sources(root, {})

    assert (source.name, bool(source.trouble)) == (name, source.kind is Kind.UNREADABLE)
    assert judged("files-understood", (source,)).message
