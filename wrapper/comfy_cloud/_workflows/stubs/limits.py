"""How much of a catalogue becomes types. Apart from the rest, since the client imports it."""

from __future__ import annotations

from typing import Final

MAX_CHOICES: Final = 1000
"""The longest list of choices that becomes a Literal: type checkers get slow with longer ones."""
