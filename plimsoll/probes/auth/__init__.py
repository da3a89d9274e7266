"""Logging in, in the right ways and in the wrong ones."""
