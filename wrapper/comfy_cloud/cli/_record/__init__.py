"""What `record` and `replay` share: options, and running a program against a server."""
