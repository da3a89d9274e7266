"""A verdict as files (verdict.json, report.html, junit.xml, results.sarif), and as the few lines a terminal shows."""

from plimsoll.report.baseline import read_baseline, written
from plimsoll.report.clean import washed
from plimsoll.report.folder import copy_logs, point_latest, put, write
from plimsoll.report.history import add
from plimsoll.report.sarif_parts import RuleText
from plimsoll.report.stored import read
from plimsoll.report.terminal import summary
from plimsoll.report.trend import shown

__all__ = [
    "RuleText",
    "add",
    "copy_logs",
    "point_latest",
    "put",
    "read",
    "read_baseline",
    "shown",
    "summary",
    "washed",
    "write",
    "written",
]
