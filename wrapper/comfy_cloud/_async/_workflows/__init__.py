"""The node classes of a server, fetched and cached."""
