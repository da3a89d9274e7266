"""Logs: rotated before they fill the disk, kept as long as promised."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import LogrotateFiles, Rotation

__all__ = ["log_rotation_works", "logs_rotated_as"]

PERIODS = ("hourly", "daily", "weekly", "monthly", "yearly")


def logs_rotated_as(
    promise: Promise, logrotate: LogrotateFiles, *, logs: str, every: str, keep: int, create: str = ""
) -> Finding:
    """Logrotate rotates these logs as often as promised, compresses them, and keeps so many of them."""
    found = [rotation for rotation in logrotate.rotations if logs in rotation.logs]
    create_said = f", create {create}" if create else ""
    expected = f"{logs}: {every}, compressed, rotate {keep}{create_said}"
    holes = []
    for rotation in found:
        says = rotation.says
        if every not in says:
            stated = next((period for period in PERIODS if period in says), "no period")
            holes.append(Hole(spot=rotation.spot, what=f"{logs} is rotated with {stated}, not {every}", fix=every))
        if says.get("rotate") != str(keep):
            what = f"keeps {says.get('rotate', 'none')} of {logs}, not {keep}"
            holes.append(Hole(spot=rotation.spot_of("rotate"), what=what, fix=f"rotate {keep}"))
        if "compress" not in says:
            holes.append(Hole(spot=rotation.spot, what=f"{logs} is not compressed", fix="compress"))
        if create and " ".join(says.get("create", "").split()).lstrip("0") != create.lstrip("0"):
            what = f"the new log is created with {says.get('create') or 'nothing said'}, not {create}"
            holes.append(Hole(spot=rotation.spot_of("create"), what=what, fix=f"create {create}"))
    hint = f"a block for {logs}"
    return promise.judged(holes, looked=[r.spot for r in found], expected=expected, hint=hint, nothing=f"no {hint}")


def log_rotation_works(promise: Promise, logrotate: LogrotateFiles) -> Finding:
    """Every log that is rotated is kept a while, compressed, and whoever writes it goes on in the new file."""
    return promise.judged(
        [hole for rotation in logrotate.rotations for hole in _wrong(rotation)],
        looked=[f"{r.spot}: {' '.join(r.logs)}" for r in logrotate.rotations],
        expected="rotated logs that are kept, compressed, and written on",
        nothing="no log is rotated",
    )


def _wrong(rotation: Rotation) -> Iterator[Hole]:
    says, logs = rotation.says, " ".join(rotation.logs)
    if says.get("rotate", "0") == "0":
        what = f"{logs}: without a number of logs to keep, rotating one deletes it (logrotate.conf(5), rotate)"
        yield Hole(spot=rotation.spot_of("rotate"), what=what, fix="rotate 14")
    if not any(period in says for period in PERIODS) and not {"size", "maxsize"} & says.keys():
        yield Hole(spot=rotation.spot, what=f"{logs}: nothing says when to rotate", fix="daily")
    if "compress" not in says:
        yield Hole(spot=rotation.spot, what=f"{logs}: kept logs are not compressed", fix="compress, delaycompress")
    several = any("*" in log for log in rotation.logs)  # of one log nobody knows: dpkg opens its own for each line
    if several and "copytruncate" not in says and not rotation.scripts and "create" in says and "nocreate" not in says:
        what = f"{logs}: nobody tells whoever writes the log, which goes on in the one that was moved away"
        yield Hole(spot=rotation.spot, what=what, fix="postrotate … endscript with the signal for it, or copytruncate")
