# Made from wrapper/comfy_cloud/_async/__init__.py by `make unasync`. Do not edit.
"""The source of everything that does I/O. `_sync` is made from these modules by `make unasync`; edit here only."""
