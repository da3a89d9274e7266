"""TLS handshakes, offered byte by byte and taken apart."""
