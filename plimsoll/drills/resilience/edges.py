"""An edge whose certificate has ended: clients who look at it do not stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.drills.resilience.ward import Ward

EXPIRED_DAYS, GOOD_DAYS = -1, 90
WORD = "expired"
"""What every TLS library says of such a certificate (RFC 5280, 6.1.3; OpenSSL: certificate has expired)."""


@contextmanager
def certificate_expired(ward: Ward) -> Iterator[str]:
    """The edge has reread its files, and its certificate ended yesterday; afterwards it rereads a good one."""
    began = ward.recorder.now
    ward.recorder.act(f"{ward.edge} rereads its files, among them a certificate that ended yesterday")
    ward.stack.certify(ward.edge, days=EXPIRED_DAYS)
    try:

        def told() -> str:
            reads = [read for read in ward.witness.testimony.reads if read.at >= began]
            return next((read.trouble for read in reads if WORD in read.trouble), "")

        ward.await_landing(lambda: bool(told()), "a client who is told that the certificate has expired")
        yield f"a client: {told()}"
    finally:
        ward.recorder.act(f"{ward.edge} rereads its files, among them a good certificate")
        ward.stack.certify(ward.edge, days=GOOD_DAYS)
