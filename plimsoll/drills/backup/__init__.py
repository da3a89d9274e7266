"""Drills of backups: made, failing, growing old, sent away, and tried."""
