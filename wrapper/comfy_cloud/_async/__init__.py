"""The async client. `make unasync` makes `_sync` from `_async`; edit only the latter."""
