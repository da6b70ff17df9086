# Made from wrapper/comfy_cloud/_async/_jobs/__init__.py by `make unasync`. Do not edit.
"""Jobs: read them, list them on every kind of server, follow them, cancel them."""
