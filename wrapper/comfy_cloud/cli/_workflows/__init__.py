"""Workflows on the command line: where they are read, what is set in them, how they are shown."""
