"""What counts and times prove, and what they do not. Pure figures: standard library only, no I/O."""
