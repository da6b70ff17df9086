"""Jobs: read them, list them on every kind of server, follow them, cancel them."""
