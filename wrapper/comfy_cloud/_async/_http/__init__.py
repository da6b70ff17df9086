"""Sending requests: the session that every resource is given, fallbacks, and iteration over pages."""
