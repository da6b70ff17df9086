"""Tests of the scripts that read and edit the vendored contract."""
