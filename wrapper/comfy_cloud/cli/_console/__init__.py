"""What all commands share: options, exit codes, the client, messages, output formats."""
