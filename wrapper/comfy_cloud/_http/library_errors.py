"""Which exceptions come from the libraries below a request, and not from the caller's code.

Pure rules. A library may raise anything for a malformed response: its own classes, but also
ValueError, UnicodeError, RuntimeError or RecursionError. The modules that it was raised in decide,
since an exception of the caller's own body, transport or hook has to reach the caller unchanged.
"""

from __future__ import annotations

import httpx

# Top-level modules that run while a request is sent or a body is read.
_LIBRARIES = frozenset(
    (
        *("httpx", "httpcore", "h11", "h2", "hpack", "hyperframe", "socksio", "sniffio", "anyio", "trio"),
        *("aiohttp", "httpx_aiohttp", "yarl", "multidict", "frozenlist", "propcache", "aiosignal"),
        *("aiohappyeyeballs", "idna", "certifi", "truststore", "uvloop", "async_timeout", "outcome"),
        *("zstandard", "backports", "compression", "brotli", "brotlicffi", "zlib", "gzip"),
        *("asyncio", "concurrent", "selectors", "socket", "ssl", "threading", "contextlib", "functools"),
        *("http", "urllib", "email", "codecs", "encodings", "json", "re", "_collections_abc", "typing"),
        *("calendar", "datetime", "ipaddress", "time", "warnings", "logging"),
    )
)
# Modules of ours that read what the caller passed in.
_READS_THE_BODY = ("comfy_cloud._http.file_streams", "comfy_cloud._http.forms")


def is_from_a_library(error: Exception) -> bool:
    """Whether an exception was raised by a library below the client."""
    if isinstance(error, (httpx.HTTPError, httpx.InvalidURL)):
        return True
    if type(error).__module__.partition(".")[0] in ("aiohttp", "httpcore", "anyio", "h11"):
        return True
    step = error.__traceback__
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__", ""))
        top = name.partition(".")[0]
        if name in _READS_THE_BODY or not (top == "comfy_cloud" or top in _LIBRARIES):
            return False
        step = step.tb_next
    return True
