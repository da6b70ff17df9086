"""The jobs in the store: the job, its statuses, its rows, its JSON documents, and lists of jobs."""
