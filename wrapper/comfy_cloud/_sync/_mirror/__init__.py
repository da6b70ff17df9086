# Made from wrapper/comfy_cloud/_async/_mirror/__init__.py by `make unasync`. Do not edit.
"""Keeping a mirror of the history up to date: reading lists and details, and following events."""
