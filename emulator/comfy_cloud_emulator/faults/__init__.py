"""Scripted faults: what goes wrong, for which requests, and how often."""

from __future__ import annotations

from .script import KINDS, Fault, FaultKind, FaultScript

__all__ = ["KINDS", "Fault", "FaultKind", "FaultScript"]
