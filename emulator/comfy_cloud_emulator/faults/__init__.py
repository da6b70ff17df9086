"""Scripted faults: what goes wrong, for which requests, and how often."""

from __future__ import annotations

from .fault import KINDS, Fault, FaultKind
from .script import FaultScript

__all__ = ["KINDS", "Fault", "FaultKind", "FaultScript"]
