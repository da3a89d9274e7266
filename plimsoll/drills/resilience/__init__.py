"""Drills of faults: they befall a stack that clients use, and it has to be well again."""
