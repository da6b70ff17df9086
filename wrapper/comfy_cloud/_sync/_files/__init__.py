# Made from wrapper/comfy_cloud/_async/_files/__init__.py by `make unasync`. Do not edit.
"""Files as the sync client moves them: transfers, downloads, uploads and imports of assets."""
