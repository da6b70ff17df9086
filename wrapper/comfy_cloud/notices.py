"""Warnings that point at the line of the program which asked, not at the library's own line that noticed.

What is worth a warning is decided where it is noticed. Nothing here is logged or raised.
"""

from __future__ import annotations

import sys
import warnings
from os.path import dirname, join

from .errors import ComfyCloudWarning

_HERE = join(dirname(__file__), "")


def warn(message: str) -> None:
    """Warn whoever called into this package, however deep in it this is noticed."""
    level = 2  # 1 is this function
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, ComfyCloudWarning, stacklevel=level)
