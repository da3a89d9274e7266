"""A form with one file in it, as browsers send it (RFC 7578)."""

from __future__ import annotations

from random import Random

BOUNDARY = "plimsoll-2f6b1c0d9a7e48535e0f"
FILE = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
HEAD = f"""--{BOUNDARY}\r
Content-Disposition: form-data; name="file"; filename="load.bin"\r
Content-Type: application/octet-stream\r
\r
"""


def form(size: int) -> bytes:
    """The body with a file of so many bytes: always the same ones, and none that could be packed smaller."""
    content = Random(size).randbytes(size)  # noqa: S311 - a file that can be repeated, no secret
    return HEAD.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
