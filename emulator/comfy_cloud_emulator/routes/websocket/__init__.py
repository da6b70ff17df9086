"""The websocket: its connections, its frames, and passing events to many connections."""
