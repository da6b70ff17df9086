# Made from wrapper/comfy_cloud/_async/_http/__init__.py by `make unasync`. Do not edit.
"""Sending requests: the session that every resource is given, fallbacks, and iteration over pages."""
