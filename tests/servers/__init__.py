"""Tests that start their own servers, beside the emulator of the fixtures."""
