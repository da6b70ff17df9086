# Made from wrapper/comfy_cloud/_async/_files/__init__.py by `make unasync`. Do not edit.
"""Files: transfers, downloads, and uploads and imports of assets."""
