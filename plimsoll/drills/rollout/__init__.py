"""Drills of releases: brought to clients under traffic, and taken back."""
