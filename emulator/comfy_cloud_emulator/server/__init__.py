"""Serving an ASGI application on a loopback port: thread, connections, and the signals to stop."""
