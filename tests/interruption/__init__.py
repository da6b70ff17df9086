"""Interruptions: Ctrl-C, a killed process, and cancelled tasks. Some tests start processes."""
