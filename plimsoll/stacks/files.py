"""A deployment's files, at rest. Nothing is started and nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from plimsoll.model import Deployment
from plimsoll.stacks.protocol import Endpoint


class FilesStack:
    """The folder of a deployment's artefacts, or the guide that holds them."""

    kind = "files"
    methods: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset()
    intrusive = False
    images: Mapping[str, str] = {}
    endpoints: tuple[Endpoint, ...] = ()
    secrets: tuple[str, ...] = ()

    def __init__(self, deployment: Deployment) -> None:
        self.artefacts: Path = deployment.root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing was started, so nothing is stopped."""

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:  # noqa: ARG002 - files have no settings beside them
        """The files are those in that folder."""
        self.artefacts = artefacts
