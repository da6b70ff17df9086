"""Requests of a client: the session that sends them, fallbacks, and iteration over pages."""
