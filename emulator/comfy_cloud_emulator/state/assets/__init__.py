"""The assets in the store: the table, search, JSON documents, public models, import tasks."""
