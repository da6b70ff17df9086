# Made from wrapper/comfy_cloud/_async/_workflows/__init__.py by `make unasync`. Do not edit.
"""What the server knows about node classes, fetched and kept."""
