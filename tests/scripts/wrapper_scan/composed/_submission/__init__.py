from __future__ import annotations

from .payload import AsyncPayload as AsyncPayload
