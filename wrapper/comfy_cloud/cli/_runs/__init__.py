"""Runs and sweeps: what is known of them, what is shown while they go on, and what they leave."""
