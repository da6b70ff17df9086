"""The version of this distribution, and nothing else: the command line reads it without importing the rest."""

__version__ = "0.1.0"
