# Made from wrapper/comfy_cloud/_async/_http/__init__.py by `make unasync`. Do not edit.
"""Requests of a client: the session that sends them, fallbacks, and iteration over pages."""
