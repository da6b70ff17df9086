"""Tests for the conversion of the editor's workflows."""
