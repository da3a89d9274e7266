"""The drill of files: uploads and what only the host has are backed up, lost, put back, compared."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed, serves_again, until_missed, works_again
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.story import Story
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations.drills import DETECT, RESTORE, START, VERIFY, Census, FilesRecovery, differences
from plimsoll.probes.census import files_of

SAYS = "uploads and what only the host has are put back, after all of it was lost"
ROWS = 30
INVENTED = ("settings.env", "server.pem", "nested/notes.txt")
"""What lies in a precious folder that nobody has put anything into."""


def files_recovery(theatre: Theatre) -> FilesRecovery:
    """Files backed up, the application killed and its files lost, the runbook's restore, all of it compared."""
    recorder = theatre.recorder("files", SAYS)
    story = Story(recorder)
    with rehearsed(theatre, recorder) as rehearsal:
        operator = rehearsal.operator
        operator.needs("backup-files", "restore-files")
        furnish(rehearsal)
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        with rehearsal.witness(uploads=True) as witness:
            with recorder.phase("steady"):
                witness.rows(ROWS)
                story.backup_at = witness.settle()
                story.before = Census(files=kept_files(rehearsal))
                recorder.data_bytes = sum(path.stat().st_size for path in _files(rehearsal))
            with recorder.phase("backup"):
                operator.does("backup-files")
            story.backed_up_at = recorder.now
            story.disaster = _lose(rehearsal)
            try:
                _restore(rehearsal, witness, story)
            except CouldNotLook as error:
                story.failed(error.fact)
    return story.told(FilesRecovery, witness.testimony)


def precious(rehearsal: Rehearsal) -> dict[str, Path]:
    """What must come back, by its name on the host. Raises NothingOfTheKind where the runbook names nothing."""
    recovery = rehearsal.recovery
    found = {path: rehearsal.operator.place(path) for path in recovery.precious}
    if recovery.uploads:
        found["uploads"] = rehearsal.stack.uploads
    if not found:
        raise NothingOfTheKind("nothing says which files must come back", hint='[recovery] precious = ["/opt/…"]')
    return found


def furnish(rehearsal: Rehearsal) -> None:
    """What only the host has is there: where the artefacts have nothing of it, it is invented."""
    for name, path in precious(rehearsal).items():
        if path.exists() and (path.is_file() or any(path.iterdir())):
            continue
        if name != "uploads":
            missing = [path] if _is_file(path) else [path / each for each in INVENTED]
            for file in missing:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(random.Random(str(file.name)).randbytes(2048))  # noqa: S311 - content, no secret


def kept_files(rehearsal: Rehearsal) -> dict[str, str]:
    """The checksums of all that must come back."""
    found = {}
    for name, path in precious(rehearsal).items():
        if path.is_file():
            found[name] = files_of(path.parent)[path.name]
        elif path.is_dir():
            found |= {f"{name}/{inside}": checksum for inside, checksum in files_of(path).items()}
    return found


def _lose(rehearsal: Rehearsal) -> float:
    """The application is dead, and what must come back is gone."""
    recorder, places = rehearsal.recorder, precious(rehearsal)
    recorder.act(f"the application is killed; lost are {', '.join(places)}", destructive=True)
    moment = recorder.now
    rehearsal.stack.kill(rehearsal.recovery.writer)
    for path in places.values():
        for each in path.iterdir() if path.is_dir() else [path]:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    return moment


def _restore(rehearsal: Rehearsal, witness: Witness, story: Story) -> None:
    """The runbook's restore of the files, and the application started again. Raises CouldNotLook."""
    recorder, operator = rehearsal.recorder, rehearsal.operator
    recorder.between(DETECT, story.disaster, until_missed(witness, after=story.disaster))
    backup = story.took(operator.newest("backup-files"))
    with recorder.phase(RESTORE):
        restored = operator.does("restore-files", backup=backup)
    story.points.append((recorder.data_bytes, restored.seconds))
    with recorder.phase(START):
        rehearsal.stack.resume(rehearsal.recovery.writer)
    with recorder.phase(VERIFY):
        story.healthy = serves_again(rehearsal, witness)
    story.changed = differences(story.before, Census(files=kept_files(rehearsal)))
    story.loss = witness.testimony.loss(rehearsal.rows(), disaster=story.disaster)
    story.writes_again = story.healthy and works_again(rehearsal, witness)


def _files(rehearsal: Rehearsal) -> Iterator[Path]:
    for path in precious(rehearsal).values():
        yield from [path] if path.is_file() else (file for file in path.rglob("*") if file.is_file())


def _is_file(path: Path) -> bool:
    """Whether what is not there would be a file, by its name: `.env.production`, and not `uploads`."""
    return "." in path.name
