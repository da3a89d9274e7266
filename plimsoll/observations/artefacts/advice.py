"""What scanners say beyond the promises, as their reports hold it."""

from __future__ import annotations

from plimsoll.model import Advice, Severity

__all__ = ["Advice", "Severity"]
