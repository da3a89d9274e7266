"""How it comes about what a deployment's files say; they are found and told apart once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from plimsoll.artefacts.observe import KINDS, observe
from plimsoll.errors import NothingOfTheKind
from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation
from plimsoll.observations.artefacts import Artefacts


def _look(kind: type[Artefacts], scene: Scene) -> Artefacts:
    seen = observe(kind, scene.sources, datetime.now(UTC))
    if not seen.sources:
        wanted = " or ".join(KINDS[kind])
        raise NothingOfTheKind(f"no file of {len(scene.sources)} is one for {wanted}")
    return seen


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {kind: partial(_look, kind) for kind in KINDS}
ALONE = ()
DEEP = ()
AT_REST = frozenset(LOOKS)
"""Looks that need no stack, only its files."""
