"""Making `generated/`: openapi-python-client with our templates and their filters."""
