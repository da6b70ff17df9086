"""Warnings that point at the line of the user's program that made the call, not at a line in here.

The caller decides what is worth a warning. Nothing is logged or raised here.
"""

from __future__ import annotations

import sys
import warnings
from os.path import dirname, join

from ._errors.redaction import redact_text
from .errors import ComfyCloudWarning

_PACKAGE = join(dirname(__file__), "")


def warn(message: str) -> None:
    """Warn at the line that called into this package, however deep in it this is called."""
    level = 2  # 1 is this function
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(redact_text(message), ComfyCloudWarning, stacklevel=level)
