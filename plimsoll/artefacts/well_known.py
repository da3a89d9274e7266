"""Secrets that everybody knows, because guides show them."""

from __future__ import annotations

WELL_KNOWN_SECRETS = (
    "secret",
    "password",
    "changeme",
    "change-me",
    "your-secret-key",
    "your_jwt_secret",
    "your-jwt-secret",
    "your_jwt_secret_key",
    "your-jwt-secret-string",
    "your_jwt_secret_256_bit_key",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "your_super_secure_jwt_secret",
    "your-secure-random-string-min-32-chars",
    "supersecret",
    "super-secret",
    "jwt_secret",
    "jwt-secret",
    "mysecret",
    "my-secret",
    "default",
    "key",
    "test",
    "dev",
    "development-secret-min-32-characters",
)
"""Secrets that guides and the token playgrounds show as examples; whoever forges a token tries them first."""
