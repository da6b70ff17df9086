"""What the sources of the client say about themselves: public classes, docstrings, signatures."""
