# Made from wrapper/comfy_cloud/_async/_submission/__init__.py by `make unasync`. Do not edit.
