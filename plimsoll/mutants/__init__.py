"""Mutants: a deployment with one known defect each, and the promises that must go red because of it."""

from plimsoll.mutants.command import main

__all__ = ["main"]
