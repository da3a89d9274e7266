"""What a run of load says of promises over response times, errors and the room that is left."""

from __future__ import annotations

from plimsoll.rules.slo.latency import latency_within
from plimsoll.rules.slo.saturation import connections_within, cpu_within, memory_within
from plimsoll.rules.slo.success import error_rate_within, error_share_within

__all__ = [
    "connections_within",
    "cpu_within",
    "error_rate_within",
    "error_share_within",
    "latency_within",
    "memory_within",
]
