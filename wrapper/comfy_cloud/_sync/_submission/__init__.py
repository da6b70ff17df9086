# Made from wrapper/comfy_cloud/_async/_submission/__init__.py by `make unasync`. Do not edit.
"""Submitting workflows exactly once, waiting for their jobs, and running many variants."""
