"""Errors: the exception classes, what error bodies and codes mean, and what counts as a secret.

Every module here is pure: no files, no sockets, no clock. `comfy_cloud.errors` exports what is
public.
"""
