# Made from wrapper/comfy_cloud/_async/_submission/__init__.py by `make unasync`. Do not edit.
"""Submit workflows exactly once, wait for their jobs, and run many variants."""
