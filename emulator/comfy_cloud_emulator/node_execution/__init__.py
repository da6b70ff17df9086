"""Executing nodes: values, images and other files, always the same for the same workflow.

Pillow computes what needs no model; the rest gets a placeholder image. Knows nothing of job states
or HTTP.
"""
