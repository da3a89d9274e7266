"""Plimsoll proves that a deployment keeps the promises its guide makes."""

__version__ = "0.1.0"
