"""Tests of the mirror: its tables, its sync, and what is asked of it."""
