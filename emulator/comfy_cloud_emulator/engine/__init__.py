"""Running jobs: the queue, the clock, and what the node classes make.

Knows nothing of HTTP. `engine` is the scheduler, `run` the life of one job.
"""
