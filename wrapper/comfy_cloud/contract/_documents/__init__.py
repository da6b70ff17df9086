"""Contracts as documents: reading them, checking their form, and those of this release."""
