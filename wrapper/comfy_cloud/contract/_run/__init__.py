"""Contract runs: a whole server asked for every operation, and the report of it."""
