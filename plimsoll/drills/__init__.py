"""Drills: a stack is harmed on purpose while somebody watches, and led back by the deployment's own runbook."""
