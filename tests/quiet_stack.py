"""A stack at which nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from plimsoll.stacks.protocol import Endpoint


@dataclass(frozen=True, kw_only=True)
class QuietStack:
    """A stack in name only: the tests say what is seen of it."""

    kind: str = "quiet"
    scheme: str = "https"
    methods: frozenset[str] = frozenset({"GET"})
    provides: frozenset[str] = frozenset()
    intrusive: bool = False
    images: Mapping[str, str] = field(default_factory=dict)
    artefacts: Path = Path("/nowhere")
    secrets: tuple[str, ...] = ()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """An edge and an application at which nothing listens."""
        place = {"host": "site.example", "port": 1, "address": ("127.0.0.1", 1)}
        roles = {"edge": self.scheme, "app": "http"}
        return tuple(Endpoint(role=role, scheme=scheme, **place) for role, scheme in roles.items())  # type: ignore[arg-type] # as its fields say

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing was started."""
