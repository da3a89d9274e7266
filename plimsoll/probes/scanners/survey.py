"""All scanners run side by side over a deployment's files: only on what they know, and only where something changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from plimsoll.errors import MissingTool
from plimsoll.model import Advice
from plimsoll.observations.artefacts import Purpose, SourceFile
from plimsoll.observations.artefacts.scans import Claim, Examined, Scan, ScannerReports, State
from plimsoll.probes.scanners import environments
from plimsoll.probes.scanners.desk import DEADLINE, Crashed, Desk
from plimsoll.probes.scanners.memory import Memory, Results, remembered
from plimsoll.probes.scanners.results import Unread
from plimsoll.probes.scanners.scanner import Scanner
from plimsoll.runs import cache_folder

SIDE_BY_SIDE = (os.cpu_count() or 1) + 1
"""Scanners at once: one more than there are cores, as each waits for its program to be read from the disk first."""

LONG = (Purpose.PRODUCTION, Purpose.STAGING)
Files = Mapping[str, SourceFile]


def survey(
    sources: Sequence[SourceFile],
    scanners: Iterable[Scanner],
    *,
    claims: tuple[Claim, ...] = (),
    deadline: float = DEADLINE,
) -> ScannerReports:
    """What each scanner says of the files it knows."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        work = [pool.submit(scan, scanner, tuple(sources), deadline=deadline) for scanner in scanners]
        return ScannerReports(
            sources=tuple(sources),
            seen_at=datetime.now(UTC),
            scans=tuple(each.result() for each in work),
            claims=claims,
        )


def scan(scanner: Scanner, sources: tuple[SourceFile, ...], *, deadline: float = DEADLINE) -> Scan:
    """One scanner's part; whatever goes wrong with it is told in it."""
    taken = scanner.takes(sources)
    if not taken:
        return Scan(scanner=scanner.name, state=State.IDLE)
    version = ""
    try:
        program = environments.program(scanner)
        version = version_of(scanner, program)
        files = _placed(scanner, taken)
        said = _said(scanner, program, version, files, sources, deadline)
    except MissingTool as error:
        return Scan(scanner=scanner.name, state=State.MISSING, trouble=error.fact, hint=error.hint)
    except Crashed as error:
        return Scan(scanner=scanner.name, state=State.CRASHED, version=version, trouble=error.fact, hint=error.hint)
    except (OSError, subprocess.SubprocessError, LookupError, TypeError, ValueError) as error:
        trouble = f"what it said was not understood: {type(error).__name__}: {error}"
        return Scan(scanner=scanner.name, state=State.CRASHED, version=version, trouble=trouble)
    examined = tuple(_examined(scanner, path, source, said) for path, source in files.items())
    return Scan(scanner=scanner.name, version=version, files=examined)


def version_of(scanner: Scanner, program: Path) -> str:
    """The scanner's version: as it is pinned, or as the machine's program says."""
    if scanner.home:
        known = environments.pins(scanner.home)
        return next((known[name] for name in (scanner.name, *scanner.packages) if name in known), "")

    def ask() -> str:
        flag = scanner.asks_version
        done = subprocess.run([program, flag], capture_output=True, text=True, check=False, timeout=DEADLINE)
        found = environments.VERSION.search(done.stdout + done.stderr)
        return found[0] if found else ""

    return remembered(cache_folder() / "scans" / "versions", program, ask)


def _placed(scanner: Scanner, sources: Iterable[SourceFile]) -> Files:
    """The files by where they lie on the desk; two of the same place lie apart."""
    files: dict[str, SourceFile] = {}
    for source in sources:
        path, number = scanner.place(source), 1
        while path in files:
            number += 1
            path = f"{number}/{scanner.place(source)}"
        files[path] = source
    return files


def _said(
    scanner: Scanner, program: Path, version: str, files: Files, sources: tuple[SourceFile, ...], deadline: float
) -> Results:
    """What it says of these files, as far as it said so before, and anew of the others."""
    settings = sha256(b"\0".join(path.read_bytes() for path in scanner.settings)).hexdigest()
    memory = Memory(scanner.name, f"{version}\0{settings}")
    groups = _groups(scanner, files, sources)
    keys = {name: memory.key(parts) for name, parts in groups.items()}
    before = {name: memory.recall(key) for name, key in keys.items()}
    known = [each for results in before.values() for each in results or ()]
    new = {path: source for path, source in files.items() if before["" if scanner.together else path] is None}
    if not new:
        return tuple(known)
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-scan-")).resolve()
    try:
        desk = Desk(folder=folder, program=program, files=new, all=sources, deadline=deadline)
        desk.lay_out()
        found = tuple(scanner.look(desk))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if strange := next((each for each in found if each.path not in files), None):
        raise Crashed(f"speaks of a file that it was not given: {strange}")
    for name, key in keys.items():
        if before[name] is None:
            memory.keep(key, [each for each in found if scanner.together or each.path == name])
    memory.forget()
    return (*known, *found)


def _groups(scanner: Scanner, files: Files, sources: tuple[SourceFile, ...]) -> Mapping[str, list[tuple[str, str]]]:
    """What decides what is said: of each file its own text, or of all of them all texts."""
    if not scanner.together:
        return {path: [(path, _identity(source))] for path, source in files.items()}
    more = [(source.name, source.text) for source in sources] if scanner.follows else []
    return {"": [*((path, _identity(source)) for path, source in files.items()), *more]}


def _identity(source: SourceFile) -> str:
    return f"{source.kind}\0{source.fragment}\0{source.text}"


def _examined(scanner: Scanner, path: str, source: SourceFile, said: Results) -> Examined:
    """One file with what is said of it, as a person looks it up."""
    mine = [each for each in said if each.path == path]
    results = sorted((each for each in mine if not isinstance(each, Unread)), key=lambda each: (each.line, each.rule))
    return Examined(
        name=source.name,
        kind=source.kind,
        results=tuple(
            Advice(
                scanner=scanner.name,
                rule=each.rule,
                severity=each.severity,
                spot=source.spot(min(max(each.line, 1), source.text.count("\n") + 1)),
                message=each.message,
                link=each.link,
            )
            for each in results
        ),
        unread=next((each.why for each in mine if isinstance(each, Unread)), ""),
        fragment=source.fragment,
        for_production=source.purpose in LONG,
    )
