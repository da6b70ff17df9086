"""Tests of the proof of a generated tree."""
