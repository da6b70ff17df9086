"""The proof of a generated tree: imports, types, and a round trip of every operation."""
