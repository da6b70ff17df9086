"""The version, written here only. The build reads it; the command imports nothing else for it."""

__version__ = "0.1.0"
