"""What programs in JavaScript state: the calls that set something up, and the files of their process manager."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.source import Artefacts, Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call whose first argument is an object literal: `prometheus.Counter`, `Sentry.init`, `Pool`."""

    name: str
    argument: Node
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class JavaScripts(Artefacts):
    """Files in JavaScript and TypeScript, and what they set up."""

    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFiles(Trees):
    """What PM2 is told to run, as `module.exports` of its files states it."""
