"""Every scanner there is, the slowest first."""

from __future__ import annotations

from plimsoll.probes.scanners.checkov import CHECKOV
from plimsoll.probes.scanners.linters import linters
from plimsoll.probes.scanners.nginx import nginxes
from plimsoll.probes.scanners.scanner import Scanner
from plimsoll.probes.scanners.schemas import schemas
from plimsoll.probes.scanners.servers import servers

SCANNERS: tuple[Scanner, ...] = (CHECKOV, *schemas(), *nginxes(), *linters(), *servers())
"""Whoever adds one adds it here, through its module."""
