# Made from wrapper/comfy_cloud/_async/_workflows/__init__.py by `make unasync`. Do not edit.
"""The node classes of a server, fetched and cached."""
