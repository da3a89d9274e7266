"""One mutant as its file describes it: the defect, the promises it breaks, and the artefacts it leaves.

A variant is a mutant without a defect: it looks odd, is right, and so breaks nothing.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from plimsoll.errors import BadInput
from plimsoll.model import Deployment
from plimsoll.services import OF_CERTIFICATES
from plimsoll.shape import nearest
from plimsoll.stacks.materials import SIGNING, SIGNING_KEYS
from plimsoll.tables import Table, TomlFile

STACK = {**OF_CERTIFICATES, SIGNING: SIGNING_KEYS}
"""The settings that are no service's own, and the values to choose from where there are only so many."""

KEYS = ("defect", "variant", "breaks", "says", "hides", "edit", "settings")
OF_DEFECTS = ("defect", "breaks", "says")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One text of an artefact, which stands there exactly once, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One defect. Exactly the promises in `breaks` turn red, each saying its text of `says` in upper or lower case.

    Those that a pattern of `hides` names may become unknown: it keeps anybody from telling. A variant breaks none; its
    `defect` says what is odd about it.
    `artefacts` maps each file it changes, from the deployment's root, to the text it has then; `settings` go to the
    stack.
    """

    name: str
    defect: str
    breaks: tuple[str, ...]
    says: Mapping[str, str] = field(default_factory=dict)
    hides: tuple[str, ...] = ()
    artefacts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def harmless(self) -> bool:
        """Whether it is a variant."""
        return not self.breaks


def read_mutants(folder: Path, deployment: Deployment, *, matching: str = "") -> tuple[Mutant, ...]:
    """The mutants of a folder whose names hold `matching`, by name. Raises BadInput, also when there is none."""
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}", key="--mutants", hint="one <name>.toml per mutant")
    mutants = tuple(read_mutant(path, deployment) for path in sorted(folder.glob("*.toml")) if matching in path.stem)
    if not mutants:
        called = f" called {matching!r}" if matching else ""
        raise BadInput(f"no mutant{called} in {folder}", key="--mutants", hint="one <name>.toml per mutant")
    return mutants


def read_mutant(path: Path, deployment: Deployment) -> Mutant:
    """The mutant that a file describes. Raises BadInput."""
    file = TomlFile(path)
    file.only(file.document, KEYS)
    harmless = "variant" in file.document
    if harmless:
        file.only(file.document, [key for key in KEYS if key not in OF_DEFECTS])
    breaks = () if harmless else _breaks(file, deployment)
    mutant = Mutant(
        name=path.stem,
        defect=cast(str, file.value(file.document, "variant" if harmless else "defect", str)),
        breaks=breaks,
        says=_says(file, breaks),
        hides=_hides(file, deployment),
        artefacts=_artefacts(file, deployment.root),
        settings=_settings(file, deployment),
    )
    if not mutant.artefacts and not mutant.settings:
        raise file.wrong("a mutant that changes nothing", hint="[[edit]] file, old, new and/or [settings]")
    return mutant


def _breaks(file: TomlFile, deployment: Deployment) -> tuple[str, ...]:
    """The promises that the defect breaks, at least one, all of this deployment."""
    breaks = cast(tuple[str, ...], file.value(file.document, "breaks", tuple[str, ...]))
    if not breaks:
        raise file.wrong("breaks no promise", key="breaks", hint="a defect that nobody promised to avoid is no mutant")
    return _known(file, deployment, "breaks", breaks)


def _hides(file: TomlFile, deployment: Deployment) -> tuple[str, ...]:
    """The patterns of promises of which nobody can tell because of the defect, each meaning one at least."""
    patterns = cast(tuple[str, ...], file.value(file.document, "hides", tuple[str, ...], default=()))
    return _known(file, deployment, "hides", patterns)


def _known(file: TomlFile, deployment: Deployment, key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """These names, each of a promise of this deployment."""
    known = [promise.id for promise in deployment.promises]
    for name in names:
        if not fnmatch.filter(known, name):
            hint = f"{deployment.name} promises {known[0]} and {len(known) - 1} more"
            raise file.wrong(f"no promise {name!r}{nearest(name, known)}", key=key, hint=hint)
    return names


def _says(file: TomlFile, breaks: tuple[str, ...]) -> dict[str, str]:
    """What the finding on each promise says: one text for all, or a list with one for each, in their order."""
    if not isinstance(file.document.get("says", ""), list):
        return dict.fromkeys(breaks, cast(str, file.value(file.document, "says", str, default="")))
    says = cast(tuple[str, ...], file.value(file.document, "says", tuple[str, ...]))
    if len(says) != len(breaks):
        raise file.wrong(
            f"says {len(says)} texts for {len(breaks)} promises", key="says", hint="one text, or one for each"
        )
    return dict(zip(breaks, says, strict=True))


def _artefacts(file: TomlFile, root: Path) -> dict[str, str]:
    """The text of each edited artefact once all edits are made, one after the other."""
    texts: dict[str, str] = {}
    edits = cast(tuple[Table, ...], file.value(file.document, "edit", tuple[Table, ...], default=()))
    for number, table in enumerate(edits):
        place = f"edit[{number}]"
        edit = file.record(table, Edit, table=place)
        text = texts[edit.file] if edit.file in texts else _text(file, root, edit.file, place)
        if (times := text.count(edit.old) if edit.old else 0) != 1:
            hint = "take enough of the line, and of the lines around it, to mean one place"
            raise file.wrong(f"stands {times} times in {edit.file}, not once", table=place, key="old", hint=hint)
        if edit.new == edit.old:
            raise file.wrong("changes nothing: new is old", table=place, key="new")
        texts[edit.file] = text.replace(edit.old, edit.new)
    return texts


def _text(file: TomlFile, root: Path, name: str, place: str) -> str:
    """The text of one artefact as it is."""
    known = [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
    if name not in known:
        raise file.wrong(
            f"no artefact {name!r}{nearest(name, known)}", table=place, key="file", hint=f"paths start at {root}"
        )
    try:
        return (root / name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise file.wrong(f"{name} is no text", table=place, key="file", hint="only texts can be edited") from error


def _settings(file: TomlFile, deployment: Deployment) -> Mapping[str, str]:
    """The settings that the stack gets; every name, and every value of those with a choice, is one it understands."""
    settings = cast(Mapping[str, str], file.value(file.document, "settings", Mapping[str, str], default={}))
    roles = deployment.services
    whose = {*roles, *(f"{role}/{number}" for role, each in roles.items() for number in range(1, each.replicas + 1))}
    for name, value in settings.items():
        role, _, own = name.partition(".")
        if name not in STACK and (role not in whose or not own):
            near = nearest(name, [*STACK, *(f"{each}.{own}" for each in roles)])
            several = f"ROLE.VARIABLE, or ROLE/REPLICA.VARIABLE, with one of the roles {', '.join(roles)}"
            hint = f"known: {', '.join(STACK)}, and {several}"
            raise file.wrong(f"unknown setting{near}", table="settings", key=name, hint=hint)
        choice = STACK.get(name) or OF_CERTIFICATES.get(own)
        if choice and value not in choice:
            fact = f"{value!r} is none{nearest(value, choice)}"
            raise file.wrong(fact, table="settings", key=name, hint=", ".join(choice))
    return settings
