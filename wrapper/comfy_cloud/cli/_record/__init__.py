"""What `record` and `replay` share: `program` runs a program against a server on this machine."""
