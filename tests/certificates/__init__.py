"""A private CA, and a certificate that it issued: for loopback, comfy.test and *.comfy.test.

`server.pem` has the key of that certificate, which protects nothing. Both are valid until 2125. The
key of the CA was thrown away.
"""

from __future__ import annotations

import ssl
from pathlib import Path

FOLDER = Path(__file__).parent
AUTHORITY = FOLDER / "authority.pem"


def server_context() -> ssl.SSLContext:
    """The TLS context of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "server.pem")
    return context
