"""Submitting workflows exactly once, waiting for their jobs, and running many variants."""
