"""The assets in the store: searching them, their JSON documents, public models, and import tasks."""
