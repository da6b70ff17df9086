"""The jobs in the store: the job itself, its statuses, its rows, and the JSON documents in which it appears."""
