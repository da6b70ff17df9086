"""What the emulated cloud knows: jobs, their vocabulary of states, and the SQLite store that keeps them.

Nothing in here speaks HTTP, and nothing reads a clock of its own.
"""
