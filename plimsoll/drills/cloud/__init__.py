"""What is off the host: object stores, the roads to them, and the stand-in for a cloud."""
