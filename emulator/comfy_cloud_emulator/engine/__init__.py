"""Running jobs: the scheduler, the clock, validation, and the events that jobs report.

Knows nothing of HTTP. `job_engine` is the scheduler, `run` the course of one job.
"""
