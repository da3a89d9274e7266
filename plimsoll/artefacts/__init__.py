"""Texts understood: pure functions from the text of a file to what it says, with lines. No I/O, no judgement."""
