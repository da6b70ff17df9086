"""The source of everything that does I/O. `_sync` is made from these modules by `make unasync`; edit here only."""
