"""`python -m comfy_cloud`, the same program as the command `comfy-cloud`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
