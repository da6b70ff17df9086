# Made from wrapper/comfy_cloud/_async/__init__.py by `make unasync`. Do not edit.
"""The sync client. `make unasync` makes `_sync` from `_async`; edit only the latter."""
