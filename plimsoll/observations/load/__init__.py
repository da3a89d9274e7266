"""What a run of load is told, and what it brings back."""

from __future__ import annotations

from plimsoll.observations.load.capacity import Capacity, CapacityRecord, Level, Said, Used
from plimsoll.observations.load.generator import Generator, Pulse
from plimsoll.observations.load.order import Order, Target
from plimsoll.observations.load.record import Decision, LoadRecord
from plimsoll.observations.load.run import LoadRun, Reading
from plimsoll.observations.load.window import DROPPED, Tally, Window

__all__ = [
    "DROPPED",
    "Capacity",
    "CapacityRecord",
    "Decision",
    "Generator",
    "Level",
    "LoadRecord",
    "LoadRun",
    "Order",
    "Pulse",
    "Reading",
    "Said",
    "Tally",
    "Target",
    "Used",
    "Window",
]
