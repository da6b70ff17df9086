"""Generated jobs for an empty cloud: a varied month for trying things out, or great numbers for benchmarks.

Deterministic: the same seed and the same starting instant give the same jobs, byte for byte.
"""
