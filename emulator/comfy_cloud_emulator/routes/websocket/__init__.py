"""The websocket: its sockets, and the events they share."""
