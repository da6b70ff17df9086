"""One emulated cloud put together: its settings, its accounts, the application of each, and the time of its jobs."""
