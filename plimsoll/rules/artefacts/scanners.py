"""What scanners find in files, as far as somebody promised that they find nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from plimsoll.model import Advice, Finding, Hole, Promise, Severity
from plimsoll.observations.artefacts.scans import WORST_FIRST, Claim, Examined, Scan, ScannerReports, State

__all__ = ["advice_below", "scanner_clean"]

Word = Literal["critical", "high", "medium", "low", "info"]


def scanner_clean(
    promise: Promise,
    reports: ScannerReports,
    *,
    scanner: str,
    ids: tuple[str, ...],
    kinds: tuple[str, ...] = (),
    severity: Word = "info",
    files: str = "",
    everywhere: bool = False,
) -> Finding:
    """A scanner that knows such files finds none of these defects in them.

    `ids` are the scanner's own, patterns allowed; `kinds` the kinds of files that they are about, if it knows more,
    `severity` the mildest that counts. Files for development, tests and examples count only `everywhere`, or where
    `files` names them.
    """
    expected = f"nothing of {', '.join(ids)} found by {scanner}"
    scan = reports.scan(scanner)
    if scan is None:
        return promise.unknown(f"there is no scanner {scanner}", expected=expected, hint="docs/scanners.md lists them")
    if scan.state in (State.MISSING, State.CRASHED):
        return _silent(promise, scan, expected)
    claims = [Claim(pattern=f"{scanner} {name}", severity=Severity(severity)) for name in ids]
    looked = [file for file in scan.of(kinds=kinds, files=files) if file.for_production or files or everywhere]
    holes = [hole for file in looked for hole in _holes(file, claims)]
    if unread := [] if holes else [file for file in looked if file.unread and not file.fragment]:
        more = f", and {len(unread) - 1} more" if len(unread) > 1 else ""
        return promise.unknown(
            f"{scanner} cannot read {unread[0].name}: {unread[0].unread}{more}",
            expected=expected,
            evidence=[f"{file.name}: {file.unread}" for file in unread],
        )
    return promise.judged(
        holes,
        looked=[f"{file.name} ({scanner} {scan.version})" for file in looked if not file.unread],
        expected=expected,
        nothing=f"there is no {' or '.join(kinds)} file" if kinds else f"there is no file that {scanner} knows",
    )


def advice_below(
    promise: Promise, reports: ScannerReports, *, severity: Word, besides: tuple[str, ...] = ()
) -> Finding:
    """What scanners say beyond the promises is all less severe than this deployment puts up with.

    `besides` are results that are put up with all the same (`hadolint DL3018`, patterns allowed).
    """
    expected = f"no advice of severity {severity} or above"
    silent = [scan for scan in reports.scans if scan.state in (State.MISSING, State.CRASHED)]
    least = WORST_FIRST.index(Severity(severity))
    excused = [Claim(pattern=pattern) for pattern in besides]
    holes = [
        _hole(each, f"{each.scanner} {each.rule} ({each.severity}): {each.message.rstrip('.')}")
        for each in reports.advice
        if WORST_FIRST.index(each.severity) <= least and not any(claim.means(each) for claim in excused)
    ]
    if silent and not holes:
        return _silent(promise, silent[0], expected)
    ran = [f"{scan.scanner} {scan.version}: {len(scan.files)} files" for scan in reports.scans if scan.files]
    return promise.judged(holes, looked=ran, expected=expected, nothing="no scanner knows a file of this")


def _silent(promise: Promise, scan: Scan, expected: str) -> Finding:
    """Nobody can tell what a scanner would have said."""
    how = "is missing" if scan.state is State.MISSING else "crashed"
    return promise.unknown(f"{scan.scanner} {how}: {scan.trouble}", expected=expected, hint=scan.hint)


def _holes(file: Examined, claims: Sequence[Claim]) -> Iterator[Hole]:
    for each in file.results:
        if any(claim.means(each) for claim in claims):
            yield _hole(each, f"{each.scanner} {each.rule}: {each.message.rstrip('.')}")


def _hole(each: Advice, what: str) -> Hole:
    return Hole(
        spot=each.spot, what=what, fix=f"{each.link or f'the manual of {each.scanner}'} says what to write instead"
    )
