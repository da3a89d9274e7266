"""Drills of recoveries: lost on purpose, led back by the runbook, compared."""
