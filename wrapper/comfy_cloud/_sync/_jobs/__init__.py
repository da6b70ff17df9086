# Made from wrapper/comfy_cloud/_async/_jobs/__init__.py by `make unasync`. Do not edit.
"""Jobs: reading and listing them on each kind of server, following them, cancelling them."""
