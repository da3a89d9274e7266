"""The deployment in containers, on images that need no registry."""
