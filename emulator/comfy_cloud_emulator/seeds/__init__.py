"""Generated jobs: a varied month for trials, or large numbers for benchmarks.

Deterministic: the same seed and the same starting instant give the same jobs, byte for byte.
"""
