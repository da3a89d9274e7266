"""Ports tried from every zone, and the host that guards them."""
