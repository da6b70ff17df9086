"""Keep keys and signed URLs out of the logs: ours, and those of the libraries below.

Those quote what servers send, and httpx logs each URL that it requests.

Changes the logging of this process: a filter on the loggers concerned. It costs nothing for lines
that are not logged.
"""

from __future__ import annotations

import logging
import traceback

from .._errors.key_forms import redact_known_keys
from .._errors.redaction import redact_urls

# A filter of a logger is not asked for the lines of the loggers below it.
_LOGGERS = (
    *("comfy_cloud", "httpx", "asyncio", "aiohttp.client", "aiohttp.internal", "websockets.client"),
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
)


class _KeyFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Take keys and signatures out of a line, and let it pass."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - as logging does it: a faulty line ends no program
            message = f"{record.msg} {record.args}"
        shown = _redacted(message)
        if shown != message:
            record.msg, record.args = shown, ()
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            shown = _redacted(text)
            if shown != text:
                record.exc_info, record.exc_text = None, shown
        return True


def _redacted(text: str) -> str:
    return redact_urls(redact_known_keys(text))


_FILTER = _KeyFilter()


def keep_keys_out_of_logs() -> None:
    """Make the loggers redact keys and signatures from now on. Does nothing the second time."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
