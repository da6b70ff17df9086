"""Whether this process is the kernel of a notebook, found without importing IPython."""

from __future__ import annotations

import sys
from typing import Any


def is_notebook() -> bool:
    """Whether this is a kernel of Jupyter, which shows HTML; a terminal's IPython is not one."""
    ipython = sys.modules.get("IPython")
    if ipython is None:
        return False
    try:
        return getattr(ipython.get_ipython(), "kernel", None) is not None
    except Exception:  # noqa: BLE001 - whatever another library does, a transfer goes on
        return False


def show(shown: Any) -> Any:
    """Show an object in the cell, and give the handle by which it is drawn again."""
    from importlib import import_module

    return import_module("IPython.display").display(shown, display_id=True)
