"""Submit workflows exactly once, wait for their jobs, and run many variants."""
