"""A verdict as files and words: verdict.json, report.html, junit.xml, and the few lines a terminal shows."""

from plimsoll.report.folder import copy_logs, point_latest, put, write
from plimsoll.report.json import read
from plimsoll.report.terminal import summary

__all__ = ["copy_logs", "point_latest", "put", "read", "summary", "write"]
