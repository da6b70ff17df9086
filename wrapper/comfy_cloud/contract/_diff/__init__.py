"""What changed between two versions of a contract, and what of it breaks a program."""
