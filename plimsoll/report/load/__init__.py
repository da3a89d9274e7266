"""Runs of load on the page, in the terminal and in verdict.json."""
