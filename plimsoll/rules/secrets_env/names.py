"""What the name of a variable says of its value: whether it is a secret, and whether browsers get to see it."""

from __future__ import annotations

import re

SECRET = re.compile(
    r"(^|_)(SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PGPASSWORD|TOKEN|PRIVATE_KEY|SIGNING_KEY|ENCRYPTION_KEY"
    r"|API_?KEY|SECRET_KEY|ACCESS_KEY|AUTH_KEY|MASTER_KEY|SALT|CREDENTIALS?)(_(BASE64|HEX|CURRENT|PREVIOUS|V?\d+))?$|^PGPASSWORD$",
    re.IGNORECASE,
)
"""Names whose values nobody else may know."""

NO_SECRET = re.compile(
    r"(^|_)(PUBLIC|PUBLISHABLE|SITE|ANON|CSRF_HEADER)(_|$)|_(FILE|PATH|NAME|ID|URL|ARN|LENGTH|SECONDS|TTL|EXPIRY|HEADER)$",
    re.IGNORECASE,
)
"""Names that speak of a secret and hold none: where it lies, how long it lives, the half that is meant to be public."""

PUBLIC_PREFIX = re.compile(r"^(NEXT_PUBLIC|VITE|REACT_APP|VUE_APP|NUXT_PUBLIC|GATSBY|EXPO_PUBLIC|PUBLIC|STORYBOOK)_")
"""Prefixes by which build tools write a variable into what every browser loads."""

HIDDEN = re.compile(r"SECRET|PASSWORD|PASSWD|PRIVATE|TOKEN|CREDENTIAL|SERVICE_ROLE|_PASS$|DATABASE_URL|REDIS_URL")
"""Words of names that belong into no browser."""

MEANT_FOR_BROWSERS = re.compile(
    r"^(pk_(live|test)_|pk\.|G-|UA-|GA-|GTM-|AIza|https?://[^:@/]+(/|$))|publishable|public", re.IGNORECASE
)
"""Values that their makers publish: Stripe's and Mapbox's public keys, Google's identifiers and browser keys."""


def is_secret(name: str) -> bool:
    """Whether the variable holds something that nobody else may know."""
    return bool(SECRET.search(name)) and not NO_SECRET.search(name) and not PUBLIC_PREFIX.match(name)


def is_public(name: str) -> bool:
    """Whether browsers get to see the variable's value."""
    return bool(PUBLIC_PREFIX.match(name))
