"""A run's folder: every file in it is whole or absent, and `latest` points to the newest."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from plimsoll.errors import PlimsollError
from plimsoll.model import Verdict
from plimsoll.redact import Redactor
from plimsoll.report import html, json, junit, sarif
from plimsoll.report.clean import Clean, clean
from plimsoll.report.load.facts import files
from plimsoll.report.sarif_parts import RuleText

RENDERERS: Mapping[str, Callable[[Clean], str]] = {
    "junit.xml": junit.render,
    "report.html": html.render,
    "verdict.json": json.render,
}

LONGEST_LOG = 1024 * 1024
"""Bytes of a log that are kept: its end says why a service failed."""

LATEST = "latest"

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when no more bytes go in: disk, quota or file size."""

ROOM = "free some space there and run again"

AT_REST = "files"
"""The kind of stack that is nothing but files."""

SARIF = "results.sarif"


def write(
    verdict: Verdict, folder: Path, *, redact: Redactor, rules: Mapping[str, RuleText] = MappingProxyType({})
) -> Path:
    """The path of report.html, once verdict.json, report.html and junit.xml are there. Raises PlimsollError.

    Where files were judged there is results.sarif as well, with what `rules` say of themselves; of each drill there is
    drills/<its name>.json, and of each run of load load/<its name>.json.
    """
    fit = clean(verdict, redact=redact)
    texts = {name: render(fit) for name, render in RENDERERS.items()} | json.each_drill(fit) | files(fit.loads)
    if fit.run.stack == AT_REST or fit.advice or any(finding.holes for finding in fit.findings):
        texts[SARIF] = sarif.render(fit, rules)
    put(folder, texts, redact=redact)
    return folder / "report.html"


def put(folder: Path, texts: Mapping[str, str], *, redact: Redactor) -> None:
    """The texts are files of the folder, each whole or absent. Raises PlimsollError."""
    temporary = {name: folder / f".{name.replace('/', '-')}.{os.getpid()}.tmp" for name in texts}
    with _told(folder, redact, temporary.values()):
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            temporary[name].write_text(text, encoding="utf-8", newline="\n")
        for name, path in temporary.items():
            path.replace(folder / name)


def point_latest(run: Path) -> Path:
    """The path of `latest` beside a run's folder, now naming that run: a relative link, else a file with its name."""
    latest = run.parent / LATEST
    temporary = run.parent / f".{LATEST}.{os.getpid()}.tmp"
    with _told(latest, Redactor(), (temporary,)):
        try:
            temporary.symlink_to(run.name, target_is_directory=True)
        except (NotImplementedError, PermissionError):  # file systems and Windows accounts without symbolic links
            temporary.write_text(run.name + "\n", encoding="utf-8")
        temporary.replace(latest)
    return latest


def copy_logs(logs: Path, target: Path, *, redact: Redactor) -> None:
    """`target` holds the end of every log under `logs`, without secrets. Raises PlimsollError."""
    with _told(target, redact, ()):
        for log in sorted(path for path in logs.rglob("*") if path.is_file()):
            copy = target / log.relative_to(logs)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = log.read_bytes()[-LONGEST_LOG:].decode("utf-8", "replace")
            copy.write_text("".join(f"{line}\n" for line in redact.lines(text.splitlines())), encoding="utf-8")


def hint(error: OSError) -> str:
    """What helps where a file of a report cannot be written."""
    return ROOM if error.errno in FULL else "check that the folder may be written"


@contextmanager
def _told(place: Path, redact: Redactor, temporary: Iterable[Path]) -> Iterator[None]:
    """What the system refuses is told as a PlimsollError, and nothing half written is left."""
    try:
        yield
    except OSError as error:
        fact = redact(f"the report cannot be written to {place}: {error.strerror}")
        raise PlimsollError(fact, hint=hint(error)) from error
    finally:
        for path in temporary:
            with suppress(OSError):  # gone already, or never there
                path.unlink()
