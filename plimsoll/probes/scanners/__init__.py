"""Scanners that others wrote, run as programs over a deployment's files, and what they say in one form."""
