"""Keeping a mirror of the history up to date: reading lists and details, and following events."""
