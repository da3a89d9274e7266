"""The deployment as plain processes on loopback."""
