"""Keep keys out of the logs: ours, and those of the libraries below, which quote what servers send.

Changes the logging of this process: a filter on the loggers concerned. It costs nothing for lines
that are not logged.
"""

from __future__ import annotations

import logging
import traceback

from .._errors.key_forms import redact_known_keys

# A filter of a logger is not asked for the lines of the loggers below it.
_LOGGERS = (
    *("comfy_cloud", "httpx", "asyncio", "aiohttp.client", "aiohttp.internal", "websockets.client"),
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
)


class _KeyFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Take the keys out of a line, and let it pass."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - as logging does it: a faulty line ends no program
            message = f"{record.msg} {record.args}"
        shown = redact_known_keys(message)
        if shown != message:
            record.msg, record.args = shown, ()
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            shown = redact_known_keys(text)
            if shown != text:
                record.exc_info, record.exc_text = None, shown
        return True


_FILTER = _KeyFilter()


def keep_keys_out_of_logs() -> None:
    """Make the loggers redact keys from now on. Does nothing the second time."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
