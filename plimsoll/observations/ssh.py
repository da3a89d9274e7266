"""How an SSH server lets people in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.observations.ports import FileLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SshServer:
    """What an SSH server offers to whoever has shown nothing yet, by user, in its own words (RFC 4252, 5.1).

    `entered` is whether an authorised key got in, None where nobody holds one; `settings` what the server says of its
    effective configuration, `lines` the deployment's own file for it; both may be out of sight.
    """

    address: str
    offers: Mapping[str, tuple[str, ...]]
    entered: bool | None
    seen_at: datetime
    settings: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[FileLine, ...] = ()
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many users were told how to log in."""
        return len(self.offers)
