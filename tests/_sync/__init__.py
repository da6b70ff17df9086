# Made from tests/_async/__init__.py by `make unasync`. Do not edit.
