"""Running an ASGI application on a loopback port: the thread, its connections, and the signals that end it."""
