"""Looks at running containers: from outside by the engine, from inside by testinfra."""
