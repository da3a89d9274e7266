"""The deployment's host with its firewall up, and clients in every zone around it."""
