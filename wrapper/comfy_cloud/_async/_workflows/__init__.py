"""What the server knows about node classes, fetched and kept."""
