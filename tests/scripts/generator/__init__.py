"""Tests of what makes the generated client."""
